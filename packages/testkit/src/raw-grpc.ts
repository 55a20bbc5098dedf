import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2'

/** The answer to a call of gRPC, as it came. */
export interface RawAnswer {
  /** `grpc-status`, or -1 if there was none. */
  readonly code: number
  /** `grpc-message`, decoded. */
  readonly message: string
  readonly headers: Record<string, unknown>
  readonly trailers: Record<string, unknown>
  /** The message, without the five bytes before it; undefined if none came. */
  readonly body: Buffer | undefined
  /** The code with which HTTP/2 ended the stream. */
  readonly rstCode: number
}

/** A call as a test wants it, right or wrong. */
export interface RawCall {
  /** The name of a method of Temporal's workflow service, or a path. */
  readonly method: string
  /** One message; `bytes` in its place sends anything. */
  readonly message?: Uint8Array
  readonly bytes?: Uint8Array
  readonly key?: string
  readonly headers?: OutgoingHttpHeaders
  /** Does not say that the request is complete. */
  readonly open?: boolean
}

/** A connection over which a test makes calls that no client of gRPC would make. */
export interface RawGrpc {
  readonly session: ClientHttp2Session
  call(call: RawCall): Promise<RawAnswer>
  close(): void
}

/** One message with the bytes that gRPC puts before it. */
export function grpcFrame(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5)
  prefix[0] = flag
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/** @param url of the server: `http://127.0.0.1:7445` */
export async function openRawGrpc(url: string, options: SecureClientSessionOptions = {}): Promise<RawGrpc> {
  const session = connect(url, options)
  session.on('error', () => {})
  await once(session, 'connect')
  return { session, call: (call) => rawCall(session, call), close: () => session.destroy() }
}

function rawCall(session: ClientHttp2Session, call: RawCall): Promise<RawAnswer> {
  const path = call.method.startsWith('/')
    ? call.method
    : `/temporal.api.workflowservice.v1.WorkflowService/${call.method}`
  const stream = session.request(
    {
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(call.key === undefined ? {} : { authorization: `Bearer ${call.key}` }),
      ...call.headers,
    },
    { endStream: false },
  )
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let headers: Record<string, unknown> = {}
    let trailers: Record<string, unknown> = {}
    stream.on('response', (received) => {
      headers = received
    })
    stream.on('trailers', (received) => {
      trailers = received
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', () => {})
    stream.on('close', () => {
      const all = Buffer.concat(chunks)
      const status = trailers['grpc-status'] ?? headers['grpc-status']
      resolve({
        code: status === undefined ? -1 : Number(status),
        message: decodeURIComponent(String(trailers['grpc-message'] ?? headers['grpc-message'] ?? '')),
        headers,
        trailers,
        body: all.length < 5 ? undefined : all.subarray(5),
        rstCode: stream.rstCode ?? 0,
      })
    })
    stream.write(call.bytes ?? grpcFrame(call.message ?? Buffer.alloc(0)))
    if (!call.open) stream.end()
  })
}
