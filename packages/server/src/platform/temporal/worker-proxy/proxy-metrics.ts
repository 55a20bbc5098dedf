import { Counter, Gauge, type Registry } from 'prom-client'
import type { Reason } from './grpc-status.ts'

/** What is counted of the calls of workers. */
export interface ProxyMetrics {
  called(method: string, code: number): void
  denied(reason: Reason): void
}

/** @param open counts what is open at the moment; asked when the metrics are read */
export function proxyMetrics(
  registry: Registry,
  open: () => { calls: number; connections: number },
): ProxyMetrics {
  const calls = new Counter({
    name: 'tramontane_worker_calls_total',
    help: 'Calls of workers to Temporal that have ended, by method and by the code of their gRPC status',
    labelNames: ['method', 'code'],
    registers: [registry],
  })
  const denied = new Counter({
    name: 'tramontane_worker_calls_denied_total',
    help: 'Calls of workers that were not passed on to Temporal, by what was wrong with them',
    labelNames: ['reason'],
    registers: [registry],
  })
  new Gauge({
    name: 'tramontane_worker_calls_open',
    help: 'Calls of workers that are under way; a worker that waits for tasks has several',
    registers: [registry],
    collect() {
      this.set(open().calls)
    },
  })
  new Gauge({
    name: 'tramontane_worker_connections',
    help: 'Connections of workers',
    registers: [registry],
    collect() {
      this.set(open().connections)
    },
  })
  return {
    called: (method, code) => calls.inc({ method, code }),
    denied: (reason) => denied.inc({ reason }),
  }
}
