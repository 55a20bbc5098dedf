import type { Schedule, ScheduleChange, ScheduleRequest } from '@tramontane/contract/schedules'
import type { TemporalPayload } from '@tramontane/contract/workflow-payload'
import type { Caller } from '../../platform/http/auth.ts'
import { ApiError } from '../../platform/http/errors.ts'
import { newUuid } from '../../platform/uuid.ts'
import type { RegisteredWorkflow, RegistrationReader } from '../registrations/registration-reader.ts'
import type { ScheduleInputs } from './schedule-input.ts'
import type { KnownSchedule, ScheduleFilter, ScheduleStore } from './schedule-store.ts'
import {
  type ScheduleContent,
  type StandingSchedule,
  type TemporalSchedules,
  toWire,
  unknownSchedule,
} from './temporal-schedules.ts'

/** Schedules described at a time, and those that are read to fill a page of a list. */
const AT_ONCE = 8
const CHUNK = 50
const MAX_PAGE = 1_000
const MAX_ID = 232

/** The place in a list after which the next page begins. */
export interface ListPosition {
  readonly createdAt: Date
  readonly id: string
}

/**
 * The rules of schedules. Temporal has them, and what it says holds; the store is an index for lists, mended whenever
 * the two are seen to differ: a server may have been killed in between, and workers can reach Temporal themselves.
 */
export class ScheduleService {
  readonly #temporal: TemporalSchedules
  readonly #store: ScheduleStore
  readonly #registrations: RegistrationReader
  readonly #inputs: ScheduleInputs

  constructor(parts: {
    temporal: TemporalSchedules
    store: ScheduleStore
    registrations: RegistrationReader
    inputs: ScheduleInputs
  }) {
    this.#temporal = parts.temporal
    this.#store = parts.store
    this.#registrations = parts.registrations
    this.#inputs = parts.inputs
  }

  /**
   * Makes a schedule.
   * @returns its id
   * @throws ApiError WORKFLOW_NOT_FOUND, WORKFLOW_REGISTRATION_NOT_FOUND, DEPLOYMENT_NOT_FOUND, DEPLOYMENT_AMBIGUOUS,
   *   WORKFLOW_INPUT_INVALID, WF_1200, WF_1202
   */
  async create({ workspaceId, keyId }: Caller, request: ScheduleRequest): Promise<string> {
    const { schedule } = request
    const id = request.schedule_id ?? schedule.schedule_id ?? newUuid()
    const { workflow, deploymentName } = await this.#target(workspaceId, request)
    const { input, max_executions, schedule_id: _, ...times } = schedule
    const content: ScheduleContent = {
      times,
      maximum: max_executions ?? null,
      state: { paused: false, note: '', remaining: max_executions ?? null },
      start: {
        executionId: id,
        workflowName: workflow.name,
        taskQueue: deploymentName,
        input: await this.#inputs.payload(workspaceId, id, workflow, input),
        timeoutSeconds: workflow.definition.execution_timeout,
        searchAttributes: { UserId: keyId, WorkflowName: workflow.name },
      },
      userId: keyId,
      declaredIn: null,
    }
    await this.#temporal.create(workspaceId, id, content)
    try {
      await this.#store.keep(workspaceId, known(id, content, new Date()))
    } catch (error) {
      // What was not acknowledged is not to start anything. If this fails as well, the next list shows it.
      await this.#temporal.delete(workspaceId, id).catch(() => {})
      throw error
    }
    return id
  }

  /** @throws ApiError WF_1201 */
  async get(workspaceId: string, id: string): Promise<Schedule> {
    const found = isPossible(id) ? await this.#find(workspaceId, id) : undefined
    if (!found) throw unknownSchedule(id)
    return toWire(found)
  }

