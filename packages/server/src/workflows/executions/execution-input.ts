import {
  encodeNetworkInput,
  encodePayload,
  isNetworkEncoded,
  type NetworkEncodedInput,
  type PayloadContext,
  type TemporalPayload,
} from '@tramontane/contract/workflow-payload'
import type { WorkflowCodeDefinition } from '@tramontane/contract/workflows'
import { ApiError } from '../../platform/http/errors.ts'
import { isObject, type JsonObject } from '../../platform/json-object.ts'
import type { SchemaChecker } from '../../platform/json-schema/schema-checker.ts'

/** What a caller gives a workflow, or one of its handlers: an object, what a client encoded, or nothing. */
export type Input = JsonObject | NetworkEncodedInput | null

/** Kinds of handlers, by the member of the definition that lists them. */
export type HandlerKind = 'signals' | 'queries' | 'updates'

/** Handlers that the SDK adds to every workflow and lists nowhere. */
const BUILT_IN: ReadonlySet<string> = new Set(['__get_pending_inputs', '__submit_input'])
const ONE: Readonly<Record<HandlerKind, string>> = { signals: 'signal', queries: 'query', updates: 'update' }
const MAX_LISTED = 50

function isEncoded(input: Input): input is NetworkEncodedInput {
  return isNetworkEncoded(input)
}

/** What the schema is about; undefined if only the client can read it. */
function readable(input: Input): { value: unknown } | undefined {
  if (!isEncoded(input)) return { value: input ?? {} }
  if (input.encoding_options.length > 0) return undefined
  if (input.empty) return { value: {} }
  try {
    return { value: JSON.parse(Buffer.from(input.b64payload, 'base64').toString()) ?? {} }
  } catch {
    throw new ApiError(
      'WORKFLOW_INPUT_INVALID',
      'The input is not JSON, and `encoding_options` does not say what it is.',
    )
  }
}

/**
 * Checks an input against the schema that the workflow declares; nothing counts as an empty object.
 * @throws ApiError WORKFLOW_INPUT_INVALID
 */
export async function checkInput(checker: SchemaChecker, schema: unknown, input: Input): Promise<void> {
  const what = readable(input)
  if (!what || !isObject(schema)) return
  const mistake = await checker.mistake(schema, what.value)
  if (mistake !== undefined)
    throw new ApiError('WORKFLOW_INPUT_INVALID', `The input does not fit the schema: ${mistake}.`)
}

/** An input as it goes to the worker. */
export function inputPayload(input: Input, context: PayloadContext): TemporalPayload {
  return isEncoded(input) ? encodeNetworkInput(input, context) : encodePayload(input ?? undefined, context)
}

/**
 * The schema of the input of a handler; undefined if it is not known.
 * @param definition absent: a plain Temporal worker runs it, and nobody knows what it has
 * @throws ApiError WORKFLOW_HANDLER_NOT_FOUND
 */
export function handlerSchema(
  definition: WorkflowCodeDefinition | undefined,
  kind: HandlerKind,
  name: string,
): JsonObject | undefined {
  if (!definition || BUILT_IN.has(name)) return undefined
  const handlers = definition[kind]
  const handler = handlers.find((one) => one.name === name)
  if (handler) return handler.input_schema
  const names = handlers.slice(0, MAX_LISTED).map((one) => JSON.stringify(one.name))
  throw new ApiError(
    'WORKFLOW_HANDLER_NOT_FOUND',
    `The workflow has no ${ONE[kind]} ${JSON.stringify(name)}. ${names.length === 0 ? 'It has none.' : `It has: ${names.join(', ')}.`}`,
  )
}
