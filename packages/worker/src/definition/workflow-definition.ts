import type { Duration } from '@temporalio/common'
import type { z } from 'zod'
import { checkHandlerNames, checkWorkflowName, DefinitionError } from './definition-names.ts'
import type { Schedule } from './schedule.ts'

/** A schema of objects: what a workflow, a signal, a query and an update take. */
export type InputSchema = z.ZodType<unknown, object | undefined>

/** What something takes and gives. Without `input` it takes nothing, without `output` it gives nothing. */
export interface Handler {
  readonly input?: InputSchema
  readonly output?: z.ZodType
  /** For those who read the list of what a workflow can do. */
  readonly description?: string
}
export type Handlers = Readonly<Record<string, Handler>>
export type SignalHandlers = Readonly<Record<string, Omit<Handler, 'output'>>>
/** No signals, no queries, no updates. */
export type None = Record<never, never>

type Input<H extends Handler> = H extends { input: infer I extends z.ZodType } ? z.output<I> : undefined
type Output<H extends Handler> = H extends { output: infer O extends z.ZodType }
  ? z.input<O>
  : // biome-ignore lint/suspicious/noConfusingVoidType: a handler that gives nothing need not return
    void
/** What a caller passes: nothing, where nothing is taken. */
export type Sent<H extends Handler> = H extends { input: infer I extends z.ZodType } ? z.input<I> : undefined

/** The functions behind a workflow's signals, queries and updates. */
export type HandlerFunctions<S extends SignalHandlers, Q extends Handlers, U extends Handlers> = {
  [K in keyof S]: (input: Input<S[K]>) => void | Promise<void>
} & {
  [K in keyof Q]: (input: Input<Q[K]>) => Output<Q[K]>
} & {
  [K in keyof U]: (input: Input<U[K]>) => Output<U[K]> | Promise<Output<U[K]>>
}

/** What a workflow's function gets beside its input. */
export interface RunContext<
  I extends z.ZodType,
  S extends SignalHandlers,
  Q extends Handlers,
  U extends Handlers,
> {
  /** The id under which the API knows this execution. */
  readonly executionId: string
  /**
   * Says what happens on a signal, a query, an update. Call it once, first thing: signals and updates that come earlier wait
   * for it, and their input is checked before it gets here.
   */
  readonly handle: (handlers: HandlerFunctions<S, Q, U>) => void
  /**
   * Ends this run and goes on in a new one with this input, under the same id: for work without an end, whose history
   * would grow for ever. Await it, as the last thing.
   */
  readonly continueAsNew: (input: z.input<I>) => Promise<never>
  /** Whether the history has grown so long that it is time for `continueAsNew`. */
  readonly shouldContinueAsNew: () => boolean
}

/** Words by which an execution is found; null where there is no word. */
export type SearchKeys = Readonly<Record<string, string | number | boolean | Date | null | undefined>>

/** A workflow as its author writes it. */
export interface WorkflowOptions<
  I extends z.ZodType,
  O extends z.ZodType,
  S extends SignalHandlers,
  Q extends Handlers,
  U extends Handlers,
> {
  /** Under which it is started. Letters, digits, `-` and `_`. */
  readonly name: string
  readonly displayName?: string
  readonly description?: string
  readonly input?: I
  readonly output?: O
  readonly signals?: S
  readonly queries?: Q
  readonly updates?: U
  /** How long an execution may take at most, all waiting included; then it is ended. An hour unless said otherwise. */
  readonly executionTimeout?: Duration
  /** When to start it without being asked. */
  readonly schedules?: readonly Schedule<z.input<I>>[]
  /**
   * What an error that nobody catches does. `fail`: the execution fails, and can be reset to a point before the error once
   * the code is mended. `wait`: the execution stays where it is, and goes on when a worker with mended code comes.
   */
  readonly onError?: 'fail' | 'wait'
  /**
   * By what the list of runs finds an execution (`search_key=order:7`). At most 20, kept in plain text.
   */
  searchKeys?(input: z.output<I>): SearchKeys
  /**
   * The steps. Runs again from the start on another worker if this one dies, with the results that are already there: so it
   * must do the same each time. What touches the world belongs in activities.
   */
  run(input: z.output<I>, context: RunContext<I, S, Q, U>): Promise<z.input<O>>
}

const brand: unique symbol = Symbol.for('tramontane.workflow')

/** What can be started: its name, and what goes in and comes out. */
export interface CallableWorkflow<I extends z.ZodType, O extends z.ZodType, S extends SignalHandlers = None> {
  readonly name: string
  readonly input?: I
  readonly output?: O
  readonly signals?: S
  readonly executionTimeout?: Duration
  /** Where it runs, if that is another deployment. */
  readonly deployment?: string
}

/** A workflow that this worker runs. Made by `workflow`. */
export interface Workflow<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  S extends SignalHandlers = SignalHandlers,
  Q extends Handlers = Handlers,
  U extends Handlers = Handlers,
> extends WorkflowOptions<I, O, S, Q, U> {
  readonly [brand]: true
  readonly deployment?: undefined
}

/** Any workflow, when it does not matter what it takes and gives. */
export type AnyWorkflow = Omit<Workflow, 'run' | 'schedules' | 'searchKeys'> & {
  readonly schedules?: readonly Schedule<unknown>[]
  searchKeys?(input: unknown): SearchKeys
  run(input: unknown, context: RunContext<z.ZodType, SignalHandlers, Handlers, Handlers>): Promise<unknown>
}

/**
 * Defines a workflow. Export it from the file that the worker is given.
 * @throws DefinitionError for a name that cannot be used, and for names that are used twice
 */
export function workflow<
  I extends InputSchema = z.ZodUndefined,
  O extends z.ZodType = z.ZodVoid,
  const S extends SignalHandlers = None,
  const Q extends Handlers = None,
  const U extends Handlers = None,
>(options: WorkflowOptions<I, O, S, Q, U>): Workflow<I, O, S, Q, U> {
  checkWorkflowName(options.name)
  checkHandlerNames(options.name, [options.signals, options.queries, options.updates])
  if (typeof options.run !== 'function')
    throw new DefinitionError(`The workflow "${options.name}" has no function \`run\`.`)
  return { ...options, [brand]: true }
}

/**
 * Names a workflow that another deployment runs, also one written in Python, to start it as a child.
 * @throws DefinitionError for a name that no workflow can have
 */
export function remoteWorkflow<
  I extends InputSchema = z.ZodUndefined,
  O extends z.ZodType = z.ZodVoid,
  const S extends SignalHandlers = None,
>(
  options: Omit<CallableWorkflow<I, O, S>, 'deployment'> & {
    /** The name of the deployment whose workers run it. */
    readonly deployment: string
  },
): CallableWorkflow<I, O, S> {
  checkWorkflowName(options.name)
  return options
}

/** Whether something that a file exports is a workflow. */
export function isWorkflow(value: unknown): value is AnyWorkflow {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, brand)
}
