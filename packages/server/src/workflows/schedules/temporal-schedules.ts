import type { Schedule, ScheduleTimes } from '@tramontane/contract/schedules'
import { networkResult } from '@tramontane/contract/workflow-payload'
import { parseExact } from '../../platform/exact-json.ts'
import { ApiError } from '../../platform/http/errors.ts'
import { isObject } from '../../platform/json-object.ts'
import {
  createSchedule,
  type DescribedSchedule,
  deleteSchedule,
  describeSchedule,
  listScheduleIds,
  patchSchedule,
  replaceSchedule,
  type ScheduledStart,
  type SchedulePatch,
  type ScheduleState,
} from '../../platform/temporal/schedule-calls.ts'
import type { Temporal, WorkspaceTemporal } from '../../platform/temporal/temporal.ts'
import {
  isClosed,
  isInUse,
  isNotFound,
  isRefused,
  temporalError,
} from '../../platform/temporal/temporal-error.ts'
import { newUuid } from '../../platform/uuid.ts'
import { toDefinition, toPolicies, toTimes } from './schedule-times.ts'

/** A schedule as it is to be, or as it stands. */
export interface ScheduleContent {
  readonly times: ScheduleTimes
  readonly start: ScheduledStart
  readonly state: ScheduleState
  /** How many executions it was to start in all; null: no limit. */
  readonly maximum: number | null
  /** The key that made it. */
  readonly userId: string | null
  /** The deployment whose code declares it. */
  readonly declaredIn: string | null
}

/** A schedule as it stands, with what it has done and will do. */
export interface StandingSchedule extends ScheduleContent {
  readonly id: string
  readonly described: DescribedSchedule
}

/** What Temporal keeps with a schedule, because it gives the times back in another form. `edit` tells changes apart. */
interface Kept {
  readonly edit: string
  readonly times: ScheduleTimes
  readonly maximum: number | null
  readonly userId: string | null
  readonly declaredIn: string | null
}

/** How often a change is tried that others get in the way of. */
const TRIES = 5
/** More schedules than this are not looked through for ones that nobody here knows. */
const MAX_LISTED = 10_000

/** Schedules in Temporal, in the words of the API. */
export class TemporalSchedules {
  readonly #temporal: Temporal

  constructor(temporal: Temporal) {
    this.#temporal = temporal
  }

  namespaceOf(workspaceId: string): string {
    return this.#temporal.namespaceOf(workspaceId)
  }

  /** @throws ApiError WF_1202 if the id is taken, WF_1200 if Temporal refuses it */
  async create(workspaceId: string, id: string, content: ScheduleContent): Promise<void> {
    await this.#call(workspaceId, id, (temporal) => createSchedule(temporal, id, toBe(content), newUuid()))
  }

  /** @returns undefined if there is none with this id */
  async find(workspaceId: string, id: string): Promise<StandingSchedule | undefined> {
    try {
      return standing(id, await this.#call(workspaceId, id, (temporal) => describeSchedule(temporal, id)))
    } catch (error) {
      if (error instanceof ApiError && error.code === 'WF_1201') return undefined
      throw error
    }
  }

  /**
   * Changes a schedule, on top of what others change meanwhile.
   * @param change gives what it is to be; `undefined` leaves it as it is
   * @throws ApiError WF_1201, WF_1200 if Temporal refuses it; what `change` throws
   */
  async change(
    workspaceId: string,
    id: string,
    change: (current: StandingSchedule) => Promise<ScheduleContent | undefined>,
  ): Promise<StandingSchedule> {
    return this.#call(workspaceId, id, async (temporal) => {
      let current = standing(id, await describeSchedule(temporal, id))
      for (let tries = TRIES; tries > 0; tries--) {
        const content = await change(current)
        if (!content) return current
        const next = toBe(content)
        await replaceSchedule(temporal, id, next, current.described, newUuid())
        current = standing(id, await describeSchedule(temporal, id))
        if (keptIn(current.described)?.edit === next.kept.edit) return current
      }
      throw new ApiError('WF_1103', 'Others keep changing this schedule; try again.')
    })
  }

  /** @throws ApiError WF_1201 */
  async delete(workspaceId: string, id: string): Promise<void> {
    await this.#call(workspaceId, id, (temporal) => deleteSchedule(temporal, id))
  }

  /** @throws ApiError WF_1201 */
  async patch(workspaceId: string, id: string, patch: SchedulePatch): Promise<void> {
    await this.#call(workspaceId, id, (temporal) => patchSchedule(temporal, id, patch, newUuid()))
  }

  /** The ids of the schedules that are there, or were a moment ago. */
  async ids(workspaceId: string): Promise<string[]> {
    return this.#call(workspaceId, '', (temporal) => listScheduleIds(temporal, MAX_LISTED))
  }

  async #call<T>(
    workspaceId: string,
    id: string,
    work: (temporal: WorkspaceTemporal) => Promise<T>,
  ): Promise<T> {
    const temporal = await this.#temporal.of(workspaceId)
    try {
      return await work(temporal)
    } catch (error) {
      throw scheduleError(id, error)
    }
  }
}

function scheduleError(id: string, error: unknown): unknown {
  const named = JSON.stringify(id)
  if (isInUse(error))
    return new ApiError('WF_1202', `There is a schedule with the id ${named} already.`, { cause: error })
  if (isClosed(error) || (isNotFound(error) && !/namespace/i.test((error as Error).message)))
    return unknownSchedule(id, error)
  if (isRefused(error))
    return new ApiError('WF_1200', `Temporal does not take this schedule: ${error.details}.`, {
      cause: error,
    })
  return temporalError(error)
}

export function unknownSchedule(id: string, cause?: unknown): ApiError {
  return new ApiError('WF_1201', `No schedule has the id ${JSON.stringify(id)}.`, { cause })
}

function toBe({ times, start, state, maximum, userId, declaredIn }: ScheduleContent) {
  const kept: Kept = { edit: newUuid(), times, maximum, userId, declaredIn }
  return { times: toTimes(times), policies: toPolicies(times), start, state, kept }
}

function keptIn({ kept }: DescribedSchedule): Kept | undefined {
  return isObject(kept) && isObject(kept.times) && typeof kept.edit === 'string'
    ? (kept as unknown as Kept)
    : undefined
}

function standing(id: string, described: DescribedSchedule): StandingSchedule {
  const kept = keptIn(described)
  return {
    id,
    described,
    start: described.start,
    state: described.state,
    times: kept?.times ?? toDefinition(described.times, described.policies),
    maximum: kept?.maximum ?? null,
    userId: kept?.userId ?? described.start.searchAttributes.UserId ?? null,
    declaredIn: kept?.declaredIn ?? null,
  }
}

/** A schedule on the wire. */
export function toWire({ id, times, start, state, described }: StandingSchedule): Schedule {
  const { remaining } = state
  const future = remaining === null ? described.futureTimes : described.futureTimes.slice(0, remaining)
  return {
    ...times,
    schedule_id: id,
    input: networkResult(start.input, parseExact),
    remaining_executions: remaining,
    workflow_name: start.workflowName,
    deployment_name: start.taskQueue,
    paused: state.paused,
    note: state.note || null,
    future_executions: future.map((time) => ({ scheduled_at: time.toISOString() })),
    recent_executions: described.recent.map((recent) => ({
      scheduled_at: recent.scheduledAt.toISOString(),
      started_at: recent.startedAt.toISOString(),
      execution_id: recent.executionId,
    })),
  }
}
