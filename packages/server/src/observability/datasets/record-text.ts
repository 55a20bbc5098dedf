import { isObject, type JsonObject } from '../../platform/json-object.ts'
import { memberText, onOneLine, readMembers, without } from '../../platform/json-text.ts'

/** A record as it is stored: JSON texts on one line each, exactly as the user wrote them. */
export interface RecordText {
  readonly payload: string
  readonly properties: string
  /** Whether the payload has a key `properties` of its own, which decides how a line of an export looks. */
  readonly payloadHasProperties: boolean
}

/** Why a text is no record; the sentence goes to the user. */
export class RecordFormatError extends Error {
  override readonly name = 'RecordFormatError'
}

const MAX_DEPTH = 256

function checkMessages(payload: JsonObject, where: string): void {
  const { messages } = payload
  if (messages === undefined) throw new RecordFormatError(`\`${where}messages\` is missing`)
  if (!Array.isArray(messages)) throw new RecordFormatError(`\`${where}messages\` is not a list`)
  const wrong = messages.findIndex((message) => !isObject(message))
  if (wrong >= 0) throw new RecordFormatError(`\`${where}messages.${wrong}\` is not an object`)
}

function checkProperties(value: unknown): void {
  if (value !== undefined && value !== null && !isObject(value))
    throw new RecordFormatError('`properties` is not an object')
}

function parseObject(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    // V8 repeats the text in its message, which may be long and is the user's.
    throw new RecordFormatError(`it is not JSON: ${(error as Error).message.slice(0, 200)}`)
  }
  if (!isObject(value)) throw new RecordFormatError('it is not a JSON object')
  return value
}

/**
 * Reads a line of a JSONL file: `{"messages": […], …, "properties": {…}}`, or, for payloads that have a key
 * `properties` of their own, `{"payload": {"messages": […], …}, "properties": {…}}`.
 * @throws RecordFormatError
 */
export function parseRecordLine(line: string): RecordText {
  const value = parseObject(line)
  const text = onOneLine(line)
  const { members, depth } = readMembers(text)
  if (depth > MAX_DEPTH) throw new RecordFormatError(`it is nested deeper than ${MAX_DEPTH} levels`)
  checkProperties(value.properties)
  const properties = isObject(value.properties) ? memberText(text, members, 'properties')! : '{}'
  if (value.messages === undefined && isObject(value.payload)) {
    checkMessages(value.payload, 'payload.')
    const payload = memberText(text, members, 'payload')!
    return { payload, properties, payloadHasProperties: Object.hasOwn(value.payload, 'properties') }
  }
  checkMessages(value, '')
  return { payload: without(text, members, 'properties'), properties, payloadHasProperties: false }
}

/**
 * The text of one key of a request's body, which has been parsed and checked; of properties that were left out, `{}`.
 * @param body the body as it was sent
 */
export function bodyText(body: string, key: 'payload' | 'properties'): string {
  return onOneLine(memberText(body, readMembers(body).members, key) ?? '{}')
}

/** A record of values that the server has itself, such as an event's conversation. */
export function recordOf(payload: JsonObject, properties: JsonObject): RecordText {
  return {
    payload: JSON.stringify(payload),
    properties: JSON.stringify(properties),
    payloadHasProperties: Object.hasOwn(payload, 'properties'),
  }
}
