import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { type DescMessage, type MessageShape, toBinary, toJsonString } from '@bufbuild/protobuf'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { otlpBodyLimit, otlpMediaTypes } from '@tramontane/contract/telemetry'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../http/errors.ts'
import { renderError } from '../http/render-error.ts'
import type { Encoding } from './otlp-decoder.ts'

const inflate = promisify(gunzip)

/** An export as it came in. */
export interface Export {
  readonly encoding: Encoding
  /** Decompressed. */
  readonly body: Buffer
}

/** The encoding that a request says it has; undefined if OTLP has no such encoding. */
function encodingOf(request: FastifyRequest): Encoding | undefined {
  const type = request.headers['content-type']?.replace(/;.*/, '').trim().toLowerCase()
  return type === 'application/x-protobuf' ? 'protobuf' : type === 'application/json' ? 'json' : undefined
}

function tooLarge(cause?: unknown): ApiError {
  const megabytes = otlpBodyLimit / 1024 / 1024
  return new ApiError(
    'PAYLOAD_TOO_LARGE',
    `An export may have ${megabytes} MiB, also when decompressed: send fewer items at a time.`,
    { cause },
  )
}

async function readAll(payload: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  // A body that is left off is not destroyed, and its connection with it: see unread-bodies.ts.
  for await (const chunk of (payload as Readable).iterator({ destroyOnReturn: false })) {
    size += chunk.length
    if (size > otlpBodyLimit) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function decompress(bytes: Buffer): Promise<Buffer> {
  try {
    return await inflate(bytes, { maxOutputLength: otlpBodyLimit })
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(cause)
    throw new ApiError('TELEMETRY_BAD_REQUEST', 'The body says that it is gzip, but is not.', { cause })
  }
}

/** @param reserve is told how many bytes a compressed body turns out to have */
async function readBody(
  request: FastifyRequest,
  payload: NodeJS.ReadableStream,
  reserve: (bytes: number) => void,
): Promise<Buffer> {
  const coding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (coding !== 'identity' && coding !== 'gzip')
    throw new ApiError('UNSUPPORTED_MEDIA_TYPE', 'The body may be sent as it is or with gzip, nothing else.')
  const bytes = await readAll(payload)
  if (coding === 'identity') return bytes
  const inflated = await decompress(bytes)
  reserve(inflated.length)
  return inflated
}

/** google.rpc.Status in protobuf: `code` is field 1, `message` field 2. */
function encodeStatus(status: { code: number; message: string }): Buffer {
  const writer = new BinaryWriter()
  writer.tag(1, WireType.Varint).int32(status.code)
  writer.tag(2, WireType.LengthDelimited).string(status.message)
  return Buffer.from(writer.finish())
}

/** Errors as OTLP has them. What may pass must have a status that exporters try again: 408 is none, 503 is. */
function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error =
    (thrown as { code?: unknown }).code === '57014'
      ? new ApiError('SERVICE_UNAVAILABLE', 'Storing took too long; send the export again.', {
          cause: thrown,
          retryAfter: 5,
        })
      : thrown
  const asProtobuf = (status: unknown) =>
    reply.type('application/x-protobuf').send(encodeStatus(status as { code: number; message: string }))
  renderError(error, request, reply, encodingOf(request) === 'protobuf' ? asProtobuf : undefined)
}

/** The bytes of the exports that are being worked on. */
class WorkMeter {
  readonly #max: number
  #inWork = 0

  constructor(max: number) {
    this.#max = max
  }

  /**
   * Counts bytes until the request is over.
   * @throws ApiError SERVICE_UNAVAILABLE if there are too many
   */
  reserve(reply: FastifyReply, bytes: number): void {
    if (this.#inWork + bytes > this.#max)
      throw new ApiError('SERVICE_UNAVAILABLE', 'The server has as much telemetry in work as it can hold.', {
        retryAfter: 1,
      })
    this.#inWork += bytes
    reply.raw.once('close', () => {
      this.#inWork -= bytes
    })
  }
}

/**
 * Makes an application's part speak OTLP/HTTP: bodies are read as bytes, errors have the request's encoding.
 * @param maxBytesInWork bytes of exports that are worked on at a time; what comes beyond is asked to come again
 */
export function speakOtlp(app: FastifyInstance, maxBytesInWork: number): void {
  const meter = new WorkMeter(maxBytesInWork)
  const replies = new WeakMap<FastifyRequest, FastifyReply>()
  // Before an export is read, and again when it turns out to be larger than its compressed form.
  app.addHook('preParsing', async (request, reply) => {
    const announced = Number(request.headers['content-length'] ?? otlpBodyLimit)
    if (announced > otlpBodyLimit) throw tooLarge()
    meter.reserve(reply, announced)
    replies.set(request, reply)
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser([...otlpMediaTypes], (request: FastifyRequest, payload: NodeJS.ReadableStream) =>
    readBody(request, payload, (bytes) => meter.reserve(replies.get(request)!, bytes)),
  )
  app.setErrorHandler(answerError)
}

/**
 * The export that a request carries.
 * @throws ApiError UNSUPPORTED_MEDIA_TYPE
 */
export function exportOf(request: FastifyRequest): Export {
  const encoding = encodingOf(request)
  if (!encoding)
    throw new ApiError(
      'UNSUPPORTED_MEDIA_TYPE',
      'Say `Content-Type: application/x-protobuf` or `application/json`.',
    )
  return { encoding, body: (request.body as Buffer | undefined) ?? Buffer.alloc(0) }
}

/** Writes the answer to an export that was taken. */
export function answerExport<S extends DescMessage>(
  reply: FastifyReply,
  encoding: Encoding,
  schema: S,
  response: MessageShape<S>,
): void {
  if (encoding === 'json') reply.type('application/json').send(toJsonString(schema, response))
  else reply.type('application/x-protobuf').send(Buffer.from(toBinary(schema, response)))
}
