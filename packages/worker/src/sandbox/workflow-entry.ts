import { TemporalFailure } from '@temporalio/common'
import {
  CancellationScope,
  ContinueAsNew,
  continueAsNew,
  isCancellation,
  log,
  workflowInfo,
} from '@temporalio/workflow'
import { type AnyWorkflow, isWorkflow, type SearchKeys } from '../definition/workflow-definition.ts'
import { failureMessage, jsonPayload } from '../run-events.ts'
import { openHandlers, read, refusal, result } from './handlers.ts'
import { eventOfRun, report, runRegistration } from './run-report.ts'
import { decideToken, ownId } from './run-state.ts'
import { endTrace } from './run-trace.ts'
import * as exported from './user-workflows.ts'
import { openInputs } from './wait-for-input.ts'

/** The workflows of the file that the worker was given, by name. The bundle puts that file in the place of the import above. */
const definitions = new Map<string, AnyWorkflow>(
  Object.values(exported)
    .filter(isWorkflow)
    .map((definition) => [definition.name, definition]),
)

/**
 * What Temporal starts for every run. Sets up what callers can do with the run, makes it known, runs its steps, and tells
 * how it ended.
 */
export default async function run(sent: unknown): Promise<unknown> {
  const definition = definitions.get(workflowInfo().workflowType)
  // No failure of the run: it waits for a worker that knows it.
  if (!definition)
    throw new Error(
      `This worker has no workflow "${workflowInfo().workflowType}"; it has ${[...definitions.keys()].join(', ')}.`,
    )
  const handle = openHandlers(definition)
  openInputs()
  const info = workflowInfo()
  const task = { task_id: ownId(), attempt: info.attempt }
  decideToken()
  await report(
    [
      eventOfRun('WORKFLOW_EXECUTION_STARTED', {
        ...task,
        workflow_name: definition.name,
        display_name: definition.displayName ?? null,
        input: jsonPayload(sent === undefined ? [] : [sent]),
      }),
    ],
    { registration: runRegistration(searchKeys(definition, sent)) },
  )
  try {
    const value = await runSteps(definition, sent, handle)
    endTrace({ result: value })
    await report([eventOfRun('WORKFLOW_EXECUTION_COMPLETED', { ...task, result: jsonPayload(value) })])
    return value
  } catch (error) {
    // The event of a run that goes on in another is the server's: only it knows the other one's id.
    if (error instanceof ContinueAsNew) throw error
    const isCancelled = isCancellation(error) && CancellationScope.current().consideredCancelled
    // What does not end the run is tried again, and told by nobody.
    if (!isCancelled && !failsTheRun(definition, error)) throw error
    const message = failureMessage(error)
    endTrace({ error: message })
    await report([
      isCancelled
        ? eventOfRun('WORKFLOW_EXECUTION_CANCELED', { ...task, reason: message })
        : eventOfRun('WORKFLOW_EXECUTION_FAILED', { ...task, failure: { message } }),
    ])
    throw error
  }
}

/** Which errors end a run as failed; asked by Temporal when a run begins. */
run.workflowDefinitionOptions = () => {
  const definition = definitions.get(workflowInfo().workflowType)
  return { failureExceptionTypes: definition && definition.onError !== 'wait' ? [Error] : [] }
}

function failsTheRun(definition: AnyWorkflow, error: unknown): boolean {
  return definition.onError !== 'wait' || error instanceof TemporalFailure
}

async function runSteps(
  definition: AnyWorkflow,
  sent: unknown,
  handle: ReturnType<typeof openHandlers>,
): Promise<unknown> {
  const input = read(definition, sent)
  if (!input.success) throw refusal(`The input of "${definition.name}"`, input.error)
  const value = await definition.run(input.data, {
    executionId: workflowInfo().workflowId,
    handle: handle as never,
    continueAsNew: (next) => continueAsNew(...(next === undefined ? [] : [next])),
    shouldContinueAsNew: () => workflowInfo().continueAsNewSuggested,
  })
  return asResult(result(definition, value, `What "${definition.name}" gives`))
}

/** What a workflow wants to be found by. Where its function fails, it is found by nothing, and goes on. */
function searchKeys(definition: AnyWorkflow, sent: unknown): SearchKeys {
  if (!definition.searchKeys) return {}
  try {
    const input = read(definition, sent)
    return input.success ? definition.searchKeys(input.data) : {}
  } catch (error) {
    log.warn('The search keys could not be made', { error: failureMessage(error) })
    return {}
  }
}

/** A result on the wire is an object or `null`: anything else is put into one. */
function asResult(value: unknown): unknown {
  if (value === null || value === undefined) return null
  return typeof value === 'object' && !Array.isArray(value) ? value : { result: value }
}
