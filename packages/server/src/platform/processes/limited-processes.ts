import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { processorTime } from './processor-time.ts'

/** What the processes run, and how many of them there may be. */
export interface ProcessSettings {
  /** The module without its extension, beside the caller's; it says anything as soon as it can take requests. */
  readonly module: string
  /** `import.meta.url` of the caller. */
  readonly from: string
  /** Megabytes of memory; past them a process dies. */
  readonly heapMb: number
  /** At most; they start when they are first needed. */
  readonly size: number
  /** After which time without work a process ends. */
  readonly idleMs: number
}

interface Job<Request, Answer> {
  readonly request: Request
  readonly timeLimitMs: number
  readonly done: (answer: Answer | undefined) => void
}

/** Loading takes long on a machine that is busy, and is not the fault of what waits for it. */
const START_MS = 30_000
/** A process that waits for the processor is not at fault, but nobody waits for ever: so many times its limit. */
const PATIENCE = 10

/**
 * Runs what users wrote (templates, schemas) in processes of their own, which are killed when they take too much time
 * or memory. They have no environment. Each answers one message with one message.
 */
export class LimitedProcesses<Request, Answer> {
  readonly #settings: ProcessSettings
  readonly #processes = new Set<LimitedProcess<Request, Answer>>()
  readonly #idle: LimitedProcess<Request, Answer>[] = []
  readonly #waiting: Job<Request, Answer>[] = []
  #stopped = false

  constructor(settings: ProcessSettings) {
    this.#settings = settings
  }

  /** Requests that no process has taken yet. */
  get waiting(): number {
    return this.#waiting.length
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /**
   * @param timeLimitMs of the processor's time, as far as the system tells it
   * @returns undefined if a process died over it or had to be killed, and after `stop`
   */
  run(request: Request, timeLimitMs: number): Promise<Answer | undefined> {
    return new Promise((done) => {
      if (this.#stopped) return done(undefined)
      this.#waiting.push({ request, timeLimitMs, done })
      this.#assign()
    })
  }

  /** Ends the processes, and gives up what waits. */
  stop(): void {
    this.#stopped = true
    for (const job of this.#waiting.splice(0)) job.done(undefined)
    for (const process of this.#processes) process.end()
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const process = this.#idle.pop() ?? this.#start()
      if (!process) return
      const { request, timeLimitMs, done } = this.#waiting.shift()!
      process.run(request, timeLimitMs).then((answer) => {
        if (process.alive) this.#idle.push(process)
        done(answer)
        this.#assign()
      })
    }
  }

  #start(): LimitedProcess<Request, Answer> | undefined {
    if (this.#processes.size >= this.#settings.size) return undefined
    const process = new LimitedProcess<Request, Answer>(this.#settings, () => {
      this.#processes.delete(process)
      const place = this.#idle.indexOf(process)
      if (place >= 0) this.#idle.splice(place, 1)
    })
    this.#processes.add(process)
    return process
  }
}

/** One process; it answers one request at a time. */
class LimitedProcess<Request, Answer> {
  readonly #child: ChildProcess
  readonly #idleMs: number
  readonly #ready: Promise<unknown>
  readonly #onEnd: () => void
  #alive = true
  #answer: ((answer: Answer | undefined) => void) | undefined
  #idle: NodeJS.Timeout | undefined

  /** @param onEnd is called as soon as the process is of no use any more */
  constructor({ module, from, heapMb, idleMs }: ProcessSettings, onEnd: () => void) {
    this.#idleMs = idleMs
    this.#onEnd = onEnd
    // `.ts` inside the repository, `.js` in what is published.
    const file = new URL(`./${module}${path.extname(from)}`, from)
    this.#child = fork(fileURLToPath(file), {
      env: {},
      execArgv: [`--max-old-space-size=${heapMb}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.#child.on('error', () => this.#over())
    this.#child.on('exit', () => this.#over())
    this.#ready = new Promise((resolve) => this.#child.once('message', resolve))
    this.#ready.then(() => {
      this.#child.on('message', (answer) => this.#settle(answer as Answer))
    })
    this.#rest()
  }

  get alive(): boolean {
    return this.#alive
  }

  run(request: Request, timeLimitMs: number): Promise<Answer | undefined> {
    clearTimeout(this.#idle)
    this.#child.ref()
    this.#child.channel?.ref()
    let limit = setTimeout(() => this.end(), START_MS)
    return new Promise((resolve) => {
      this.#answer = (answer) => {
        clearTimeout(limit)
        resolve(answer)
      }
      if (!this.#alive) return this.#settle(undefined)
      this.#ready.then(() => {
        clearTimeout(limit)
        if (!this.#alive) return
        const [startedAt, used] = [performance.now(), processorTime(this.#child.pid)]
        const check = () => {
          const now = processorTime(this.#child.pid)
          const left = used === undefined || now === undefined ? 0 : timeLimitMs - (now - used)
          if (left <= 0 || performance.now() - startedAt > timeLimitMs * PATIENCE) return this.end()
          limit = setTimeout(check, left)
        }
        limit = setTimeout(check, timeLimitMs)
        this.#send(request)
      })
    })
  }

  /** Kills it. It is given nothing more to do, though it may take a moment to die. */
  end(): void {
    this.#over()
    this.#child.kill('SIGKILL')
  }

  /** What does not go into one message kills the process, as what is too much for it does. */
  #send(request: Request): void {
    try {
      this.#child.send(request as object, (error) => error && this.end())
    } catch {
      this.end()
    }
  }

  #over(): void {
    if (!this.#alive) return
    this.#alive = false
    this.#onEnd()
    this.#settle(undefined)
  }

  /** Does not keep the server from ending while nothing is to be done. */
  #rest(): void {
    this.#child.unref()
    this.#child.channel?.unref()
  }

  #settle(answer: Answer | undefined): void {
    const settle = this.#answer
    this.#answer = undefined
    this.#rest()
    clearTimeout(this.#idle)
    if (this.#alive) this.#idle = setTimeout(() => this.end(), this.#idleMs).unref()
    settle?.(answer)
  }
}
