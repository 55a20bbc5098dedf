import { setTimeout as delay } from 'node:timers/promises'
import { storableText } from '@tramontane/contract/filter-check'
import { GroupCommit } from '../../platform/database/group-commit.ts'
import { ApiError } from '../../platform/http/errors.ts'
import { ModelError } from '../../platform/models/model-error.ts'
import type { EventReader } from '../events/event-reader.ts'
import { type CampaignRunStore, type Outcome, type Run, RunIsOverError } from './campaign-run-store.ts'
import { Circuit, OutageError } from './circuit.ts'
import type { JudgeFunctions, Verdict } from './judge-functions.ts'
import { type JudgeTask, PromptFeed } from './prompt-feed.ts'

/** What a run needs of others. */
export interface RunNeeds {
  readonly store: CampaignRunStore
  readonly events: Pick<EventReader, 'getMany'>
  readonly judges: JudgeFunctions
  /** How many calls of a model can be under way at a time; throws ApiError PROVIDER_NOT_CONFIGURED. */
  readonly concurrency: (model: string) => number
}

/** The judge itself cannot work: no event of the campaign can be judged. */
class JudgeCannotWorkError extends Error {
  override readonly name = 'JudgeCannotWorkError'
}

const ATTEMPTS = 6
const FIRST_BACKOFF_MS = 1_000
const MAX_BACKOFF_MS = 30_000
/** Instructions that fail on this many events in a row, and have not worked on any, are taken to be broken. */
const BROKEN_TEMPLATE = 10
const MAX_COMMIT = 100
const CHECK_MS = 1_000

const MAX_REASON = 1_000

function toReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return storableText(message.slice(0, MAX_REASON))
}

/** Judges the events of one run that still wait, with as many calls at a time as the provider takes. */
export class CampaignRunner {
  readonly #run: Run
  readonly #needs: RunNeeds
  readonly #feed: PromptFeed
  readonly #circuit = new Circuit()
  readonly #commits: GroupCommit<Outcome>
  /** Ends every call under way. */
  readonly #stop = new AbortController()
  /** Rejects when the run has ended. */
  readonly #stopped: Promise<never>
  #rendered = false
  #templateFailures = 0

