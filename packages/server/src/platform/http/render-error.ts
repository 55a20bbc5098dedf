import type { ErrorShape } from '@tramontane/contract/operation'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { databaseError } from '../database/database-error.ts'
import { ApiError } from './errors.ts'

/** What Fastify itself refuses, before a handler runs. */
function frameworkError(error: FastifyError, request: FastifyRequest): ApiError | undefined {
  if (error.statusCode === 413)
    return new ApiError(
      'PAYLOAD_TOO_LARGE',
      `The body is larger than the ${request.routeOptions.bodyLimit} bytes that this operation takes.`,
      { cause: error },
    )
  if (error.statusCode === 415)
    return new ApiError(
      'UNSUPPORTED_MEDIA_TYPE',
      `The content type is not one that this operation reads: ${error.message}`,
      { cause: error },
    )
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new ApiError('VALIDATION_ERROR', `The request cannot be read: ${error.message}`, { cause: error })
  }
  return undefined
}

/** Turns whatever was thrown into an error of the contract. The text of an unforeseen fault is never sent. */
function fromThrown(thrown: unknown, request: FastifyRequest): ApiError {
  if (thrown instanceof ApiError) return thrown
  const known = databaseError(thrown) ?? frameworkError(thrown as FastifyError, request)
  return (
    known ??
    new ApiError(
      'UNKNOWN_ERROR',
      'The server made a mistake; its log has the details under the request id.',
      { cause: thrown },
    )
  )
}

/** The codes of gRPC, which OTLP's errors carry beside the HTTP status. */
const GRPC_CODES: Readonly<Record<number, number>> = { 401: 16, 403: 7, 404: 5, 429: 8, 500: 13, 503: 14 }
const GRPC_INVALID_ARGUMENT = 3

function body(error: ApiError, shape: ErrorShape): unknown {
  if (shape === 'otlp')
    return { code: GRPC_CODES[error.status] ?? GRPC_INVALID_ARGUMENT, message: error.message, details: [] }
  if (shape === 'provider') {
    const type =
      error.status === 401
        ? 'authentication_error'
        : error.status >= 500
          ? 'server_error'
          : 'invalid_request_error'
    return {
      object: 'error',
      message: error.message,
      error: { message: error.message, type, param: null, code: error.code },
    }
  }
  if ((shape === 'validation' || shape === 'workflows') && error.code === 'VALIDATION_ERROR') {
    return { detail: error.issues ?? [{ loc: ['body'], msg: error.message, type: 'value_error' }] }
  }
  if (shape === 'workflows') {
    // The official clients know a fault of the server by this number.
    const code = error.code === 'UNKNOWN_ERROR' ? 'WF_1000' : error.code
    return { ...error.details, detail: error.message, code }
  }
  return { detail: { message: error.message, error_code: error.code } }
}

/**
 * The one place where errors become answers.
 * @param send writes the body in another encoding than JSON
 */
export function renderError(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  send: (body: unknown) => void = (sent) => reply.send(sent),
): void {
  const error = fromThrown(thrown, request)
  // A caller who hung up breaks off what was done for them; that is no fault, and nobody is left to be answered.
  if (reply.raw.destroyed) request.log.debug({ err: thrown }, 'the caller hung up')
  else if (error.status === 500)
    request.log.error({ err: error.cause ?? error, code: error.code }, error.message)
  // What is foreseen needs no stack: a part that is away says so in its own words, and may do so at every request.
  else if (error.status > 500)
    request.log.warn({ ...(error.cause ? { err: error.cause } : {}), code: error.code }, error.message)
  if (error.retryAfter !== undefined) reply.header('retry-after', error.retryAfter)
  // Fastify cuts the connection of a body that it has not read, and with it the answer: see unread-bodies.ts.
  if (reply.hasHeader('connection')) reply.removeHeader('connection')
  if (error.status === 401) reply.header('www-authenticate', 'Bearer')
  reply.status(error.status)
  send(body(error, request.routeOptions.config.errorShape ?? 'observability'))
}
