import type { ErrorCode } from '@tramontane/contract/errors'
import { ApiError } from '../../platform/http/errors.ts'
import { ModelError, type ModelErrorKind } from '../../platform/models/model-error.ts'

const CODES: Readonly<Record<ModelErrorKind, ErrorCode>> = {
  'refused-key': 'PROVIDER_ERROR',
  'unknown-model': 'PROVIDER_REFUSED',
  'bad-request': 'PROVIDER_REFUSED',
  'rate-limited': 'PROVIDER_RATE_LIMITED',
  server: 'PROVIDER_ERROR',
  timeout: 'PROVIDER_TIMEOUT',
  unreachable: 'PROVIDER_UNREACHABLE',
}

/** What the caller of a conversation is told when its model failed; other errors stay what they are. */
export function conversationError(error: unknown): unknown {
  if (!(error instanceof ModelError)) return error
  return new ApiError(CODES[error.kind], error.message, {
    cause: error,
    ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
  })
}
