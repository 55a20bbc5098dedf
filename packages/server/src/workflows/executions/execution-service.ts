import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Caller } from '../../platform/http/auth.ts'
import { ApiError } from '../../platform/http/errors.ts'
import type { JsonObject } from '../../platform/json-object.ts'
import type { SchemaChecker } from '../../platform/json-schema/schema-checker.ts'
import { readHistory } from '../../platform/temporal/history.ts'
import type { Temporal, WorkspaceTemporal } from '../../platform/temporal/temporal.ts'
import { queryExecution, updateExecution } from '../../platform/temporal/worker-calls.ts'
import {
  cancelExecution,
  signalExecution,
  terminateExecution,
} from '../../platform/temporal/workflow-calls.ts'
import type { RegistrationReader } from '../registrations/registration-reader.ts'
import { type ExecutionCalls, hasEnded } from './execution-calls.ts'
import { checkInput, type HandlerKind, handlerSchema, type Input, inputPayload } from './execution-input.ts'
import type { Run } from './run.ts'
import type { RunFollower } from './run-follower.ts'
import type { RunKeeper } from './run-keeper.ts'
import type { RunLookup } from './run-lookup.ts'

/** A signal, a query or an update as a caller sends it. */
export interface Invocation {
  readonly name: string
  readonly input: Input
}

const QUERY_MS = 10_000
const UPDATE_MS = 60_000
/** Calls at Temporal at once, for one batch. */
const LANES = 10

/** Executions that are there: reading, steering and ending them. */
export class ExecutionService {
  readonly #temporal: Temporal
  readonly #registrations: Pick<RegistrationReader, 'definitionOf'>
  readonly #lookup: RunLookup
  readonly #keeper: RunKeeper
  readonly #follower: Pick<RunFollower, 'hint'>
  readonly #calls: ExecutionCalls
  readonly #schemas: SchemaChecker
  readonly #logger: Logger

  constructor(parts: {
    temporal: Temporal
    registrations: Pick<RegistrationReader, 'definitionOf'>
    lookup: RunLookup
    keeper: RunKeeper
    follower: Pick<RunFollower, 'hint'>
    calls: ExecutionCalls
    schemas: SchemaChecker
    logger: Logger
  }) {
    this.#temporal = parts.temporal
    this.#registrations = parts.registrations
    this.#lookup = parts.lookup
    this.#keeper = parts.keeper
    this.#follower = parts.follower
    this.#calls = parts.calls
    this.#schemas = parts.schemas
    this.#logger = parts.logger
  }

  /** How an execution stands now. @throws ApiError WF_1100, TEMPORAL_UNAVAILABLE, WF_1103 */
  get(workspaceId: string, executionId: string): Promise<Run> {
    return this.#lookup.newest(workspaceId, executionId)
  }

  /** @throws ApiError WF_1100, TEMPORAL_UNAVAILABLE, WF_1103 */
  async history(workspaceId: string, executionId: string, decode: boolean): Promise<JsonObject> {
    return this.runHistory(workspaceId, await this.#lookup.newest(workspaceId, executionId), decode)
  }

  /** @throws ApiError WF_1100 if Temporal no longer has it, TEMPORAL_UNAVAILABLE, WF_1103 */
  async runHistory(workspaceId: string, run: Run, decode: boolean): Promise<JsonObject> {
    const { executionId, runId } = run
    return this.#calls.about(workspaceId, run, (temporal) =>
      readHistory(temporal, { executionId, runId }, { decode }),
    )
  }

  /** @throws ApiError with a code of the operation's `errors` */
  async signal(caller: Caller, executionId: string, { name, input }: Invocation): Promise<void> {
    const run = await this.#lookup.known(caller.workspaceId, executionId)
    await this.#check(caller.workspaceId, run, 'signals', name, input)
    await this.#calls.about(caller.workspaceId, run, (temporal) =>
      signalExecution(
        temporal,
        { executionId },
        { name, input: this.#payload(temporal, executionId, input), requestId: randomUUID() },
      ),
    )
  }

