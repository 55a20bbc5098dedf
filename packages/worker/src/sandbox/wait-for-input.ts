import { ApplicationFailure, type Duration } from '@temporalio/common'
import { condition, defineQuery, defineUpdate, isCancellation, setHandler } from '@temporalio/workflow'
import { z } from 'zod'
import type { InputSchema } from '../definition/workflow-definition.ts'
import { failureMessage, jsonPayload } from '../run-events.ts'
import { refusal } from './handlers.ts'
import { eventOfRun, report } from './run-report.ts'
import { ownId } from './run-state.ts'
import { traceTask } from './run-trace.ts'

const TASK_TYPE = 'wait_for_input'
/** By which the list of runs finds the executions that wait for somebody. */
const STATE_KEY = 'internal.execution.state'

interface Pending {
  readonly schema: InputSchema
  readonly jsonSchema: unknown
  readonly label: string | null
  answer?: { readonly input: unknown }
}

const pending = new Map<string, Pending>()

export interface WaitForInputOptions {
  /** Tells those who are asked what they are asked for. */
  readonly label?: string
}

/**
 * Waits until somebody hands in an answer of this shape, through the API or the studio. Answers of another shape are refused,
 * and the waiting goes on.
 * @param options.timeout how long to wait; the answer is `undefined` if nobody has answered by then
 */
export async function waitForInput<S extends InputSchema>(
  schema: S,
  options?: WaitForInputOptions & { readonly timeout?: undefined },
): Promise<z.output<S>>
export async function waitForInput<S extends InputSchema>(
  schema: S,
  options: WaitForInputOptions & { readonly timeout: Duration },
): Promise<z.output<S> | undefined>
export async function waitForInput<S extends InputSchema>(
  schema: S,
  { label, timeout }: WaitForInputOptions & { readonly timeout?: Duration } = {},
): Promise<z.output<S> | undefined> {
  const task = { custom_task_id: ownId(), custom_task_type: TASK_TYPE }
  const jsonSchema = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const asked = { input_schema: jsonSchema, label: label ?? null }
  const request: Pending = { schema, jsonSchema, label: label ?? null }
  pending.set(task.custom_task_id, request)
  const tell = async (lifecycle: string, event: Parameters<typeof report>[0][number], error?: string) => {
    traceTask(TASK_TYPE, task.custom_task_id, lifecycle, error)
    if (lifecycle === 'started') await report([event], { setKeys: { [STATE_KEY]: 'waiting_for_input' } })
    else await report([event], pending.size === 0 ? { deleteKeys: [STATE_KEY] } : {})
  }
  try {
    await tell('started', eventOfRun('CUSTOM_TASK_STARTED', { ...task, payload: jsonPayload(asked) }))
    const isAnswered = () => request.answer !== undefined
    if (timeout === undefined) await condition(isAnswered)
    else if (!(await condition(isAnswered, timeout))) {
      pending.delete(task.custom_task_id)
      await tell(
        'timed_out',
        eventOfRun('CUSTOM_TASK_TIMED_OUT', { ...task, timeout_type: 'START_TO_CLOSE' }),
      )
      return undefined
    }
  } catch (error) {
    pending.delete(task.custom_task_id)
    const message = failureMessage(error)
    if (isCancellation(error))
      await tell('canceled', eventOfRun('CUSTOM_TASK_CANCELED', { ...task, reason: message }))
    else await tell('failed', eventOfRun('CUSTOM_TASK_FAILED', { ...task, failure: { message } }), message)
    throw error
  }
  pending.delete(task.custom_task_id)
  const { input } = request.answer!
  await tell(
    'completed',
    eventOfRun('CUSTOM_TASK_COMPLETED', { ...task, payload: jsonPayload({ ...asked, input }) }),
  )
  return schema.parse(input) as z.output<S>
}

/** Sets up the query and the update through which inputs are asked for and handed in; the API knows both by name. */
export function openInputs(): void {
  setHandler(defineQuery('__get_pending_inputs'), () => ({
    pending_inputs: [...pending].map(([id, { jsonSchema, label }]) => ({
      task_id: id,
      input_schema: jsonSchema,
      label,
    })),
  }))
  setHandler(
    defineUpdate<{ error: null }, [unknown]>('__submit_input'),
    (sent) => {
      const { request, input } = submitted(sent)
      request.answer = { input }
      return { error: null }
    },
    { validator: submitted },
  )
}

const submission = z.object({ task_id: z.string(), input: z.unknown() })

/** @throws ApplicationFailure if nobody asked for this input, or for another one */
function submitted(sent: unknown): { request: Pending; input: unknown } {
  const parsed = submission.safeParse(sent)
  if (!parsed.success) throw refusal('The input', parsed.error)
  const request = pending.get(parsed.data.task_id)
  if (!request || request.answer)
    throw ApplicationFailure.nonRetryable(
      `No input is waited for under the task id ${JSON.stringify(parsed.data.task_id)}`,
      'InputNotExpected',
    )
  const input = request.schema.safeParse(parsed.data.input)
  if (!input.success) throw refusal('The input', input.error)
  return { request, input: parsed.data.input }
}
