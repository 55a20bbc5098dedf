import { type CloseEvent, readClose } from '../../platform/temporal/close-event.ts'
import type { RunInfo } from '../../platform/temporal/run-info.ts'
import type { Temporal, WorkspaceTemporal } from '../../platform/temporal/temporal.ts'
import { isNotFound } from '../../platform/temporal/temporal-error.ts'
import { describeRun, type Target } from '../../platform/temporal/workflow-calls.ts'
import type { RegistrationReader } from '../registrations/registration-reader.ts'
import type { RunWriteStore, SeenRun } from './run-write-store.ts'

/** One run, by both its ids. */
export type RunTarget = Required<Target>

/** How long the worker's own report of an end is waited for; of ends that workers do not report, none is. */
const GRACE_SECONDS = 2
const REPORTED: ReadonlySet<string> = new Set(['COMPLETED', 'FAILED', 'CANCELED'])

/**
 * Brings what Temporal says of runs into our rows. Everything here may be done twice, by several servers at once, and
 * may be broken off anywhere: what is left undone is found by the follower.
 */
export class RunKeeper {
  readonly #temporal: Temporal
  readonly #store: RunWriteStore
  readonly #registrations: Pick<RegistrationReader, 'definitionOf'>
  readonly #onEnd: () => void

  /** @param onEnd is called when a run has ended whose events are to be completed */
  constructor(
    temporal: Temporal,
    store: RunWriteStore,
    registrations: Pick<RegistrationReader, 'definitionOf'>,
    onEnd: () => void,
  ) {
    this.#temporal = temporal
    this.#store = store
    this.#registrations = registrations
    this.#onEnd = onEnd
  }

  /**
   * Keeps runs that Temporal has described or listed.
   * @returns the ids of those that were not known
   */
  async see(workspaceId: string, runs: readonly RunInfo[]): Promise<Set<string>> {
    const seen: SeenRun[] = []
    for (const run of runs) {
      const definition = await this.#registrations.definitionOf(workspaceId, run.workflowName, run.taskQueue)
      const workflowId = definition?.workflowId ?? null
      seen.push({ ...run, deploymentName: run.taskQueue, workflowId, isStartExact: true })
    }
    return this.#store.see(workspaceId, seen)
  }

  /**
   * Looks whether a run has ended, and keeps how.
   * @param waitMs how long its end is waited for
   * @returns undefined while it is open
   * @throws an error of gRPC; see `isNotFound`
   */
  async look(
    workspaceId: string,
    target: RunTarget,
    { waitMs = 0, signal }: { waitMs?: number; signal?: AbortSignal } = {},
  ): Promise<CloseEvent | undefined> {
    const temporal = await this.#temporal.of(workspaceId)
    const close = await readClose(temporal, target, { waitMs, signal })
    if (close) await this.end(workspaceId, temporal, target, close)
    return close
  }

  /** Keeps how a run ended, and the run that goes on in its place. */
  async end(
    workspaceId: string,
    temporal: WorkspaceTemporal,
    { executionId, runId }: RunTarget,
    close: CloseEvent,
  ): Promise<void> {
    if (close.newRunId !== null)
      await this.#describe(workspaceId, temporal, { executionId, runId: close.newRunId })
    const grace = REPORTED.has(close.status) ? GRACE_SECONDS : 0
    if (!(await this.#store.end(workspaceId, runId, close, grace))) {
      const known = await this.#store.known(workspaceId, [runId])
      if (known.has(runId)) return
      await this.#describe(workspaceId, temporal, { executionId, runId })
      await this.#store.end(workspaceId, runId, close, grace)
    }
    if (grace === 0) this.#onEnd()
  }

  /**
   * What is to be said of a run that Temporal no longer has: how its lists say that it ended, or that it was deleted.
   */
  async lost(workspaceId: string, runId: string, listed?: RunInfo): Promise<void> {
    await this.#store.end(
      workspaceId,
      runId,
      {
        status: listed && listed.status !== 'RUNNING' ? listed.status : 'TERMINATED',
        time: listed?.closeTime ?? new Date(),
        result: null,
        message: 'Temporal no longer has this run.',
        newRunId: null,
      },
      0,
    )
    this.#onEnd()
  }

  async #describe(workspaceId: string, temporal: WorkspaceTemporal, target: RunTarget): Promise<void> {
    try {
      await this.see(workspaceId, [await describeRun(temporal, target)])
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}