  /** @throws ApiError with a code of the operation's `errors` */
  async query(caller: Caller, executionId: string, { name, input }: Invocation): Promise<unknown> {
    const run = await this.#lookup.known(caller.workspaceId, executionId)
    await this.#check(caller.workspaceId, run, 'queries', name, input)
    const answer = await this.#calls.about(caller.workspaceId, run, (temporal) =>
      queryExecution(
        temporal,
        { executionId },
        {
          name,
          input: this.#payload(temporal, executionId, input),
          taskQueue: run.deploymentName ?? '',
          timeoutMs: QUERY_MS,
        },
      ),
    )
    if ('closed' in answer) throw hasEnded(executionId, answer.closed)
    return answer.result
  }

  /** @throws ApiError with a code of the operation's `errors` */
  async update(caller: Caller, executionId: string, { name, input }: Invocation): Promise<unknown> {
    const run = await this.#lookup.known(caller.workspaceId, executionId)
    await this.#check(caller.workspaceId, run, 'updates', name, input)
    return this.#calls.about(caller.workspaceId, run, (temporal) =>
      updateExecution(
        temporal,
        { executionId },
        {
          name,
          input: this.#payload(temporal, executionId, input),
          taskQueue: run.deploymentName ?? '',
          timeoutMs: UPDATE_MS,
          updateId: randomUUID(),
        },
      ),
    )
  }

  /** Asks an execution to end. @throws ApiError WF_1100, WF_1102, WF_1103, TEMPORAL_UNAVAILABLE */
  async cancel(caller: Caller, executionId: string): Promise<void> {
    // Temporal would say nothing of one that has ended.
    const run = await this.#lookup.newest(caller.workspaceId, executionId)
    if (run.endTime !== null) throw hasEnded(executionId, run.status)
    await this.#calls.about(caller.workspaceId, run, (temporal) =>
      cancelExecution(temporal, { executionId }, randomUUID()),
    )
    this.#follower.hint(caller.workspaceId, run)
  }

  /** Ends an execution at once. @throws ApiError WF_1100, WF_1102, WF_1103, TEMPORAL_UNAVAILABLE */
  async terminate(caller: Caller, executionId: string): Promise<void> {
    const run = await this.#lookup.newest(caller.workspaceId, executionId)
    if (run.endTime !== null) throw hasEnded(executionId, run.status)
    await this.#calls.about(caller.workspaceId, run, (temporal) =>
      terminateExecution(temporal, { executionId }, `by the key ${caller.keyId}`),
    )
    await this.#see(caller.workspaceId, run)
  }

  /**
   * Ends many, in one way or the other; what becomes of one does not touch the others.
   * @throws ApiError TEMPORAL_UNAVAILABLE
   */
  async endAll(
    caller: Caller,
    how: 'cancel' | 'terminate',
    executionIds: readonly string[],
  ): Promise<Record<string, { status: 'success' | 'failure'; error: string | null }>> {
    await this.#temporal.of(caller.workspaceId)
    const left = [...new Set(executionIds)]
    const results: [string, { status: 'success' | 'failure'; error: string | null }][] = []
    const lane = async () => {
      for (let id = left.pop(); id !== undefined; id = left.pop()) {
        const one = id
        const error = await this[how](caller, one).then(
          () => null,
          (reason: unknown) => {
            if (reason instanceof ApiError) return reason.message
            this.#logger.error(
              { err: reason, executionId: one },
              'an execution of a batch could not be ended',
            )
            return 'The server made a mistake.'
          },
        )
        results.push([one, { status: error === null ? 'success' : 'failure', error }])
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    return Object.fromEntries(results)
  }

  async #check(workspaceId: string, run: Run, kind: HandlerKind, name: string, input: Input): Promise<void> {
    const found = await this.#registrations.definitionOf(
      workspaceId,
      run.workflowName,
      run.deploymentName ?? '',
    )
    const schema = handlerSchema(found?.definition, kind, name)
    if (schema) await checkInput(this.#schemas, schema, input)
  }

  #payload(temporal: WorkspaceTemporal, executionId: string, input: Input) {
    return inputPayload(input, { namespace: temporal.namespace, executionId })
  }

  /** Looks at a run that has just been ended. What fails here is made up for by the follower. */
  async #see(workspaceId: string, run: Run): Promise<void> {
    await this.#keeper.look(workspaceId, run).catch((error: unknown) => {
      this.#logger.warn({ err: error, runId: run.runId }, 'a run has ended and its row could not be written')
    })
  }
}
