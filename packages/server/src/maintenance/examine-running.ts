import type { Config } from '../config/config.ts'
import type { WorkerEntrance } from '../platform/temporal/worker-proxy/worker-proxy.ts'
import { doctor } from './doctor.ts'
import type { Finding } from './finding.ts'

/**
 * What the doctor finds when the server itself asks.
 * @param url where it listens, which the system may have chosen, as `workers`
 */
export function examineRunning(
  config: Config,
  url: string,
  workers: WorkerEntrance | undefined,
): Promise<Finding[]> {
  const workerPort = workers?.address?.address.split(':').at(-1)
  return doctor({
    ...config,
    http: { ...config.http, port: Number(new URL(url).port) },
    workers: { ...config.workers, port: workerPort === undefined ? config.workers.port : Number(workerPort) },
  })
}
