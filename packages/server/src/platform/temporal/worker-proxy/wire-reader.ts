import { malformed } from './grpc-status.ts'

/** A field as it stands in a message: its number, its wire type, and where it and its value begin and end. */
export interface WireField {
  number: number
  wire: number
  start: number
  /** Of the value; for a length-delimited one, without its length. */
  valueStart: number
  end: number
}

/**
 * Reads the next field. Stricter than protobuf's decoders are, so that nothing can be read in two ways: no groups, no
 * tags and lengths of more than five bytes.
 * @param into is filled, so that nothing has to be made for each field
 * @throws Refusal if there is no field at `start`
 */
export function readField(bytes: Uint8Array, start: number, limit: number, into: WireField): void {
  let position = start
  const tag = readVarint32(bytes, position, limit)
  position += varintLength(bytes, position)
  into.number = tag >>> 3
  into.wire = tag & 7
  into.start = start
  if (into.number === 0) throw malformed('The message is not valid protobuf: it has a field 0.')
  switch (into.wire) {
    case 0:
      into.valueStart = position
      position = skipVarint(bytes, position, limit)
      break
    case 1:
      into.valueStart = position
      position += 8
      break
    case 2: {
      const length = readVarint32(bytes, position, limit)
      position += varintLength(bytes, position)
      into.valueStart = position
      position += length
      break
    }
    case 5:
      into.valueStart = position
      position += 4
      break
    default:
      throw malformed(`The message is not valid protobuf: a field has the wire type ${into.wire}.`)
  }
  if (position > limit) throw malformed('The message is not valid protobuf: a field is longer than it.')
  into.end = position
}

/** A field that `readField` may fill. */
export function emptyField(): WireField {
  return { number: 0, wire: 0, start: 0, valueStart: 0, end: 0 }
}

/** Writes a number as a varint. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

function readVarint32(bytes: Uint8Array, start: number, limit: number): number {
  let value = 0
  let unit = 1
  for (let position = start; position < start + 5; position++) {
    if (position >= limit) throw malformed('The message is not valid protobuf: it ends within a field.')
    const byte = bytes[position]!
    value += (byte & 0x7f) * unit
    if (byte < 0x80) {
      if (value > 0xffff_ffff) break
      return value
    }
    unit *= 128
  }
  throw malformed('The message is not valid protobuf: a tag or a length is too long.')
}

function varintLength(bytes: Uint8Array, start: number): number {
  let position = start
  while (bytes[position]! >= 0x80) position++
  return position + 1 - start
}

function skipVarint(bytes: Uint8Array, start: number, limit: number): number {
  for (let position = start; position < start + 10; position++) {
    if (position >= limit) throw malformed('The message is not valid protobuf: it ends within a field.')
    if (bytes[position]! < 0x80) return position + 1
  }
  throw malformed('The message is not valid protobuf: a number is too long.')
}
