/**
 * Why a model did not answer.
 * - `refused-key`: 401, 403; no call to this provider can succeed
 * - `unknown-model`: 404, or a 400 that says so; no call of this model can succeed
 * - `rate-limited`: 429
 * - `server`: 5xx, or an answer that is no chat completion
 * - `timeout`: no answer in time (also 408)
 * - `unreachable`: no connection, or one that broke
 * - `bad-request`: any other 4xx; this request cannot succeed as it is
 */
export type ModelErrorKind =
  | 'refused-key'
  | 'unknown-model'
  | 'rate-limited'
  | 'server'
  | 'timeout'
  | 'unreachable'
  | 'bad-request'

const PASSING: ReadonlySet<ModelErrorKind> = new Set(['rate-limited', 'server', 'timeout', 'unreachable'])
const MAX_MESSAGE = 2_000
/** Of an answer that was not understood, the message tells so much. */
const MAX_TOLD = 300

/** A call of a model that failed. Its message is one for the user: the provider's own words where it had any. */
export class ModelError extends Error {
  override readonly name = 'ModelError'
  readonly kind: ModelErrorKind
  /** HTTP status of the provider's answer; undefined if there was none. */
  readonly status: number | undefined
  /** Seconds after which the provider wants to be asked again. */
  readonly retryAfter: number | undefined

  constructor(
    kind: ModelErrorKind,
    message: string,
    options: { status?: number | undefined; retryAfter?: number | undefined; cause?: unknown } = {},
  ) {
    super(message.slice(0, MAX_MESSAGE), { cause: options.cause })
    this.kind = kind
    this.status = options.status
    this.retryAfter = options.retryAfter
  }

  /** Whether the same call may succeed later. */
  get mayPass(): boolean {
    return PASSING.has(this.kind)
  }
}

/** A provider was reached, and answered something else. @param told its answer, or what is wrong with it */
export function noCompletion(provider: string, told: string, cause?: unknown): ModelError {
  const start = told.slice(0, MAX_TOLD)
  return new ModelError(
    'server',
    `The model provider ${provider} answered something that is no chat completion: ${start}`,
    { cause },
  )
}
