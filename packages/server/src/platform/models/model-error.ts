import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai'

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

function kindOf(error: APIError): ModelErrorKind {
  const status = error.status
  if (status === 401 || status === 403) return 'refused-key'
  if (status === 404 || error.code === 'model_not_found' || error.type === 'invalid_model')
    return 'unknown-model'
  if (status === 429) return 'rate-limited'
  if (status === 408) return 'timeout'
  return status !== undefined && status >= 400 && status < 500 ? 'bad-request' : 'server'
}

function retryAfterOf(error: APIError): number | undefined {
  const seconds = Number(error.headers?.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined
}

/** The innermost cause's code or message: `ECONNREFUSED` says more than "fetch failed". */
function causeOf(error: Error): string {
  let inner: Error = error
  while (inner.cause instanceof Error) inner = inner.cause
  return String((inner as { code?: unknown }).code ?? inner.message)
}

/** What the `openai` client threw, in our terms. */
export function toModelError(error: unknown, provider: string): ModelError {
  if (error instanceof ModelError) return error
  if (error instanceof APIConnectionTimeoutError)
    return new ModelError('timeout', `The model provider ${provider} did not answer in time.`, {
      cause: error,
    })
  if (error instanceof APIConnectionError || !(error instanceof APIError)) {
    const cause = error instanceof Error ? causeOf(error) : String(error)
    const kind = /TIMEOUT/.test(cause) ? 'timeout' : 'unreachable'
    return new ModelError(kind, `The model provider ${provider} could not be reached: ${cause}.`, {
      cause: error,
    })
  }
  return new ModelError(kindOf(error), `The model provider ${provider} answered: ${error.message}`, {
    status: error.status,
    retryAfter: retryAfterOf(error),
    cause: error,
  })
}
