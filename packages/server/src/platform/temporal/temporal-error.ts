import { ApiError } from '../http/errors.ts'

/** An error as gRPC reports it. */
interface GrpcError extends Error {
  readonly code: number
  readonly details: string
}

/** The codes of gRPC that Temporal answers with. */
const grpc = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
} as const

const RETRY_SECONDS = 1

function isGrpcError(error: unknown): error is GrpcError {
  return (
    error instanceof Error && 'details' in error && typeof (error as { code?: unknown }).code === 'number'
  )
}

function hasCode(error: unknown, code: keyof typeof grpc): error is GrpcError {
  return isGrpcError(error) && error.code === grpc[code]
}

/** Whether Temporal says that there is no such execution, run or schedule; also when it has been closed, see `isClosed`. */
export function isNotFound(error: unknown): boolean {
  return hasCode(error, 'NOT_FOUND') && !isClosed(error)
}

/** Whether Temporal refuses because the execution has ended: it answers this with "not found", too. */
export function isClosed(error: unknown): boolean {
  return hasCode(error, 'NOT_FOUND') && /already completed/i.test(error.details)
}

/** Whether an id is in use. */
export function isInUse(error: unknown): boolean {
  return hasCode(error, 'ALREADY_EXISTS')
}

/** Whether a call, or what it waited for, took longer than its deadline. */
export function isTimeout(error: unknown): boolean {
  return hasCode(error, 'DEADLINE_EXCEEDED')
}

/** Whether Temporal refuses the content of a call. A query that failed in the worker is reported this way, too. */
export function isRefused(error: unknown): error is Error & { details: string } {
  return hasCode(error, 'INVALID_ARGUMENT')
}

/** Whether Temporal knows that no worker takes the tasks of a queue. */
export function isWithoutWorker(error: unknown): boolean {
  return hasCode(error, 'FAILED_PRECONDITION') && /no poller/i.test(error.details)
}

/**
 * What the caller is told of an error of Temporal; errors of another kind are given back as they are. Who can say more
 * than this (whose id it is, that it has ended) asks first with the questions above.
 */
export function temporalError(error: unknown): unknown {
  if (!isGrpcError(error)) return error
  const options = { cause: error }
  switch (error.code) {
    case grpc.NOT_FOUND:
      return /namespace/i.test(error.details)
        ? new ApiError(
            'TEMPORAL_UNAVAILABLE',
            'Temporal does not know the namespace of this workspace.',
            options,
          )
        : new ApiError('WF_1100', 'Temporal knows no such execution.', options)
    case grpc.DEADLINE_EXCEEDED:
      return new ApiError('WF_1103', 'Temporal did not answer in time; try again.', options)
    case grpc.INVALID_ARGUMENT:
      return new ApiError('VALIDATION_ERROR', `Temporal refuses this: ${error.details}`, options)
    case grpc.FAILED_PRECONDITION:
      return new ApiError('WORKER_UNAVAILABLE', `Temporal cannot do this now: ${error.details}`, options)
    case grpc.RESOURCE_EXHAUSTED:
      return new ApiError('TOO_MANY_REQUESTS', 'Temporal takes no more calls for now; try again.', {
        ...options,
        retryAfter: RETRY_SECONDS,
      })
    default:
      return new ApiError(
        'TEMPORAL_UNAVAILABLE',
        'The workflow engine (Temporal) does not answer; try again.',
        {
          ...options,
          retryAfter: RETRY_SECONDS,
        },
      )
  }
}
