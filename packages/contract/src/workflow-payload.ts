import { z } from 'zod'

/**
 * How workflow data lies in Temporal: payloads in the format `json/wf_v1`. The metadata say whose data it is (the
 * context), the data are plain JSON text, unless a client encrypted, compressed or moved them elsewhere; then the
 * metadata list how (`encoding_options`), and only clients can read them. Pure: runs in the server, in workers and inside
 * the workflow sandbox, so it uses nothing of Node.
 */

/** A payload as Temporal has it. */
export interface TemporalPayload {
  metadata?: Record<string, Uint8Array> | null
  data?: Uint8Array | null
}

/** A payload made here: both parts are there. */
export interface EncodedPayload extends TemporalPayload {
  metadata: Record<string, Uint8Array>
  data: Uint8Array
}

/** Whose data a payload holds. Every part but the first two is left out of the metadata if it is not set. */
export interface PayloadContext {
  namespace: string
  /** Never empty on the wire: workers refuse a payload without it. */
  executionId: string
  rootExecutionId?: string
  parentExecutionId?: string
  /** The secret of one run. Belongs in the start argument and in what goes to activities, never in a result. */
  executionToken?: string
  extensions?: Record<string, unknown>
  /** Written by workers only, never by callers. */
  trustedExtensions?: Record<string, unknown>
  onBehalfOf?: boolean
  continuedRunId?: string
  firstExecutionRunId?: string
  scheduleId?: string
}

/** What a client may have done with the data. */
export const encodingOptions = ['offloaded', 'encrypted', 'encrypted-partial', 'compressed'] as const
const encodingOption = z.enum(encodingOptions)

/** Input that a client encoded itself; stands where the plain input object would. */
export const networkEncodedInput = z.object({
  b64payload: z.base64(),
  encoding_options: z.array(encodingOption).default([]),
  empty: z.boolean().default(false),
})
export type NetworkEncodedInput = z.output<typeof networkEncodedInput>

/** A result that only the client can decode. Also the form of binary results. */
export const networkEncodedResult = z.object({
  b64payload: z.base64(),
  encoding_options: z.array(z.string()).default([]),
})
export type NetworkEncodedResult = z.output<typeof networkEncodedResult>

/** What is in a payload: a JSON value, or bytes that are for the client. `context` is null in other formats than ours. */
export type DecodedPayload = { context: PayloadContext | null } & (
  | { kind: 'value'; value: unknown /** The call has no argument. */; isEmpty: boolean }
  | {
      kind: 'encoded'
      data: Uint8Array
      /** Empty for bytes that were never JSON. */
      encodingOptions: string[]
      isEmpty: boolean
    }
)

export const payloadEncoding = 'json/wf_v1'
const ourEncodings = new Set([payloadEncoding, 'json/abraxas_v1'])

/** The parts of the context that are plain text: name here, name in the metadata. */
const textParts = [
  ['rootExecutionId', 'root_workflow_exec_id'],
  ['parentExecutionId', 'parent_workflow_exec_id'],
  ['executionToken', '__internal_execution_token'],
  ['continuedRunId', 'continued_run_id'],
  ['firstExecutionRunId', 'first_execution_run_id'],
  ['scheduleId', 'schedule_id'],
] as const
const jsonParts = [
  ['extensions', '__internal_extensions'],
  ['trustedExtensions', '__internal_trusted_extensions'],
] as const

const utf8 = new TextEncoder()
const text = new TextDecoder()

/**
 * A value as a payload. `undefined` is a call without an argument: `null`, marked empty.
 * @throws TypeError for what JSON cannot hold (a bigint, a circle)
 */
export function encodePayload(value: unknown, context: PayloadContext): EncodedPayload {
  const json = value === undefined ? undefined : JSON.stringify(value)
  return {
    metadata: metadataOf(context, [], json === undefined),
    data: utf8.encode(json ?? 'null'),
  }
}

/** What a client encoded, as a payload: its bytes are kept, the context is added. */
export function encodeNetworkInput(input: NetworkEncodedInput, context: PayloadContext): EncodedPayload {
  return {
    metadata: metadataOf(context, input.encoding_options, input.empty),
    data: bytesOf(input.b64payload),
  }
}

/** Whether an input object is one that a client encoded. */
export function isNetworkEncoded(input: unknown): input is { b64payload: unknown } {
  return typeof input === 'object' && input !== null && Object.hasOwn(input, 'b64payload')
}

/** Whether a payload is in this format, in either of its spellings; the others are Temporal's own. */
export function isOurPayload(payload: TemporalPayload): boolean {
  return ourEncodings.has(textOf(payload.metadata ?? {}, 'encoding') ?? '')
}