  /** Schedules as they stand, newest first, and where the next page begins. */
  async list(
    workspaceId: string,
    filter: ScheduleFilter & { status?: 'active' | 'paused' | undefined },
    page: { size: number | undefined; after: ListPosition | undefined },
  ): Promise<{ schedules: Schedule[]; next: ListPosition | undefined }> {
    if (!page.after) await this.#adopt(workspaceId)
    const size = page.size ?? MAX_PAGE
    const found: { schedule: StandingSchedule; position: ListPosition }[] = []
    let after = page.after
    // One more than a page shows whether there is another one.
    while (found.length <= size) {
      const limit = Math.min(CHUNK, size + 1 - found.length)
      const rows = await this.#store.list(workspaceId, filter, { after, limit })
      for (let at = 0; at < rows.length; at += AT_ONCE) {
        const group = rows.slice(at, at + AT_ONCE)
        const schedules = await Promise.all(group.map(({ id }) => this.#find(workspaceId, id, true)))
        for (const [index, schedule] of schedules.entries()) {
          const isWanted =
            schedule && (!filter.status || (filter.status === 'paused') === schedule.state.paused)
          if (isWanted) found.push({ schedule, position: group[index]! })
        }
      }
      after = rows.at(-1)
      if (rows.length < limit) break
    }
    return {
      schedules: found.slice(0, size).map(({ schedule }) => toWire(schedule)),
      next: found.length > size ? found[size - 1]!.position : undefined,
    }
  }

  /** @throws ApiError WF_1201, WORKFLOW_INPUT_INVALID, WF_1200 */
  async update(workspaceId: string, id: string, change: ScheduleChange): Promise<void> {
    const { input, max_executions, policy, ...times } = change
    let payload: TemporalPayload | undefined
    await this.#orForget(workspaceId, id, () =>
      this.#temporal.change(workspaceId, id, async (current) => {
        const { start, state, maximum } = current
        if (input !== undefined && payload === undefined)
          payload = await this.#inputs.payloadFor(workspaceId, id, start, input)
        return {
          ...current,
          times: {
            ...current.times,
            ...given(times),
            policy: { ...current.times.policy, ...given(policy ?? {}) },
          },
          maximum: max_executions === undefined ? maximum : max_executions,
          state: { ...state, remaining: max_executions === undefined ? state.remaining : max_executions },
          start: { ...start, input: payload ?? start.input },
        }
      }),
    )
  }

  /** @throws ApiError WF_1201 */
  async delete(workspaceId: string, id: string): Promise<void> {
    await this.#orForget(workspaceId, id, () => this.#temporal.delete(workspaceId, id))
    await this.#store.forget(workspaceId, id)
  }

  /** @throws ApiError WF_1201 */
  async pause(workspaceId: string, id: string, note: string | null | undefined): Promise<void> {
    await this.#orForget(workspaceId, id, () =>
      this.#temporal.patch(workspaceId, id, { pause: note || 'Paused.' }),
    )
  }

  /** @throws ApiError WF_1201 */
  async resume(workspaceId: string, id: string, note: string | null | undefined): Promise<void> {
    await this.#orForget(workspaceId, id, () =>
      this.#temporal.patch(workspaceId, id, { unpause: note || 'Resumed.' }),
    )
  }

  /** Starts an execution now. @param overlap absent: as the schedule says @throws ApiError WF_1201 */
  async trigger(workspaceId: string, id: string, overlap: number | null | undefined): Promise<void> {
    await this.#orForget(workspaceId, id, () =>
      this.#temporal.patch(workspaceId, id, { triggerImmediately: { overlapPolicy: overlap ?? 0 } }),
    )
  }

  /** The workflow that is meant, and where it is to run. */
  async #target(
    workspaceId: string,
    request: ScheduleRequest,
  ): Promise<{ workflow: RegisteredWorkflow; deploymentName: string }> {
    const registrations = this.#registrations
    const named = request.deployment_name ?? request.workflow_task_queue ?? undefined
    const registrationId = request.workflow_registration_id ?? request.workflow_version_id
    const registered =
      registrationId == null
        ? await registrations.findWorkflow(workspaceId, request.workflow_identifier!)
        : await registrations.findByRegistration(workspaceId, registrationId)
    const deploymentName =
      registrationId != null && (named === undefined || named === registered.deploymentName)
        ? registered.deploymentName
        : await registrations.chooseDeployment(workspaceId, registered, named)
    const workflow =
      deploymentName === registered.deploymentName
        ? registered
        : ((await registrations.definitionOf(workspaceId, registered.name, deploymentName)) ?? registered)
    return { workflow, deploymentName }
  }

  /** A schedule as it stands; the index is mended if it says something else. @param isListed the index has it */
  async #find(workspaceId: string, id: string, isListed = false): Promise<StandingSchedule | undefined> {
    const found = await this.#temporal.find(workspaceId, id)
    if (!found) await this.#store.forget(workspaceId, id)
    else if (!isListed && (await this.#store.unknown(workspaceId, [id])).length > 0)
      await this.#store.keep(workspaceId, known(id, found, found.described.createdAt))
    return found
  }

  /** Takes schedules into the index that are in Temporal only. */
  async #adopt(workspaceId: string): Promise<void> {
    const unknown = await this.#store.unknown(workspaceId, await this.#temporal.ids(workspaceId))
    for (let at = 0; at < unknown.length; at += AT_ONCE)
      await Promise.all(unknown.slice(at, at + AT_ONCE).map((id) => this.#find(workspaceId, id)))
  }

  async #orForget<T>(workspaceId: string, id: string, work: () => Promise<T>): Promise<T> {
    if (!isPossible(id)) throw unknownSchedule(id)
    try {
      return await work()
    } catch (error) {
      if (error instanceof ApiError && error.code === 'WF_1201') await this.#store.forget(workspaceId, id)
      throw error
    }
  }
}

/** Whether an id can be one of a schedule: Temporal's databases hold no longer ones, and ours no NUL. */
function isPossible(id: string): boolean {
  return id.length > 0 && id.length <= MAX_ID && !id.includes('\0')
}

/** What the index knows of a schedule. */
export function known(id: string, content: ScheduleContent, createdAt: Date): KnownSchedule {
  return {
    id,
    workflowName: content.start.workflowName,
    userId: content.userId,
    declaredIn: content.declaredIn,
    createdAt,
  }
}

/** The members that are set. */
function given<T extends object>(change: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as never
}
