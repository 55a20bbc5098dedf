import { msToNumber } from '@temporalio/common/lib/time.js'
import type { WorkflowSpec } from '@tramontane/contract/workers'
import { z } from 'zod'
import { DefinitionError } from './definition-names.ts'
import { isoDuration, scheduleOnWire } from './schedule.ts'
import { type AnyWorkflow, type Handlers, isWorkflow } from './workflow-definition.ts'

type JsonSchema = Record<string, unknown>
type SentSpec = Omit<WorkflowSpec, 'execution_timeout'> & { execution_timeout: string }

/**
 * The workflows that a file exports.
 * @throws DefinitionError if there are none, or two with one name
 */
export function exportedWorkflows(exported: Readonly<Record<string, unknown>>, file: string): AnyWorkflow[] {
  const found = new Set(Object.values(exported).filter(isWorkflow))
  if (found.size === 0)
    throw new DefinitionError(
      `${file} exports no workflow. Write \`export const … = workflow({ … })\` in it, or name the file that does.`,
    )
  const names = new Set<string>()
  for (const { name } of found) {
    if (names.has(name))
      throw new DefinitionError(`${file} exports two workflows named "${name}": give each a name of its own.`)
    names.add(name)
  }
  return [...found]
}

/**
 * A workflow as it is registered: so that the API can check what it is sent, and show what it can do.
 * @throws DefinitionError for a schema that cannot be told as JSON Schema, or takes something other than an object
 */
export function workflowSpec(workflow: AnyWorkflow, taskQueue: string): SentSpec {
  const what = `the workflow "${workflow.name}"`
  return {
    name: workflow.name,
    task_queue: taskQueue,
    display_name: workflow.displayName ?? null,
    description: workflow.description ?? null,
    input_schema: inputSchema(workflow.input, what),
    output_schema: resultSchema(workflow.output, what),
    signals: handlerSpecs(workflow.signals, what),
    queries: handlerSpecs(workflow.queries, what),
    updates: handlerSpecs(workflow.updates, what),
    schedules: (workflow.schedules ?? []).map((schedule) => {
      const input = workflow.input?.safeParse(schedule.input ?? {})
      if (input?.success === false)
        throw new DefinitionError(
          `The input of the schedule "${schedule.id}" of ${what} does not fit: ${z.prettifyError(input.error)}`,
        )
      return scheduleOnWire(workflow.name, schedule)
    }),
    enforce_determinism: true,
    on_behalf_of: false,
    execution_timeout: timeout(workflow),
    is_technical: false,
    plugin_metadata: null,
  }
}

function timeout({ name, executionTimeout = '1 hour' }: AnyWorkflow): string {
  try {
    if (msToNumber(executionTimeout) > 0) return isoDuration(executionTimeout)
  } catch {
    // What follows says it better.
  }
  throw new DefinitionError(
    `The execution timeout of the workflow "${name}" is no duration: ${JSON.stringify(executionTimeout)}. Write it as "90 minutes" or "3 days".`,
  )
}

function handlerSpecs(handlers: Handlers | undefined, what: string) {
  return Object.entries(handlers ?? {}).map(([name, { input, output, description }]) => ({
    name,
    description: description ?? null,
    input_schema: inputSchema(input, `"${name}" of ${what}`),
    output_schema: output === undefined ? null : jsonSchema(output, 'output', `"${name}" of ${what}`),
  }))
}

function inputSchema(schema: z.ZodType | undefined, what: string): JsonSchema {
  if (!schema) return { type: 'object', properties: {} }
  const json = jsonSchema(schema, 'input', `the input of ${what}`)
  if (json.type !== undefined && json.type !== 'object')
    throw new DefinitionError(
      `The input of ${what} is not an object: put it into one, such as z.object({ value: … }).`,
    )
  return json
}

/** A result that is no object is put into one, as `result`. */
function resultSchema(schema: z.ZodType | undefined, what: string): JsonSchema | null {
  if (!schema) return null
  const json = jsonSchema(schema, 'output', `the output of ${what}`)
  if (json.type === 'object') return json
  const { $defs, ...own } = json
  return {
    type: 'object',
    properties: { result: own },
    required: ['result'],
    ...($defs !== undefined && { $defs }),
  }
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output', what: string): JsonSchema {
  try {
    const {
      $schema: _,
      '~standard': __,
      ...json
    } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema
    return json
  } catch (cause) {
    throw new DefinitionError(
      `The schema of ${what} cannot be told as JSON Schema: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    )
  }
}