/**
 * What is in a payload, ours or any of Temporal's own. Never throws: what is no JSON is given as bytes.
 * @param parse reads JSON otherwise than `JSON.parse`, which rounds whole numbers beyond 2^53
 */
export function decodePayload(
  payload: TemporalPayload,
  parse: (text: string) => unknown = JSON.parse,
): DecodedPayload {
  const metadata = payload.metadata ?? {}
  const data = payload.data ?? new Uint8Array()
  const encoding = textOf(metadata, 'encoding')
  if (encoding === 'binary/null') return { kind: 'value', value: null, context: null, isEmpty: false }
  if (encoding === 'binary/encrypted')
    return { kind: 'encoded', data, encodingOptions: ['encrypted'], context: null, isEmpty: false }
  if (encoding === undefined || !(ourEncodings.has(encoding) || encoding.startsWith('json/')))
    return { kind: 'encoded', data, encodingOptions: [], context: null, isEmpty: false }

  const ours = ourEncodings.has(encoding)
  const context = ours ? contextOf(metadata) : null
  const isEmpty = ours && Object.hasOwn(metadata, 'empty_payload')
  const options = (ours && textOf(metadata, 'encoding_options')?.split(',').filter(Boolean)) || []
  if (options.length > 0) return { kind: 'encoded', data, encodingOptions: options, context, isEmpty }
  if (isEmpty) return { kind: 'value', value: null, context, isEmpty }
  const json = jsonOf(data, parse)
  return json
    ? { kind: 'value', value: json.value, context, isEmpty }
    : { kind: 'encoded', data, encodingOptions: [], context, isEmpty }
}

/**
 * A payload as the API answers it: the JSON value, or what only the client can decode. No payload is `null`.
 * @param parse as of `decodePayload`
 */
export function networkResult(
  payload: TemporalPayload | null | undefined,
  parse?: (text: string) => unknown,
): unknown {
  if (!payload) return null
  const decoded = decodePayload(payload, parse)
  if (decoded.kind === 'value') return decoded.value
  return {
    b64payload: base64Of(decoded.data),
    encoding_options: decoded.encodingOptions,
  } satisfies NetworkEncodedResult
}

function metadataOf(context: PayloadContext, options: readonly string[], empty: boolean) {
  const metadata: Record<string, Uint8Array> = {
    encoding: utf8.encode(payloadEncoding),
    namespace: utf8.encode(context.namespace),
    execution_id: utf8.encode(context.executionId),
    encoding_options: utf8.encode(options.join(',')),
  }
  for (const [part, key] of textParts) {
    const value = context[part]
    if (value) metadata[key] = utf8.encode(value)
  }
  for (const [part, key] of jsonParts) {
    const value = context[part]
    if (value && Object.keys(value).length > 0) metadata[key] = utf8.encode(JSON.stringify(value))
  }
  if (context.onBehalfOf !== undefined)
    metadata.__internal_on_behalf_of = utf8.encode(String(context.onBehalfOf))
  // Its presence counts; the byte is the one that the official workers write.
  if (empty) metadata.empty_payload = new Uint8Array(1)
  return metadata
}

function contextOf(metadata: Record<string, Uint8Array>): PayloadContext {
  const context: PayloadContext = {
    namespace: textOf(metadata, 'namespace') ?? '',
    executionId: textOf(metadata, 'execution_id') ?? '',
  }
  for (const [part, key] of textParts) {
    const value = textOf(metadata, key)
    if (value) context[part] = value
  }
  for (const [part, key] of jsonParts) {
    const value = Object.hasOwn(metadata, key) ? jsonOf(metadata[key]!)?.value : undefined
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      context[part] = value as Record<string, unknown>
  }
  const onBehalfOf = textOf(metadata, '__internal_on_behalf_of')
  if (onBehalfOf !== undefined) context.onBehalfOf = onBehalfOf === 'true'
  return context
}

function textOf(metadata: Record<string, Uint8Array>, key: string): string | undefined {
  return Object.hasOwn(metadata, key) ? textOfBytes(metadata[key]!) : undefined
}

/** Empty bytes come out of protobuf as an empty list, which no decoder takes. */
function textOfBytes(bytes: Uint8Array): string {
  return bytes.length === 0 ? '' : text.decode(bytes)
}

function jsonOf(
  data: Uint8Array,
  parse: (text: string) => unknown = JSON.parse,
): { value: unknown } | undefined {
  try {
    return { value: parse(textOfBytes(data)) }
  } catch {
    return undefined
  }
}

function bytesOf(base64: string): Uint8Array {
  const binary = atob(base64)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

function base64Of(bytes: Uint8Array): string {
  // In pieces: a call takes a limited number of arguments.
  const pieces: string[] = []
  for (let at = 0; at < bytes.length; at += 8_192)
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + 8_192)))
  return btoa(pieces.join(''))
}
