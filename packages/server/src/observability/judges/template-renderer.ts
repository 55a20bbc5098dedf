import { LimitedProcesses } from '../../platform/processes/limited-processes.ts'

/** What a process is asked: to render one template for each set of variables; none: only to parse it. */
export interface RenderRequest {
  readonly template: string
  readonly variables: readonly Record<string, unknown>[]
  /** Characters that a text may have. */
  readonly maxLength: number
  readonly timeLimitMs: number
}

/**
 * What became of a template: its text, with the names of the variables that it reads · it does not parse · it failed
 * on these variables, or went past a limit.
 */
export type Rendered =
  | { readonly kind: 'text'; readonly text: string; readonly names: readonly string[] }
  | { readonly kind: 'syntax'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string }

const MAX_LENGTH = 1_000_000
const HEAP_MB = 128
/** Beside the time limits that the process keeps itself: for native code that does not stop when its time is over. */
const GRACE_MS = 5_000
const IDLE_MS = 60_000

/** Renders users' templates in processes of their own, under limits of time, memory and length. */
export class TemplateRenderer {
  readonly #timeLimitMs: number
  readonly #processes: LimitedProcesses<RenderRequest, readonly Rendered[]>

  /** @param options.processes at most; they start when they are first needed */
  constructor({ timeLimitMs = 500, processes = 2 } = {}) {
    this.#timeLimitMs = timeLimitMs
    this.#processes = new LimitedProcesses({
      module: 'template-process',
      from: import.meta.url,
      heapMb: HEAP_MB,
      size: processes,
      idleMs: IDLE_MS,
    })
  }

  /**
   * Parses a template.
   * @returns the message of its first mistake, or undefined
   */
  async check(template: string): Promise<string | undefined> {
    const [mistake] = (await this.#run(template, [])) ?? [this.#exhausted()]
    return mistake?.kind === 'text' ? undefined : mistake?.message
  }

  /**
   * Renders a template once for each set of variables. What one set does to it leaves the others alone.
   * @returns as many answers as there are sets, in their order
   */
  async render(
    template: string,
    variables: readonly Record<string, unknown>[],
  ): Promise<readonly Rendered[]> {
    if (variables.length === 0) return []
    const answers = await this.#run(template, variables)
    if (answers) return answers.length === variables.length ? answers : variables.map(() => answers[0]!)
    if (variables.length === 1 || this.#processes.stopped) return variables.map(() => this.#exhausted())
    // Half and half, down to the sets that kill the process by themselves.
    const middle = variables.length >> 1
    const first = await this.render(template, variables.slice(0, middle))
    return [...first, ...(await this.render(template, variables.slice(middle)))]
  }

  /** Ends the processes. What still waits is answered as having failed. */
  stop(): void {
    this.#processes.stop()
  }

  #exhausted(): Rendered {
    return {
      kind: 'failed',
      message: `it takes more than ${HEAP_MB} MB of memory, or does not stop when its time is over`,
    }
  }

  /** @returns undefined if the process died over it */
  #run(template: string, variables: RenderRequest['variables']): Promise<readonly Rendered[] | undefined> {
    const request = { template, variables, maxLength: MAX_LENGTH, timeLimitMs: this.#timeLimitMs }
    return this.#processes.run(request, this.#timeLimitMs * (variables.length + 2) + GRACE_MS)
  }
}
