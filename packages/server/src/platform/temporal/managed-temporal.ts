import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Engine } from './engine.ts'
import type { FindPrograms } from './find-programs.ts'
import { choosePorts, lastPorts, temporalConfig, temporalPaths } from './temporal-config.ts'
import { answers } from './temporal-probe.ts'
import { boundLog, endTemporal, findTemporal, isRunning, launchTemporal } from './temporal-process.ts'
import { ProgramsMissingError, type TemporalPrograms } from './temporal-programs.ts'
import { forgetMembers, prepareSchema } from './temporal-schema.ts'

/** Until all its services serve; a start takes a second or two. */
const START_MS = 120_000
const WATCH_MS = 500
const PROBE_MS = 5_000
/** How long one that says nothing is waited for before it is replaced: a busy machine makes a live one slow. */
const SILENCE_AT_START_MS = 20_000
const SILENCE_RUNNING_MS = 30_000
const STOP_MS = 20_000
const MAX_BACKOFF_MS = 30_000

/**
 * A Temporal child process with its data in the managed PostgreSQL: found or made, adopted or started, watched over, and
 * started again when it dies. Nothing waits for it: whether it is there is what `unavailable` says.
 */
export class ManagedTemporal implements Engine {
  readonly #parts: ManagedTemporalParts
  readonly #paths: ReturnType<typeof temporalPaths>
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  #unavailable: string | null = 'The workflow engine (Temporal) is starting; try again in a moment.'
  #address: string | null = null

  constructor(parts: ManagedTemporalParts) {
    this.#parts = parts
    this.#paths = temporalPaths(parts.dataDir)
    this.#running = this.#run()
  }

  get unavailable(): string | null {
    return this.#unavailable
  }

  get address(): string | null {
    return this.#address
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    this.#unavailable = 'The workflow engine (Temporal) is stopped.'
    await endTemporal(this.#paths.configFile, STOP_MS)
  }

  async #run(): Promise<void> {
    const { logger } = this.#parts
    const { signal } = this.#stopping
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const programs = await this.#parts.programs(signal, (doing) => {
          this.#unavailable = doing
        })
        const { pid, address } = await this.#bringUp(programs)
        this.#address = address
        this.#unavailable = null
        failures = 0
        logger.info({ address, version: programs.version, temporalPid: pid }, 'Temporal is ready')
        await this.#watch(pid, address)
        signal.throwIfAborted()
        this.#unavailable = 'The workflow engine (Temporal) has died and is being started again.'
        logger.error('Temporal has died; starting it again')
      } catch (error) {
        if (signal.aborted) return
        const before = this.#unavailable
        this.#unavailable =
          error instanceof ProgramsMissingError
            ? error.message
            : `The workflow engine (Temporal) does not start: ${(error as Error).message}.`
        if (this.#unavailable !== before)
          logger.error({ err: error }, 'Temporal does not start; it is tried again and again')
        await delay(Math.min(500 * 2 ** failures, MAX_BACKOFF_MS), undefined, { signal }).catch(() => {})
      }
    }
  }

  /** Gets a Temporal to serve, whatever an earlier server left behind. */
  async #bringUp(programs: TemporalPrograms): Promise<{ pid: number; address: string }> {
    const { database, logger } = this.#parts
    const { home, portsFile, configFile, dynamicConfigFile, processFile, logFile, schemaFile, restored } =
      this.#paths
    const { signal } = this.#stopping
    mkdirSync(home, { recursive: true })
    chmodSync(home, 0o700)
    const configOf = (ports: NonNullable<ReturnType<typeof lastPorts>>) =>
      temporalConfig({
        database,
        ports,
        dynamicConfigFile,
        program: `${programs.version} ${programs.server}`,
      })
    const found = findTemporal(configFile, processFile)
    const kept = lastPorts(portsFile)
    if (found && kept) {
      const { address, mark } = configOf(kept)
      const isServing = (signal: AbortSignal) => answers(address, SILENCE_AT_START_MS, signal)
      if (found.mark === mark && (await this.#whileRunning(found.pid, isServing))) {
        logger.info({ temporalPid: found.pid }, 'adopted the Temporal that an earlier server left running')
        return { pid: found.pid, address }
      }
      logger.warn({ temporalPid: found.pid }, 'replacing the Temporal that an earlier server left running')
    }
    if (found) await endTemporal(configFile, STOP_MS)
    const { sqlTool, version } = programs
    await prepareSchema({ sqlTool, version, database, schemaFile, restored, signal, logger })
    await forgetMembers(database)
    const ports = await choosePorts(portsFile)
    const { address, config, dynamicConfig, mark } = configOf(ports)
    for (const [file, text] of [
      [portsFile, JSON.stringify(ports)],
      [configFile, config],
      [dynamicConfigFile, dynamicConfig],
    ] as const)
      writeFileSync(file, text, { mode: 0o600 })
    signal.throwIfAborted()
    const program = programs.server
    const { pid, ended } = launchTemporal({ program, home, configFile, processFile, logFile, mark })
    const serving = new AbortController()
    const reason = await Promise.race([
      ended,
      answers(address, START_MS, AbortSignal.any([signal, serving.signal])).then((yes) =>
        yes ? undefined : `it is not ready after ${START_MS / 1000} s`,
      ),
    ]).finally(() => serving.abort())
    signal.throwIfAborted()
    if (reason !== undefined) {
      await endTemporal(configFile, 0)
      throw new Error(`${reason} (${logFile} has more)`)
    }
    return { pid, address }
  }

  /** Resolves when Temporal has died, or was ended because it had been silent for long. */
  async #watch(pid: number, address: string): Promise<void> {
    const isSilent = await this.#whileRunning(pid, (signal) => this.#fallsSilent(address, signal))
    if (!isSilent) return
    this.#parts.logger.error({ temporalPid: pid }, 'Temporal runs but does not answer; replacing it')
    await endTemporal(this.#paths.configFile, STOP_MS)
  }

  /** @returns true when Temporal has fallen silent; false when the signal has fired */
  async #fallsSilent(address: string, signal: AbortSignal): Promise<boolean> {
    while (await pause(PROBE_MS, signal)) {
      boundLog(this.#paths.logFile, true)
      if (!(await answers(address, SILENCE_RUNNING_MS, signal))) return !signal.aborted
    }
    return false
  }

  /** @returns what `ask` does; false as soon as the process is gone, or this is stopping */
  async #whileRunning(pid: number, ask: (signal: AbortSignal) => Promise<boolean>): Promise<boolean> {
    const over = new AbortController()
    const signal = AbortSignal.any([this.#stopping.signal, over.signal])
    const gone = async () => {
      while (isRunning(pid, this.#paths.configFile) && (await pause(WATCH_MS, signal)));
      return false
    }
    return Promise.race([gone(), ask(signal)]).finally(() => over.abort())
  }
}

/** What a managed Temporal needs. */
export interface ManagedTemporalParts {
  readonly dataDir: string
  /** The managed PostgreSQL; the name of the database in it does not matter. */
  readonly database: string
  readonly logger: Logger
  readonly programs: FindPrograms
}

/** False when the signal fires. */
function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return delay(milliseconds, true, { signal }).catch(() => false)
}
