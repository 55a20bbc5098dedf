import { type DescMessage, fromBinary, fromJson, type JsonValue, type MessageShape } from '@bufbuild/protobuf'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { ApiError } from '../http/errors.ts'

/** Messages within messages that one export may hold: two bytes are enough to make the reader build an object. */
const MAX_MESSAGES = 400_000
/** How a request is written; its answer is written the same way. */
export type Encoding = 'protobuf' | 'json'

type JsonRecord = Record<string, unknown>

/** The objects of the list that `owner` has under the first of these names; empty if there is none. */
export function listAt(owner: unknown, ...names: readonly string[]): JsonRecord[] {
  for (const name of names) {
    const list = owner !== null && typeof owner === 'object' ? (owner as JsonRecord)[name] : undefined
    if (Array.isArray(list)) {
      return list.filter((item): item is JsonRecord => item !== null && typeof item === 'object')
    }
  }
  return []
}

/** OTLP/JSON writes ids in hexadecimal where protobuf's JSON wants base64. What is no hexadecimal becomes empty. */
function mendIds(owner: JsonRecord): void {
  for (const name of ['traceId', 'spanId', 'parentSpanId', 'trace_id', 'span_id', 'parent_span_id']) {
    const id = owner[name]
    if (typeof id === 'string') {
      owner[name] = /^(?:[0-9a-f]{2})*$/i.test(id) ? Buffer.from(id, 'hex').toString('base64') : ''
    }
  }
}

/** A time written as a JSON number has lost its last digits already, but is no reason to refuse the item. */
function mendTimes(owner: JsonRecord): void {
  for (const name of [
    'startTimeUnixNano',
    'endTimeUnixNano',
    'timeUnixNano',
    'observedTimeUnixNano',
    'start_time_unix_nano',
    'end_time_unix_nano',
    'time_unix_nano',
    'observed_time_unix_nano',
  ]) {
    const time = owner[name]
    if (typeof time === 'number' && Number.isInteger(time) && time >= 0) owner[name] = BigInt(time).toString()
  }
}

/** JavaScript senders write half a character as an escape, which protobuf refuses: it becomes U+FFFD. */
function parseJson(text: string): unknown {
  if (!/\\u[dD][89a-fA-F]/.test(text)) return JSON.parse(text)
  return JSON.parse(text, (_key, value) => (typeof value === 'string' ? value.toWellFormed() : value))
}

const messageFields = new WeakMap<DescMessage, ReadonlyMap<number, DescMessage>>()

/** The fields of a message that hold messages, by their numbers. */
function messageFieldsOf(desc: DescMessage): ReadonlyMap<number, DescMessage> {
  let fields = messageFields.get(desc)
  if (!fields) {
    fields = new Map(desc.fields.flatMap(({ number, message }) => (message ? [[number, message]] : [])))
    messageFields.set(desc, fields)
  }
  return fields
}

/** Goes over a message without building anything. @returns how many messages it holds; stops counting at the limit */
function countMessages(desc: DescMessage, bytes: Uint8Array, depth = 0): number {
  if (depth > 100) throw new Error('too deep')
  const fields = messageFieldsOf(desc)
  const reader = new BinaryReader(bytes)
  let count = 0
  while (reader.pos < reader.len && count <= MAX_MESSAGES) {
    const [number, type] = reader.tag()
    const message = fields.get(number)
    if (message && type === WireType.LengthDelimited)
      count += 1 + countMessages(message, reader.bytes(), depth + 1)
    else reader.skip(type, number)
  }
  return count
}

/** @throws ApiError PAYLOAD_TOO_LARGE */
function checkCount(schema: DescMessage, body: Uint8Array, encoding: Encoding): void {
  let count = 0
  if (encoding === 'protobuf') count = countMessages(schema, body)
  else for (const byte of body) if (byte === 0x7b) count++
  if (count > MAX_MESSAGES)
    throw new ApiError(
      'PAYLOAD_TOO_LARGE',
      `An export may hold ${MAX_MESSAGES} values and no more: send fewer items at a time.`,
    )
}

/**
 * Decodes the body of an export.
 * @param itemsOf gives the objects of the JSON form that have ids and times; OTLP's own JSON is made protobuf's in them
 * @throws ApiError TELEMETRY_BAD_REQUEST if it is no message of this schema, or is nested too deep to be read;
 *   PAYLOAD_TOO_LARGE if it would become too many objects
 */
export function decodeExport<S extends DescMessage>(
  schema: S,
  body: Uint8Array,
  encoding: Encoding,
  itemsOf: (request: unknown) => JsonRecord[],
): MessageShape<S> {
  try {
    checkCount(schema, body, encoding)
    if (encoding === 'protobuf') return fromBinary(schema, body, { readUnknownFields: false })
    const json = parseJson(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'))
    for (const item of itemsOf(json)) {
      mendIds(item)
      mendTimes(item)
    }
    return fromJson(schema, json as JsonValue, { ignoreUnknownFields: true })
  } catch (cause) {
    if (cause instanceof ApiError) throw cause
    throw new ApiError(
      'TELEMETRY_BAD_REQUEST',
      `The body is no ${schema.name} in ${encoding}: ${(cause as Error).message.slice(0, 300)}`,
      { cause },
    )
  }
}
