import type { Duration } from '@temporalio/common'
import {
  type ChildWorkflowHandle,
  type ParentClosePolicy,
  startChild as startTemporalChild,
  type Workflow as TemporalWorkflow,
  uuid4,
} from '@temporalio/workflow'
import type { z } from 'zod'
import type { CallableWorkflow, None, Sent, SignalHandlers } from '../definition/workflow-definition.ts'
import { refusal } from './handlers.ts'

export interface ChildOptions {
  /** The id under which the API knows the child; one is made up otherwise. */
  readonly executionId?: string
  /** In place of the child's own execution timeout. */
  readonly executionTimeout?: Duration
  /** What becomes of the child when its parent ends before it: `terminate` unless said otherwise. */
  readonly whenParentCloses?: 'terminate' | 'cancel' | 'abandon'
}

/** Input and options of a child: the input may be left out where nothing is taken. */
export type ChildArguments<I extends z.ZodType> =
  undefined extends z.input<I>
    ? [input?: z.input<I>, options?: ChildOptions]
    : [input: z.input<I>, options?: ChildOptions]

/** A child that has been started. */
export interface Child<O extends z.ZodType, S extends SignalHandlers> {
  readonly executionId: string
  readonly runId: string
  /**
   * Waits for its result.
   * @throws ChildWorkflowFailure if it fails, is cancelled, terminated or times out
   */
  result(): Promise<z.output<O>>
  /** Sends it one of its signals. */
  signal<K extends keyof S & string>(
    name: K,
    ...input: Sent<S[K]> extends undefined ? [] : [input: Sent<S[K]>]
  ): Promise<void>
}

const closePolicies = {
  terminate: 'TERMINATE',
  cancel: 'REQUEST_CANCEL',
  abandon: 'ABANDON',
} as const satisfies Record<string, ParentClosePolicy>

/**
 * Runs another workflow, and waits for its result.
 * @throws ChildWorkflowFailure if it fails, is cancelled, terminated or times out
 */
export async function executeChild<I extends z.ZodType, O extends z.ZodType, S extends SignalHandlers = None>(
  definition: CallableWorkflow<I, O, S>,
  ...args: ChildArguments<I>
): Promise<z.output<O>> {
  const child = await startChild(definition, ...args)
  return child.result()
}

/** Starts another workflow, and goes on without waiting for it. */
export async function startChild<I extends z.ZodType, O extends z.ZodType, S extends SignalHandlers = None>(
  definition: CallableWorkflow<I, O, S>,
  ...[input, options = {}]: ChildArguments<I>
): Promise<Child<O, S>> {
  if (definition.input) {
    const checked = definition.input.safeParse(input)
    if (!checked.success) throw refusal(`The input of the child "${definition.name}"`, checked.error)
  }
  const handle: ChildWorkflowHandle<TemporalWorkflow> = await startTemporalChild(definition.name, {
    args: input === undefined ? [] : [input],
    workflowId: options.executionId ?? uuid4(),
    workflowExecutionTimeout: options.executionTimeout ?? definition.executionTimeout ?? '1 hour',
    parentClosePolicy: closePolicies[options.whenParentCloses ?? 'terminate'],
    ...(definition.deployment !== undefined && { taskQueue: definition.deployment }),
  })
  return {
    executionId: handle.workflowId,
    runId: handle.firstExecutionRunId,
    result: async () => childResult(definition, await handle.result()),
    signal: (name, ...sent) => handle.signal(name, ...(sent as unknown[])),
  }
}

/** A child's result: what is no object comes wrapped in one. */
function childResult<O extends z.ZodType>(
  { name, output }: Pick<CallableWorkflow<z.ZodType, O>, 'name' | 'output'>,
  wire: unknown,
): z.output<O> {
  if (!output) return undefined as z.output<O>
  const plain = output.safeParse(wire)
  if (plain.success) return plain.data
  if (typeof wire === 'object' && wire !== null && Object.hasOwn(wire, 'result')) {
    const wrapped = output.safeParse((wire as { result: unknown }).result)
    if (wrapped.success) return wrapped.data
  }
  throw refusal(`The result of the child "${name}"`, plain.error)
}
