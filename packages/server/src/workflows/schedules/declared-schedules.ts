import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { mistakeWords } from '@tramontane/contract/mistake-words'
import { type ScheduleDefinition, scheduleDefinition } from '@tramontane/contract/schedules'
import { ApiError } from '../../platform/http/errors.ts'
import type { RegistrationReader } from '../registrations/registration-reader.ts'
import type { ScheduleInputs } from './schedule-input.ts'
import { known } from './schedule-service.ts'
import type { ScheduleStore } from './schedule-store.ts'
import type { ScheduleContent, StandingSchedule, TemporalSchedules } from './temporal-schedules.ts'

/** The schedules that the code of a workflow declares, all of them, as its worker sent them. */
export interface Declared {
  readonly workflowName: string
  readonly registrationId: string
  readonly deploymentName: string
  readonly schedules: readonly Record<string, unknown>[]
}

/** Keeps schedules as the code of workflows declares them. */
export class DeclaredSchedules {
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
   * Makes, changes and removes schedules until they are as declared. One that somebody has paused stays paused, and of
   * one that may start so many executions only a new number counts anew.
   * @throws ApiError WF_1200, WF_1202, WORKFLOW_INPUT_INVALID; what can be made is made all the same
   */
  async upsert(workspaceId: string, declared: Declared): Promise<void> {
    const { workflowName, deploymentName } = declared
    const before = await this.#store.declared(workspaceId, workflowName, deploymentName)
    const definitions = declared.schedules.map((sent, index) => read(declared, sent, index))
    const ids = new Set(definitions.map(({ id }) => id))
    if (ids.size < definitions.length)
      throw new ApiError('WF_1200', `Two schedules of ${workflowName} have the same schedule_id.`)
    const failures: unknown[] = []
    for (const { id, definition } of definitions)
      await this.#make(workspaceId, declared, id, definition).catch((error: unknown) => failures.push(error))
    for (const { id } of before.filter((one) => !ids.has(one.id)))
      await this.#remove(workspaceId, id).catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }

  async #make(
    workspaceId: string,
    declared: Declared,
    id: string,
    definition: ScheduleDefinition,
  ): Promise<void> {
    const content = await this.#content(workspaceId, declared, id, definition)
    let current = await this.#temporal.find(workspaceId, id)
    if (!current) {
      try {
        await this.#temporal.create(workspaceId, id, content)
      } catch (error) {
        // Another worker of the deployment has been quicker.
        if (!(error instanceof ApiError && error.code === 'WF_1202')) throw error
        current = await this.#temporal.find(workspaceId, id)
      }
    }
    if (current) await this.#change(workspaceId, id, content)
    const createdAt = current?.described.createdAt ?? new Date()
    await this.#store.keep(workspaceId, known(id, content, createdAt))
  }

  async #change(workspaceId: string, id: string, content: ScheduleContent): Promise<void> {
    await this.#temporal.change(workspaceId, id, async (current) => {
      checkOwner(current, content)
      if (isSame(current, content)) return undefined
      const { start, state } = current
      return {
        ...content,
        start: { ...content.start, executionId: start.executionId },
        state: {
          ...state,
          remaining: current.maximum === content.maximum ? state.remaining : content.state.remaining,
        },
      }
    })
  }

  async #content(
    workspaceId: string,
    { workflowName, registrationId, deploymentName }: Declared,
    id: string,
    { input, max_executions, schedule_id: _, ...times }: ScheduleDefinition,
  ): Promise<ScheduleContent> {
    const workflow = await this.#registrations.findByRegistration(workspaceId, registrationId)
    return {
      times,
      maximum: max_executions ?? null,
      state: { paused: false, note: '', remaining: max_executions ?? null },
      start: {
        executionId: id,
        workflowName,
        taskQueue: deploymentName,
        input: await this.#inputs.payload(workspaceId, id, workflow, input),
        timeoutSeconds: workflow.definition.execution_timeout,
        searchAttributes: { WorkflowName: workflowName },
      },
      userId: null,
      declaredIn: deploymentName,
    }
  }

  async #remove(workspaceId: string, id: string): Promise<void> {
    await this.#temporal.delete(workspaceId, id).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.code === 'WF_1201')) throw error
    })
    await this.#store.forget(workspaceId, id)
  }
}

const MAX_ID = 200

/** @throws ApiError WF_1200 */
function read(
  { workflowName, deploymentName }: Declared,
  sent: Record<string, unknown>,
  index: number,
): { id: string; definition: ScheduleDefinition } {
  const parsed = scheduleDefinition.safeParse({ input: null, ...sent }, { error: mistakeWords })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new ApiError(
      'WF_1200',
      `The schedule ${index + 1} of ${workflowName} cannot be read: ${issue!.path.join('.')}: ${issue!.message}`,
    )
  }
  const named = `${workflowName}-${deploymentName}-${index + 1}`
  const short = createHash('sha256').update(named).digest('hex')
  return {
    id: parsed.data.schedule_id ?? (named.length <= MAX_ID ? named : short),
    definition: parsed.data,
  }
}

/** @throws ApiError WF_1202 if the schedule is somebody's, or another workflow's */
function checkOwner(current: StandingSchedule, { start }: ScheduleContent): void {
  if (current.declaredIn !== null && current.start.workflowName === start.workflowName) return
  throw new ApiError(
    'WF_1202',
    `The code of ${start.workflowName} declares a schedule ${JSON.stringify(current.id)}, but there is another one with this id: delete one of them.`,
  )
}

function isSame(current: StandingSchedule, content: ScheduleContent): boolean {
  const parts = ({ times, maximum, start, declaredIn }: ScheduleContent) => [
    times,
    maximum,
    declaredIn,
    start.taskQueue,
    start.timeoutSeconds,
    Buffer.from(start.input.data ?? []).toString('base64'),
    Object.fromEntries(
      Object.entries(start.input.metadata ?? {}).map(([name, bytes]) => [
        name,
        Buffer.from(bytes).toString(),
      ]),
    ),
  ]
  return isDeepStrictEqual(json(parts(current)), json(parts(content)))
}

/** As it comes back: members that are not set are not there. */
function json(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
