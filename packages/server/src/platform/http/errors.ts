import { type ErrorCode, errorCodes } from '@tramontane/contract/errors'

/** An error that the caller is told about: a code of the contract's table and a sentence with the way out. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  /** HTTP status. */
  readonly status: number
  /** Seconds after which trying again makes sense; becomes the `Retry-After` header. */
  readonly retryAfter: number | undefined
  /** For schema errors: each issue with its place in the request. */
  readonly issues: readonly ValidationIssue[] | undefined
  /** Further members of the body, in the shape `workflows`. */
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      cause?: unknown
      retryAfter?: number
      issues?: ValidationIssue[]
      details?: Record<string, unknown>
    } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.status = errorCodes[code].status
    this.retryAfter = options.retryAfter
    this.issues = options.issues
    this.details = options.details
  }
}

/** One thing that does not fit; `loc` begins with `path`, `query` or `body`. */
export interface ValidationIssue {
  readonly loc: readonly (string | number)[]
  readonly msg: string
  readonly type: string
}
