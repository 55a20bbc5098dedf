import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai'
import { type Dispatcher, fetch } from 'undici'
import type { ProviderSettings } from '../../config/providers-file.ts'
import { ModelError, type ModelErrorKind, noCompletion } from './model-error.ts'
import { wholeFetch } from './whole-fetch.ts'

// The only module that loads the `openai` library, which takes a tenth of a second and some 30 MB: it is loaded with the first
// call of a model.

/** Clients of one provider. */
export interface OpenAiClients {
  /** For whole answers. */
  readonly whole: OpenAI
  /** For answers that come in pieces. */
  readonly streaming: OpenAI
}

/**
 * Makes the clients of a provider. Everything that they would otherwise look up in the environment is given.
 * @param dispatcher the provider's connections
 */
export function openAiClients(provider: ProviderSettings, dispatcher: Dispatcher): OpenAiClients {
  // undici's own fetch: the one built into Node may be of another major and refuse our dispatcher.
  const ownFetch = (...[url, init]: Parameters<typeof fetch>) => fetch(url, { ...init, dispatcher })
  const streaming = new OpenAI({
    baseURL: provider.url,
    apiKey: provider.apiKey ?? 'none',
    defaultHeaders: provider.apiKey === null ? { authorization: null } : {},
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: 'off',
    maxRetries: 0,
    timeout: provider.timeoutSeconds * 1_000,
    fetch: ownFetch as unknown as typeof globalThis.fetch,
  })
  return { streaming, whole: streaming.withOptions({ fetch: wholeFetch(dispatcher) }) }
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
  if (error instanceof SyntaxError) return noCompletion(provider, error.message, error)
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
