import { createHash, randomBytes } from 'node:crypto'

const MAX_MILLISECONDS = 2 ** 48 - 1

function format(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Writes an instant into the first eight bytes: 48 bits of milliseconds, version 7, 12 bits of their fraction. */
function putTime(bytes: Buffer, microseconds: bigint): void {
  const milliseconds = microseconds / 1000n
  if (milliseconds < 0n || milliseconds > BigInt(MAX_MILLISECONDS))
    throw new RangeError('the time does not fit into a UUIDv7')
  bytes.writeUIntBE(Number(milliseconds), 0, 6)
  bytes.writeUInt16BE(0x7000 | Number(((microseconds % 1000n) * 4096n) / 1000n), 6)
}

/**
 * A UUIDv7 whose order is the order of time down to the microsecond (RFC 9562, 6.2, method 3), so that sorting by id
 * sorts by time, and a page's cursor needs nothing else.
 * @param microseconds since 1970, UTC
 * @param source if given, the remaining 62 bits are its hash: the same source at the same time has the same id
 */
export function uuidAt(microseconds: bigint, source?: string): string {
  const bytes =
    source === undefined ? randomBytes(16) : createHash('sha256').update(source).digest().subarray(0, 16)
  putTime(bytes, microseconds)
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return format(bytes)
}

/** The smallest id of an instant: every id at or after it is greater or equal, every id before it is smaller. */
export function firstUuidAt(microseconds: bigint): string {
  const bytes = Buffer.alloc(16)
  putTime(bytes, microseconds)
  return format(bytes)
}

/** A new UUIDv7 for now. */
export function newUuid(): string {
  return uuidAt(BigInt(Date.now()) * 1000n)
}

/** Whether a text is a UUID in its usual spelling. What is none cannot be an id of ours and must not reach the SQL. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}

/**
 * The instant of a UUIDv7, in microseconds since 1970: the last one whose `firstUuidAt` is not above it, so that it sorts
 * among the others by its own time. The sub-millisecond bits of ids made elsewhere may be random; they count all the same.
 */
export function microsOf(uuid: string): bigint {
  const hex = uuid.replaceAll('-', '')
  const milliseconds = BigInt(`0x${hex.slice(0, 12)}`)
  const fraction = BigInt(`0x${hex.slice(13, 16)}`)
  return milliseconds * 1000n + ((fraction + 1n) * 1000n - 1n) / 4096n
}
