import { ApplicationFailure } from '@temporalio/common'
import type { PayloadContext } from '@tramontane/contract/workflow-payload'

/**
 * A value together with whose it is: how workflow data passes between the payload converter and the interceptors, which put
 * the context on what goes out and take it off what comes in. User code never sees one.
 */
export class OwnedValue {
  /** Marks instances, also those of another copy of this file. */
  readonly isOwnedValue = true
  readonly value: unknown
  readonly context: PayloadContext
  /** There is no value: the call has no argument. */
  readonly isEmpty: boolean
  /** How the data are encoded, if only their client can read them. */
  readonly unreadable: readonly string[] | undefined

  constructor(
    value: unknown,
    context: PayloadContext,
    { isEmpty = false, unreadable }: { isEmpty?: boolean; unreadable?: readonly string[] } = {},
  ) {
    this.value = value
    this.context = context
    this.isEmpty = isEmpty
    this.unreadable = unreadable
  }
}

/** Whether a value still has its context on it. */
export function isOwned(value: unknown): value is OwnedValue {
  return typeof value === 'object' && value !== null && (value as OwnedValue).isOwnedValue === true
}

/**
 * A value without its context; other values as they are.
 * @throws ApplicationFailure, not to be retried, for data that are encrypted, compressed or kept elsewhere
 */
export function disown(value: unknown): unknown {
  if (!isOwned(value)) return value
  if (value.unreadable)
    throw ApplicationFailure.nonRetryable(
      `These data are ${value.unreadable.join(', ') || 'no JSON'}: workers in TypeScript read plain JSON only. Send them without encoding.`,
      'UnreadablePayload',
    )
  return value.value
}

/** The arguments of a call without their context; a call without an argument has none. */
export function disownArguments(args: readonly unknown[]): {
  args: unknown[]
  context: PayloadContext | undefined
} {
  return {
    args: args.flatMap((arg) => (isOwned(arg) && arg.isEmpty ? [] : [disown(arg)])),
    context: args.find(isOwned)?.context,
  }
}

/** The arguments of a call with their context. A call without arguments sends one that says so. */
export function ownArguments(args: readonly unknown[], context: PayloadContext): OwnedValue[] {
  if (args.length === 0) return [new OwnedValue(undefined, context, { isEmpty: true })]
  return args.map((arg) => own(arg, context))
}

/** A result with its context. Nothing is `null`. */
export function own(value: unknown, context: PayloadContext): OwnedValue {
  return isOwned(value) ? value : new OwnedValue(value ?? null, context)
}
