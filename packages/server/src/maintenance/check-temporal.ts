import type { Config } from '../config/config.ts'
import { type ExternalTemporal, isLoopback } from '../config/temporal-settings.ts'
import { lookForPrograms } from '../platform/temporal/find-programs.ts'
import { lastPorts, temporalPaths } from '../platform/temporal/temporal-config.ts'
import { TemporalConnection, type TemporalEndpoint } from '../platform/temporal/temporal-connection.ts'
import { findTemporal } from '../platform/temporal/temporal-process.ts'
import { type Finding, ok, problem, warning } from './finding.ts'
import { isFree } from './free-port.ts'

const ENGINE = 'workflow engine'
const PROGRAMS = 'temporal programs'
const WORKERS = 'worker address'
const ANSWER_MS = 5_000
const ADDRESS =
  'name a Temporal that runs elsewhere with TRAMONTANE_TEMPORAL_ADDRESS, or switch workflows off with `none`'

/**
 * Looks over the workflow engine and the way to it for workers, and changes nothing.
 * @param running whether the server of this data directory runs
 */
export async function checkTemporal(config: Config, running: boolean): Promise<Finding[]> {
  const { temporal } = config
  if (temporal.kind === 'none') {
    return temporal.reason === 'off'
      ? [ok(ENGINE, 'it is switched off (TRAMONTANE_TEMPORAL_ADDRESS is none)')]
      : [
          warning(
            ENGINE,
            'there is none beside a database of your own (TRAMONTANE_DATABASE_URL): everything but workflows works',
            ADDRESS,
          ),
        ]
  }
  const engine =
    temporal.kind === 'external'
      ? [await checkExternal(temporal)]
      : [await checkPrograms(config, temporal.bin), await checkManaged(config, running)]
  return [...engine, await checkWorkers(config, running)]
}

async function checkExternal(temporal: ExternalTemporal): Promise<Finding> {
  const answer = await ask(temporal)
  const name = `Temporal at ${temporal.address}`
  if (answer.reason === undefined) return ok(ENGINE, `${name} answers, version ${answer.version}`)
  return problem(
    ENGINE,
    `${name} does not answer: ${answer.reason}`,
    'mend TRAMONTANE_TEMPORAL_ADDRESS and what goes with it (TLS, key), or start that Temporal',
  )
}

async function checkPrograms(config: Config, bin: string | null): Promise<Finding> {
  const { found, missing, version, go } = await lookForPrograms({
    bin,
    keep: temporalPaths(config.dataDir).programs,
  })
  if (found) return ok(PROGRAMS, `Temporal ${found.version} (${found.origin}): ${found.server}`)
  if (missing !== undefined) return problem(PROGRAMS, missing, `mend TRAMONTANE_TEMPORAL_BIN, or ${ADDRESS}`)
  if (go !== undefined)
    return ok(PROGRAMS, `a start of the server builds Temporal ${version} with ${go}, once, in some minutes`)
  return warning(
    PROGRAMS,
    `there is no Go to build Temporal ${version} with; a start of the server fetches the official release`,
    `install Go, put temporal-server and temporal-sql-tool into a folder that TRAMONTANE_TEMPORAL_BIN names, or ${ADDRESS}`,
  )
}

async function checkManaged(config: Config, running: boolean): Promise<Finding> {
  const { configFile, processFile, portsFile, logFile } = temporalPaths(config.dataDir)
  const found = findTemporal(configFile, processFile)
  const ports = lastPorts(portsFile)
  if (!found || !ports) {
    if (!running) return ok(ENGINE, 'the managed Temporal is stopped; the server starts it')
    return problem(
      ENGINE,
      'the server runs, but its Temporal does not (yet)',
      `it may be being made or starting: see the log of the server, and ${logFile}`,
    )
  }
  const answer = await ask({ address: `127.0.0.1:${ports.frontend.rpc}`, tls: null, apiKey: null })
  if (!running)
    return warning(
      ENGINE,
      'Temporal runs without its server, which was killed',
      'start the server: it goes on with it',
    )
  if (answer.reason === undefined) return ok(ENGINE, `the managed Temporal ${answer.version} answers`)
  return problem(
    ENGINE,
    `the managed Temporal runs, but does not answer: ${answer.reason}`,
    `the server replaces it if that goes on; ${logFile} may say why`,
  )
}

async function checkWorkers({ workers: { host, port, tls } }: Config, running: boolean): Promise<Finding> {
  const address = `${host}:${port}`
  if (!tls && !isLoopback(host))
    return problem(
      WORKERS,
      `workers cannot connect: other machines can reach ${host}, and keys would travel unencrypted`,
      'set TRAMONTANE_WORKER_TLS_CERT and TRAMONTANE_WORKER_TLS_KEY, or TRAMONTANE_WORKER_HOST to 127.0.0.1',
    )
  if (running) return ok(WORKERS, `${address}${tls ? ', with TLS' : ''}`)
  if (await isFree(host, port)) return ok(WORKERS, `${address} is free`)
  return problem(
    WORKERS,
    `port ${port} of ${host} is in use by another program, or is not this machine's`,
    'stop that program, or set TRAMONTANE_WORKER_PORT and TRAMONTANE_WORKER_HOST',
  )
}

async function ask(endpoint: TemporalEndpoint): Promise<{ version?: string; reason?: string }> {
  const connection = new TemporalConnection(endpoint)
  try {
    const { serverVersion } = await connection.withDeadline(ANSWER_MS, () =>
      connection.workflowService.getSystemInfo({}),
    )
    return { version: serverVersion }
  } catch (error) {
    const { details, message } = error as { details?: string; message: string }
    return { reason: (details || message).split('\n')[0]!.slice(0, 300) }
  } finally {
    await connection.close()
  }
}
