import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A program that is started again whenever it dies, as a service manager would. */
export class RestartedProcess {
  readonly #program: string
  readonly #environment: NodeJS.ProcessEnv
  #child: ChildProcess | undefined
  #log = ''
  #isOver = false

  /** Starts it. @param program a TypeScript file */
  constructor(program: string, environment: NodeJS.ProcessEnv) {
    this.#program = program
    this.#environment = environment
    this.#spawn()
  }

  /** What it has printed so far, over all its lives: the last 20 KB. */
  get log(): string {
    return this.#log
  }

  #spawn(): void {
    const child = spawn(process.execPath, ['--conditions=tramontane-source', this.#program], {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const keep = (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-20_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('exit', () => {
      if (!this.#isOver) this.#spawn()
    })
    this.#child = child
  }

  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  /** Kills it for good. */
  abandon(): void {
    this.#isOver = true
    this.kill()
  }

  /** Ends it in order, or after a while by force. */
  async stop(): Promise<void> {
    this.#isOver = true
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const stopped = once(child, 'exit')
    child.kill('SIGTERM')
    await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, 20_000).unref())])
    child.kill('SIGKILL')
    await stopped
  }
}
