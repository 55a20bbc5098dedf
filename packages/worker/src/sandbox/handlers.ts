import { ApplicationFailure } from '@temporalio/common'
import {
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import { z } from 'zod'
import type { AnyWorkflow } from '../definition/workflow-definition.ts'

type Functions = Record<string, (input: unknown) => unknown>

/**
 * Sets up a workflow's signals, queries and updates before its own code runs: their input is checked here, and signals and
 * updates that come before the code has said what to do with them wait for it.
 * @returns the function that takes the code's handlers
 */
export function openHandlers(definition: AnyWorkflow): (handlers: Functions) => void {
  let functions: Functions | undefined
  const functionOf = async (name: string) => {
    await condition(() => functions !== undefined)
    return functions![name]!
  }
  for (const [name, handler] of Object.entries(definition.signals ?? {}))
    setHandler(defineSignal<[unknown]>(name), async (sent) => {
      const input = read(handler, sent)
      // Nobody waits for a signal's outcome, and a wrong one must not end the run.
      if (!input.success) return log.warn(`The signal "${name}" was dropped: ${problem(input.error)}`)
      await (await functionOf(name))(input.data)
    })
  for (const [name, handler] of Object.entries(definition.queries ?? {}))
    setHandler(defineQuery<unknown, [unknown]>(name), (sent) => {
      const input = read(handler, sent)
      if (!input.success) throw refusal(`The input of the query "${name}"`, input.error)
      if (!functions)
        throw new Error(`"${workflowInfo().workflowType}" has not got to where it answers queries`)
      const answer = functions[name]!(input.data)
      if (answer instanceof Promise)
        throw new Error(`The query "${name}" is answered by an async function: queries only look, at once.`)
      return result(handler, answer, `What the query "${name}" answers`)
    })
  for (const [name, handler] of Object.entries(definition.updates ?? {}))
    setHandler(
      defineUpdate<unknown, [unknown]>(name),
      async (sent) => {
        const input = read(handler, sent)
        if (!input.success) throw refusal(`The input of the update "${name}"`, input.error)
        const answer = await (await functionOf(name))(input.data)
        return result(handler, answer, `What the update "${name}" answers`)
      },
      {
        validator: (sent) => {
          const input = read(handler, sent)
          if (!input.success) throw refusal(`The input of the update "${name}"`, input.error)
        },
      },
    )
  return (handlers) => {
    if (functions)
      throw ApplicationFailure.nonRetryable(
        `"${definition.name}" calls \`handle\` twice: call it once, with all handlers.`,
      )
    functions = handlers
  }
}

/** Checks what a workflow or a handler is sent; where nothing is taken, what comes is left unread. */
export function read(
  handler: { readonly input?: z.ZodType },
  sent: unknown,
): { success: true; data: unknown } | { success: false; error: z.core.$ZodError } {
  if (!handler.input) return { success: true, data: undefined }
  // The API sends `null` where a caller sends nothing.
  return handler.input.safeParse(sent ?? {})
}

/**
 * Checks what a workflow or a handler gives, and gives it as the schema makes it.
 * @throws ApplicationFailure, not to be retried
 */
export function result(handler: { readonly output?: z.ZodType }, value: unknown, what: string): unknown {
  if (!handler.output) return null
  const output = handler.output.safeParse(value)
  if (!output.success) throw refusal(what, output.error)
  return output.data
}

/** An error that says what does not fit where. */
export function refusal(what: string, error: z.core.$ZodError): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`${what} does not fit its schema: ${problem(error)}`, 'InvalidData')
}

function problem(error: z.core.$ZodError): string {
  return z.prettifyError(error)
}
