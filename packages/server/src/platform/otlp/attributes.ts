import type { AnyValue, KeyValue } from './generated/opentelemetry/proto/common/v1/common_pb.ts'
import { Refusal } from './refusals.ts'

/**
 * The value of an attribute. Whole numbers beyond 2^53, NaN and the infinities are their text, bytes are base64.
 * Objects have no prototype, so that a sender's `__proto__` is a key like any other.
 */
export type AttributeValue =
  | string
  | number
  | boolean
  | null
  | AttributeValue[]
  | { [key: string]: AttributeValue }

/** Attributes by name. A map, because names are the sender's: they never become the path of an object. */
export type Attributes = ReadonlyMap<string, AttributeValue>

/** Deeper than this, a value is not an attribute but an attack; code that walks values relies on it. */
const MAX_VALUE_DEPTH = 32

function toNumber(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

/** @throws Refusal if the value is nested too deep */
export function toValue({ value }: AnyValue, depth = 1): AttributeValue {
  if (depth > MAX_VALUE_DEPTH)
    throw new Refusal(`their attributes are nested deeper than ${MAX_VALUE_DEPTH} levels`)
  switch (value.case) {
    case 'stringValue':
    case 'boolValue':
      return value.value
    case 'intValue':
      return toNumber(value.value)
    case 'doubleValue':
      return Number.isFinite(value.value) ? value.value : String(value.value)
    case 'bytesValue':
      return Buffer.from(value.value).toString('base64')
    case 'arrayValue':
      return value.value.values.map((item) => toValue(item, depth + 1))
    case 'kvlistValue': {
      const object: Record<string, AttributeValue> = Object.create(null)
      for (const { key, value: item } of value.value.values)
        object[key] = item ? toValue(item, depth + 1) : null
      return object
    }
    default:
      return null
  }
}

/** @throws Refusal if a value is nested too deep */
export function toAttributes(list: readonly KeyValue[] | undefined): Attributes {
  return new Map((list ?? []).map(({ key, value }) => [key, value ? toValue(value) : null]))
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** An id of `length` bytes, in hexadecimal; undefined if it is none (all zero means "no id"). */
export function idOf(bytes: Uint8Array, length: number): string | undefined {
  return bytes.length === length && bytes.some((byte) => byte !== 0) ? toHex(bytes) : undefined
}
