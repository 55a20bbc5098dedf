import type {
  WorkflowInboundCallsInterceptor,
  WorkflowInterceptors,
  WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow'
import { disown, disownArguments, own, ownArguments } from '../owned-value.ts'
import { failureMessage } from '../run-events.ts'
import { runOwner, takeStartContext } from './run-state.ts'
import { beginTrace, traceHandler, traceHeaders, traceLogAttributes, traceMemo } from './run-trace.ts'

/** Takes the context off what comes into a run, puts it on what goes out, and keeps the trace together. */
const inbound: WorkflowInboundCallsInterceptor = {
  async execute(input, next) {
    const { args, context } = disownArguments(input.args)
    takeStartContext(context)
    beginTrace(input.headers, args)
    return own(await next({ ...input, args }), runOwner())
  },
  async handleSignal(input, next) {
    const { args } = disownArguments(input.args)
    await traced('signal', input.signalName, args, () => next({ ...input, args }))
  },
  async handleQuery(input, next) {
    const { args } = disownArguments(input.args)
    // Queries of the system, such as the stack trace, are answered in Temporal's own format.
    if (input.queryName.startsWith('__temporal') || input.queryName.endsWith('stack_trace'))
      return next({ ...input, args })
    return own(await next({ ...input, args }), runOwner())
  },
  validateUpdate(input, next) {
    next({ ...input, args: disownArguments(input.args).args })
  },
  async handleUpdate(input, next) {
    const { args } = disownArguments(input.args)
    const result = await traced('update', input.name, args, () => next({ ...input, args }))
    return own(result, runOwner())
  },
}

const outbound: WorkflowOutboundCallsInterceptor = {
  async scheduleActivity(input, next) {
    const args = ownArguments(input.args, runOwner({ withToken: true }))
    const headers = { ...traceHeaders(input.activityType), ...input.headers }
    return disown(await next({ ...input, args, headers }))
  },
  async scheduleLocalActivity(input, next) {
    const args = ownArguments(input.args, runOwner({ withToken: true }))
    const headers = { ...traceHeaders(input.activityType), ...input.headers }
    return disown(await next({ ...input, args, headers }))
  },
  async startChildWorkflowExecution(input, next) {
    const args = ownArguments(input.options.args, runOwner())
    const headers = { ...traceHeaders(input.workflowType), ...input.headers }
    const memo = { ...traceMemo(), ...input.options.memo }
    const [started, completed] = await next({
      ...input,
      headers,
      options: { ...input.options, args, ...(Object.keys(memo).length > 0 && { memo }) },
    })
    const result = completed.then(disown)
    // Whoever waits for it sees the failure; a child that nobody waits for may fail unseen, as in Temporal.
    result.catch(() => {})
    return [started, result]
  },
  async signalWorkflow(input, next) {
    const headers = { ...traceHeaders(input.signalName), ...input.headers }
    await next({ ...input, args: ownArguments(input.args, runOwner()), headers })
  },
  async continueAsNew(input, next) {
    const headers = { ...traceHeaders(input.options.workflowType), ...input.headers }
    return next({ ...input, args: ownArguments(input.args, runOwner()), headers })
  },
  getLogAttributes(input, next) {
    return next({ ...input, ...traceLogAttributes() })
  },
}

async function traced<T>(
  kind: 'signal' | 'update',
  name: string,
  args: readonly unknown[],
  handle: () => Promise<T>,
): Promise<T> {
  try {
    const result = await handle()
    traceHandler(kind, name, args, { result })
    return result
  } catch (error) {
    traceHandler(kind, name, args, { error: failureMessage(error) })
    throw error
  }
}

/** Where Temporal looks for them, by this name; called for each run. */
export function interceptors(): WorkflowInterceptors {
  return { inbound: [inbound], outbound: [outbound] }
}
