import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findTemporal } from '@tramontane/server/platform/temporal/temporal-process'
import { eventually } from '@tramontane/testkit/eventually'
import { freePort } from '@tramontane/testkit/free-port'
import { RestartedProcess } from './restarted-process.ts'

const KEY = 'tmt_faults_admin_key_0123456789'

/** The parent of each process. */
function parents(): [pid: number, parent: number][] {
  if (process.platform !== 'linux')
    return execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((row) => row.trim().split(/\s+/).map(Number) as [number, number])
  return readdirSync('/proc').flatMap((entry): [number, number][] => {
    try {
      // `pid (name) state ppid …`, where the name may hold anything.
      const stat = readFileSync(`/proc/${Number(entry)}/stat`, 'utf8')
      return [[Number(entry), Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2])]]
    } catch {
      return []
    }
  })
}

/** A process and its children; PostgreSQL's backends are their own process groups. */
function family(pid: number): number[] {
  return [pid, ...parents().flatMap(([child, parent]) => (parent === pid ? [child] : []))]
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // Gone already.
    }
  }
}

const MAIN = path.resolve(import.meta.dirname, '../../packages/server/src/main.ts')

/** The workflows of an installation. */
export interface Workflows {
  /** Where Temporal's programs are. */
  readonly temporalBin: string
  /** The program of the worker. */
  readonly worker: string
}

/**
 * A Tramontane as a user has it: a server process with its managed PostgreSQL in a data directory and, with `workflows`, its
 * managed Temporal and a worker. Server and worker are started again whenever they die, as a service manager would.
 */
export class Installation {
  readonly key = KEY
  readonly url: string
  readonly dataDir: string
  /** Where the worker may write. */
  readonly workDir: string
  /** `host:port` at which workers reach Temporal. */
  readonly workerAddress: string
  readonly #server: RestartedProcess
  readonly #worker: RestartedProcess | undefined

  private constructor(
    home: string,
    ports: { http: number; workers: number },
    providerUrl: string,
    workflows: Workflows | undefined,
  ) {
    this.dataDir = path.join(home, 'data')
    this.workDir = path.join(home, 'work')
    mkdirSync(this.workDir)
    this.url = `http://127.0.0.1:${ports.http}`
    this.workerAddress = `127.0.0.1:${ports.workers}`
    this.#server = new RestartedProcess(MAIN, {
      ...process.env,
      TRAMONTANE_PORT: String(ports.http),
      TRAMONTANE_DATA_DIR: this.dataDir,
      TRAMONTANE_API_KEY: KEY,
      TRAMONTANE_PROVIDER_URL: providerUrl,
      TRAMONTANE_LOG_LEVEL: 'warn',
      TRAMONTANE_TEMPORAL_ADDRESS: workflows ? '' : 'none',
      TRAMONTANE_TEMPORAL_BIN: workflows?.temporalBin ?? '',
      TRAMONTANE_WORKER_PORT: String(ports.workers),
    })
    if (workflows)
      this.#worker = new RestartedProcess(workflows.worker, {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        SERVER_URL: this.url,
        MISTRAL_API_KEY: KEY,
        DEPLOYMENT_NAME: 'faults',
        LOG_LEVEL: 'INFO',
        WORK_DIR: this.workDir,
      })
  }

  static async start(providerUrl: string, workflows?: Workflows): Promise<Installation> {
    const home = await mkdtemp(path.join(tmpdir(), 'tramontane-faults-'))
    await chmod(home, 0o755)
    const ports = { http: await freePort(), workers: await freePort() }
    const installation = new Installation(home, ports, providerUrl, workflows)
    // Nothing of it outlives this process.
    process.once('exit', installation.#abandon)
    await installation.ready()
    return installation
  }

  /** What server and worker printed last. */
  get log(): string {
    return this.#worker ? `${this.#server.log}\nthe worker:\n${this.#worker.log}` : this.#server.log
  }

  /** Waits until the server says that it can serve. */
  async ready(): Promise<void> {
    await eventually(
      async () => (await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok,
      { timeoutMs: 60_000 },
    ).catch((cause) => {
      throw new Error(`the server did not become ready:\n${this.log}`, { cause })
    })
  }

  /** Calls the API once; the answer's body is read to its end. */
  async call(
    method: string,
    target: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: unknown }> {
    const isForm = body instanceof FormData
    const response = await fetch(this.url + target, {
      method,
      headers: {
        authorization: `Bearer ${KEY}`,
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : isForm ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    })
    const text = await response.text()
    return {
      status: response.status,
      body: /json/.test(response.headers.get('content-type') ?? '') && text ? JSON.parse(text) : text,
    }
  }

  /** Calls the API until it answers with this status, through every fault. For calls that may safely be repeated. */
  async insist<T>(status: number, method: string, target: string, body?: unknown): Promise<T> {
    const answer = await eventually(
      async () => {
        const tried = await this.call(method, target, body)
        if (tried.status !== status)
          throw new Error(`${method} ${target} answered ${tried.status}: ${JSON.stringify(tried.body)}`)
        return tried
      },
      { timeoutMs: 120_000, everyMs: 100 },
    )
    return answer.body as T
  }

  #postgresPid(): number | undefined {
    try {
      const file = readFileSync(path.join(this.dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8')
      return Number(file.split('\n')[0]) || undefined
    } catch {
      return undefined
    }
  }

  readonly #abandon = (): void => {
    this.#worker?.abandon()
    this.#server.abandon()
    this.killTemporal()
    this.killPostgres()
  }

  killServer(): void {
    this.#server.kill()
  }

  killWorker(): void {
    this.#worker?.kill()
  }

  killTemporal(): void {
    const home = path.join(this.dataDir, 'temporal')
    const found = findTemporal(path.join(home, 'server.yaml'), path.join(home, 'process.json'))
    if (found) signalAll([found.pid], 'SIGKILL')
  }

  /** Kills PostgreSQL with all its backends. */
  killPostgres(): void {
    const pid = this.#postgresPid()
    if (pid) signalAll(family(pid), 'SIGKILL')
  }

  /** Freezes PostgreSQL with all its backends; the returned function lets it go on. */
  freezePostgres(): () => void {
    const pid = this.#postgresPid()
    if (!pid) return () => {}
    // The first process alone to begin with: it then makes no new ones.
    signalAll([pid], 'SIGSTOP')
    const frozen = family(pid)
    signalAll(frozen, 'SIGSTOP')
    return () => signalAll(frozen, 'SIGCONT')
  }

  async close(): Promise<void> {
    await this.#worker?.stop()
    await this.#server.stop()
    this.#abandon()
    process.off('exit', this.#abandon)
    await rm(path.dirname(this.dataDir), { recursive: true, force: true, maxRetries: 5 })
  }
}