  constructor(run: Run, needs: RunNeeds) {
    this.#run = run
    this.#needs = needs
    this.#feed = new PromptFeed(run, needs)
    this.#stopped = new Promise((_, reject) => {
      this.#stop.signal.addEventListener('abort', () => reject(this.#stop.signal.reason), { once: true })
    })
    this.#stopped.catch(() => {})
    this.#commits = new GroupCommit<Outcome>((outcomes) => needs.store.settle(run, outcomes), {
      maxBatch: MAX_COMMIT,
      // One at a time, so that what comes meanwhile gathers: few large commits cost less than many small ones.
      maxConcurrent: 1,
    })
  }

  /**
   * Works until each event is settled, the run is over, or the judge turns out not to work. What was settled is
   * committed at every moment; leaving off costs the calls under way.
   * @param signal leaves off; the run then resolves, and can be gone on with by another runner
   */
  async work(signal: AbortSignal): Promise<void> {
    const leave = () => this.#stop.abort(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    try {
      await this.#judgeAll()
      const finished = await this.#needs.store.finish(this.#run)
      if (!finished && (await this.#needs.store.isCurrent(this.#run)))
        throw new Error('events were left over')
    } catch (error) {
      if (signal.aborted || error instanceof RunIsOverError) return
      if (!(error instanceof JudgeCannotWorkError || error instanceof OutageError)) throw error
      await this.#needs.store.fail(this.#run, toReason(error))
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  async #judgeAll(): Promise<void> {
    // Twice as many lanes as slots: while one waits for its commit, another already uses its slot.
    const lanes = this.#concurrency() * 2
    const watch = this.#watch()
    const all = Array.from({ length: lanes }, () => this.#lane())
    try {
      await Promise.race([Promise.all(all), watch])
    } finally {
      this.#stop.abort(new Error('the run has ended'))
      await Promise.allSettled([...all, watch])
    }
  }

  #concurrency(): number {
    try {
      return this.#needs.concurrency(this.#run.judge.model_name)
    } catch (error) {
      throw new JudgeCannotWorkError(toReason(error), { cause: error })
    }
  }

  /** Never resolves; rejects when the run is over, wherever that was decided. Tells what the run waits for, if so. */
  async #watch(): Promise<void> {
    for (;;) {
      await delay(CHECK_MS, undefined, { signal: this.#stop.signal })
      const { trouble } = this.#circuit
      const reason = trouble && `Waiting for the model provider. ${trouble}`
      if (!(await this.#needs.store.waitsFor(this.#run, reason))) throw new RunIsOverError()
    }
  }

  async #lane(): Promise<void> {
    for (;;) {
      this.#stop.signal.throwIfAborted()
      // Nobody waits for templates that take their time when the run has ended.
      const task = await Promise.race([this.#feed.next(), this.#stopped])
      if (!task) return
      await this.#commits.add(await this.#settle(task))
    }
  }

  /** @throws JudgeCannotWorkError, OutageError, or the signal's reason */
  async #settle(task: JudgeTask): Promise<Outcome> {
    if (task.prompt instanceof Error) {
      this.#checkTemplate(task.prompt)
      return failure(task, task.prompt)
    }
    this.#rendered = true
    for (let attempt = 1, limited = 0; ; ) {
      await this.#circuit.enter(this.#stop.signal)
      try {
        const verdict = await this.#needs.judges.ask(this.#run.judge, task.prompt, this.#stop.signal)
        this.#circuit.succeeded()
        return this.#outcome(task, verdict)
      } catch (error) {
        const passing = this.#checkFailure(error, task)
        if (!passing) return failure(task, error)
        // Being asked to wait is no failure of the event: it ends with the outage, not with the attempts.
        if (passing.kind === 'rate-limited') limited++
        else if (++attempt > ATTEMPTS) return failure(task, error)
        await this.#backOff(attempt + limited)
      }
    }
  }

  /**
   * Tells the circuit of a call that failed.
   * @returns the error if it may pass, undefined if it is the event's own
   * @throws what ends the run
   */
  #checkFailure(error: unknown, task: JudgeTask): ModelError | undefined {
    if (this.#stop.signal.aborted || !(error instanceof ModelError)) {
      this.#circuit.left()
      if (error instanceof ApiError) throw new JudgeCannotWorkError(toReason(error), { cause: error })
      throw error
    }
    if (error.kind === 'refused-key' || error.kind === 'unknown-model')
      throw new JudgeCannotWorkError(toReason(error), { cause: error })
    if (error.mayPass) {
      this.#circuit.failed(task.position, toReason(error), error.retryAfter)
      return error
    }
    this.#circuit.succeeded()
    return undefined
  }

  async #backOff(failures: number): Promise<void> {
    const longest = Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 2), MAX_BACKOFF_MS)
    await delay(longest * (0.5 + Math.random() / 2), undefined, { signal: this.#stop.signal })
  }

  #checkTemplate(error: Error): void {
    if (this.#rendered || !(error instanceof ApiError) || error.code !== 'TEMPLATE_SYNTAX_ERROR') return
    if (++this.#templateFailures >= BROKEN_TEMPLATE)
      throw new JudgeCannotWorkError(toReason(error), { cause: error })
  }

  #outcome(task: JudgeTask, verdict: Verdict): Outcome {
    const { inputTokens, outputTokens, output, problem } = verdict
    if (output === null) return { ...failure(task, problem), inputTokens, outputTokens }
    const { judge, workspaceId, campaignId } = this.#run
    const prompt = task.prompt as Exclude<JudgeTask['prompt'], Error>
    return {
      position: task.position,
      eventId: task.eventId,
      error: null,
      inputTokens,
      outputTokens,
      result: {
        workspaceId,
        campaignId,
        eventId: task.eventId,
        judgeId: judge.id,
        judgeRevision: judge.id,
        judgeName: judge.name,
        outputType: judge.output.type,
        answer: output.answer,
        analysis: output.analysis,
        prompt: [
          { role: 'system', content: prompt.system },
          { role: 'user', content: prompt.user },
        ],
        inputTokens,
        outputTokens,
        durationSeconds: verdict.seconds,
        error: null,
        createdAt: new Date(),
      },
    }
  }
}

function failure({ position, eventId }: JudgeTask, error: unknown): Outcome {
  return { position, eventId, result: null, error: toReason(error), inputTokens: 0, outputTokens: 0 }
}
