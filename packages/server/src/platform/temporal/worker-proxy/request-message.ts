import type { ServerHttp2Stream } from 'node:http2'
import { promisify } from 'node:util'
import { gunzip, gunzipSync } from 'node:zlib'
import { GRPC, malformed, Refusal } from './grpc-status.ts'
import type { MemoryClaim } from './request-memory.ts'

/** A message's compression (0 or 1) and its length in four bytes stand before it. */
export const PREFIX_BYTES = 5
/** No message is longer; Temporal itself refuses those from 4 MiB on, in its own words. */
export const MAX_MESSAGE_BYTES = 16 * 1_048_576
/** A message must have come within this time after its call began. */
const BODY_MS = 60_000
/** Up to here, unpacking takes less time than handing it to another thread. */
const SYNC_BYTES = 262_144

const gunzipAsync = promisify(gunzip)
/** Large messages are unpacked one after the other: the threads that do it are few, and others need them. */
let unpacking: Promise<unknown> = Promise.resolve()

/** A request as it came: its prefix and its message, as they are sent on. */
export interface RequestFrame {
  readonly frame: Buffer
  readonly isCompressed: boolean
}

/**
 * Reads the one message of a unary call, to its end.
 * @param memory is charged with what comes
 * @throws Refusal for no message, more than one, one that is too long or breaks off, or is slow to come
 */
export function readFrame(stream: ServerHttp2Stream, memory: MemoryClaim): Promise<RequestFrame> {
  return new Promise((resolve, reject) => {
    if (stream.destroyed) return reject(brokenOff())
    const chunks: Buffer[] = []
    let received = 0
    const finish = (settle: () => void) => {
      clearTimeout(timer)
      stream.off('data', onData).off('end', onEnd).off('close', onClose)
      settle()
    }
    const fail = (error: unknown) => {
      stream.pause()
      finish(() => reject(error))
    }
    const onData = (chunk: Buffer) => {
      try {
        memory.take(chunk.length)
        received += chunk.length
        chunks.push(chunk)
        if (received >= PREFIX_BYTES) {
          if (chunks.length > 1 && chunks[0]!.length < PREFIX_BYTES)
            chunks.splice(0, chunks.length, Buffer.concat(chunks))
          checkLength(chunks[0]!.readUInt32BE(1), received)
        }
      } catch (error) {
        fail(error)
      }
    }
    const onEnd = () =>
      finish(() => {
        try {
          resolve(toFrame(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
        } catch (error) {
          reject(error)
        }
      })
    const onClose = () => fail(brokenOff())
    const timer = setTimeout(
      () => fail(new Refusal(GRPC.deadlineExceeded, 'message', 'The message took too long to come.')),
      BODY_MS,
    )
    stream.on('data', onData).on('end', onEnd).on('close', onClose)
  })
}

function brokenOff(): Refusal {
  return new Refusal(GRPC.cancelled, 'message', 'The call was broken off.')
}

function checkLength(announced: number, received: number): void {
  if (announced > MAX_MESSAGE_BYTES) throw tooLong(announced)
  if (received > PREFIX_BYTES + announced)
    throw malformed('The call has more than one message, and takes one.')
}

/** In the words by which SDKs know that trying again does not help, and fail the task. */
function tooLong(length: number): Refusal {
  return new Refusal(
    GRPC.resourceExhausted,
    'size',
    `grpc: received message larger than max (${length} vs. ${MAX_MESSAGE_BYTES})`,
  )
}

function toFrame(frame: Buffer): RequestFrame {
  if (frame.length < PREFIX_BYTES) throw malformed('The call has no message.')
  if (frame.length < PREFIX_BYTES + frame.readUInt32BE(1))
    throw malformed('The message breaks off before its end.')
  const flag = frame[0]!
  if (flag > 1) throw malformed('The first byte of a message is 0 or 1.')
  return { frame, isCompressed: flag === 1 }
}

/**
 * The message itself, unpacked: what is checked is what is sent on.
 * @param encoding the header `grpc-encoding`
 * @param memory is charged with what is unpacked
 * @throws Refusal if the compression is not gzip, or the unpacked message is too long
 */
export async function messageOf(
  { frame, isCompressed }: RequestFrame,
  encoding: string | undefined,
  memory: MemoryClaim,
): Promise<Buffer> {
  const message = frame.subarray(PREFIX_BYTES)
  if (!isCompressed) return message
  if (encoding !== 'gzip')
    throw new Refusal(
      GRPC.unimplemented,
      'message',
      `The compression ${JSON.stringify((encoding ?? 'identity').slice(0, 40))} (grpc-encoding) is not supported: send gzip, or none.`,
    )
  try {
    return (message.length <= SYNC_BYTES && unpackSmall(message)) || (await unpackLarge(message, memory))
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw malformed('The message is not what its compression, gzip, makes.')
  }
}

/** @returns undefined if it is not small when it is unpacked */
function unpackSmall(message: Buffer): Buffer | undefined {
  try {
    return gunzipSync(message, { maxOutputLength: SYNC_BYTES })
  } catch (error) {
    if (isTooLong(error)) return undefined
    throw error
  }
}

async function unpackLarge(message: Buffer, memory: MemoryClaim): Promise<Buffer> {
  // What it says of itself is not trusted, but held to.
  const length = message.readUInt32LE(message.length - 4)
  if (length > MAX_MESSAGE_BYTES) throw tooLong(length)
  memory.take(length)
  const unpacked = unpacking.then(() => gunzipAsync(message, { maxOutputLength: Math.max(1, length) }))
  unpacking = unpacked.catch(() => {})
  return unpacked
}

function isTooLong(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE'
}

/** The frame of a message without compression. */
export function frameOf(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}
