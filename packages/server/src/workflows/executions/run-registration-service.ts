import { maxSearchKeys } from '@tramontane/contract/executions'
import type { Logger } from 'pino'
import { storableJson } from '../../platform/database/storable-json.ts'
import { isObject } from '../../platform/json-object.ts'
import { isUuid, microsOf } from '../../platform/uuid.ts'
import type { Run } from './run.ts'
import { unknownExecution } from './run-lookup.ts'
import type { RunStore } from './run-store.ts'
import type { RunWriteStore } from './run-write-store.ts'
import type { SearchKeyStore } from './search-key-store.ts'

/** How search keys were kept. */
export interface KeptKeys {
  readonly metadata_status: 'ok' | 'partial'
  readonly dropped_keys: string[]
  readonly truncated_keys: string[]
}

const MAX_KEY = 256
const MAX_VALUE = 8 * 1024
const MAX_ID = 255
const MAX_NAME = 1_000
const TIMED_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7/

function textOf(body: unknown, member: string, max: number): string | null {
  const value = isObject(body) && Object.hasOwn(body, member) ? body[member] : null
  return typeof value === 'string' && value.length > 0 && value.length <= max ? value : null
}

/** What was sent as search keys, as far as it is of use. */
function keysOf(sent: unknown): { key: string; value: string | null }[] {
  if (!isObject(sent)) return []
  return Object.entries(storableJson(sent)).flatMap(([key, value]) =>
    typeof value === 'string' || value === null ? [{ key, value }] : [],
  )
}

function cut(value: string): string {
  const short = value.slice(0, MAX_VALUE)
  // Not in the middle of a character.
  return short.isWellFormed() ? short : short.slice(0, -1)
}

/** What workers say of the runs that they carry out. */
export class RunRegistrationService {
  readonly #runs: RunStore
  readonly #writes: RunWriteStore
  readonly #keys: SearchKeyStore
  readonly #logger: Logger

  constructor(parts: { runs: RunStore; writes: RunWriteStore; keys: SearchKeyStore; logger: Logger }) {
    this.#runs = parts.runs
    this.#writes = parts.writes
    this.#keys = parts.keys
    this.#logger = parts.logger
  }

  /**
   * Keeps a run of which a worker says that it has begun. A worker to which this is refused fails the workflow of its user;
   * so nothing is refused, not even while the database is away: the follower finds every run by itself.
   */
  async register(
    workspaceId: string,
    body: unknown,
  ): Promise<{ execution_id: string; created: boolean; metadata_status: 'ok' | 'partial' }> {
    const executionId = textOf(body, 'temporal_workflow_id', MAX_ID)
    const runId = textOf(body, 'temporal_run_id', MAX_ID)
    const answer = {
      execution_id: executionId ?? '',
      created: false,
      metadata_status: 'ok' as 'ok' | 'partial',
    }
    if (executionId === null || runId === null || !isUuid(runId)) return answer
    const sent = keysOf((body as { search_key_metadata?: unknown }).search_key_metadata)
    try {
      const created = await this.#writes.see(workspaceId, [
        {
          runId,
          executionId,
          workflowName: textOf(body, 'workflow_name', MAX_NAME) ?? '',
          workflowId: null,
          deploymentName: textOf(body, 'task_queue', MAX_NAME),
          parentExecutionId: textOf(body, 'temporal_parent_workflow_id', MAX_ID),
          rootExecutionId: textOf(body, 'temporal_root_workflow_id', MAX_ID) ?? executionId,
          startTime: new Date(TIMED_UUID.test(runId) ? Number(microsOf(runId) / 1000n) : Date.now()),
          isStartExact: false,
          userId: null,
          traceId: null,
          scheduleId: null,
        },
      ])
      const { metadata_status } = await this.#keep(workspaceId, runId, sent)
      return { ...answer, created: created.has(runId), metadata_status }
    } catch (error) {
      this.#logger.warn({ err: error, runId }, 'a run that a worker has begun could not be noted')
      return { ...answer, metadata_status: sent.length > 0 ? 'partial' : 'ok' }
    }
  }

  /**
   * Sets some of a run's search keys.
   * @param runId absent: of the newest run
   * @throws ApiError WF_1100
   */
  async setKeys(
    workspaceId: string,
    executionId: string,
    runId: string | null | undefined,
    keys: unknown,
  ): Promise<KeptKeys> {
    const run = await this.#find(workspaceId, executionId, runId)
    return this.#keep(workspaceId, run.runId, keysOf(keys))
  }

  /** @returns the keys that there were @throws ApiError WF_1100 */
  async deleteKeys(
    workspaceId: string,
    executionId: string,
    runId: string | null | undefined,
    keys: readonly string[],
  ): Promise<string[]> {
    const run = await this.#find(workspaceId, executionId, runId)
    return this.#keys.delete(workspaceId, run.runId, storableJson([...keys]))
  }

  async #find(workspaceId: string, executionId: string, runId: string | null | undefined): Promise<Run> {
    if (executionId.includes('\0')) throw unknownExecution(executionId)
    if (!runId) {
      const newest = await this.#runs.findNewest(workspaceId, executionId)
      if (newest) return newest
    } else if (isUuid(runId)) {
      const run = await this.#runs.findRun(workspaceId, runId)
      if (run?.executionId === executionId) return run
    }
    throw unknownExecution(executionId)
  }

  async #keep(
    workspaceId: string,
    runId: string,
    sent: readonly { key: string; value: string | null }[],
  ): Promise<KeptKeys> {
    const fitting = sent.filter(({ key }) => key.length > 0 && key.length <= MAX_KEY)
    const truncated = fitting.filter(({ value }) => value !== null && value.length > MAX_VALUE)
    const kept = await this.#keys.set(
      workspaceId,
      runId,
      fitting.map(({ key, value }) => ({ key, value: value === null ? null : cut(value) })),
      maxSearchKeys,
    )
    const dropped = sent.map(({ key }) => key).filter((key) => !kept.includes(key))
    return {
      metadata_status: dropped.length + truncated.length > 0 ? 'partial' : 'ok',
      dropped_keys: dropped,
      truncated_keys: truncated.map(({ key }) => key),
    }
  }
}
