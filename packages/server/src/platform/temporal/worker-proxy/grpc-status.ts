import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'

/** Status codes of gRPC that the proxy answers with. */
export const GRPC = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const

export type GrpcCode = (typeof GRPC)[keyof typeof GRPC]

/** Why a call was not let through; the label of a metric. */
export type Reason =
  | 'key'
  | 'role'
  | 'method'
  | 'namespace'
  | 'token'
  | 'target'
  | 'message'
  | 'size'
  | 'busy'
  | 'unavailable'

/** A call that ends here, with a status and a sentence for whoever runs the worker. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: GrpcCode
  readonly reason: Reason

  constructor(code: GrpcCode, reason: Reason, message: string) {
    super(message)
    this.code = code
    this.reason = reason
  }
}

/** A message that does not follow the rules of its encoding. */
export function malformed(message: string): Refusal {
  return new Refusal(GRPC.invalidArgument, 'message', message)
}

/** The headers of an answer that is nothing but a status (`Trailers-Only`). */
export function statusHeaders(code: number, message: string): OutgoingHttpHeaders {
  return {
    ':status': 200,
    'content-type': 'application/grpc',
    ...statusTrailers(code, message),
  }
}

/** The trailers that end an answer with a status. */
export function statusTrailers(code: number, message: string): OutgoingHttpHeaders {
  return { 'grpc-status': String(code), 'grpc-message': percentEncode(message) }
}

/** Ends the call with a status, whatever of the answer was sent before; nothing if the caller is gone. */
export function endWithStatus(stream: ServerHttp2Stream, code: number, message: string): void {
  if (stream.destroyed || stream.closed || stream.headersSent) return
  stream.respond(statusHeaders(code, message), { endStream: true })
  // What the caller still wanted to send is not waited for.
  if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR)
}

/** Status messages are percent-encoded UTF-8; what is printable ASCII stays as it is. */
function percentEncode(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\x20-\x24\x26-\x7e]/gu, (character) =>
      [...new TextEncoder().encode(character)]
        .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
        .join(''),
    )
}

/** The status that an HTTP answer without one of gRPC's stands for, as gRPC's specification has it. */
export function codeOfHttpStatus(status: number): GrpcCode {
  if (status === 400) return GRPC.internal
  if (status === 401) return GRPC.unauthenticated
  if (status === 403) return GRPC.permissionDenied
  if (status === 404) return GRPC.unimplemented
  if (status === 429 || (status >= 502 && status <= 504)) return GRPC.unavailable
  return GRPC.unknown
}
