import type { ProviderTest } from '@tramontane/contract/settings'
import { type Dispatcher, request } from 'undici'
import type { ProviderSettings } from '../config/providers-file.ts'
import { isObject } from '../platform/json-object.ts'

const TEST_MS = 5_000
const MAX_BYTES = 16 * 1024 * 1024
const MAX_NAMES = 500
const MAX_MESSAGE = 300

type Found = Pick<ProviderTest, 'result' | 'message'> & Partial<ProviderTest>

/**
 * Asks a provider for its models and tells how it went; never throws.
 * @param connections those of the provider
 * @param milliseconds how long it may take
 */
export async function askForModels(
  provider: ProviderSettings,
  connections: Dispatcher,
  milliseconds = TEST_MS,
): Promise<ProviderTest> {
  const began = performance.now()
  const found = await ask(provider, connections, AbortSignal.timeout(milliseconds)).catch((error: Error) =>
    broken(error, milliseconds),
  )
  return {
    latency_ms: Math.round(performance.now() - began),
    status: null,
    nb_models: 0,
    models: [],
    ...found,
    message: masked(found.message, provider.apiKey),
  }
}

async function ask(
  { name, url, apiKey }: ProviderSettings,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<Found> {
  const answer = await request(`${url}/models`, {
    dispatcher,
    signal,
    headers: { accept: 'application/json', ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) },
  })
  const status = answer.statusCode
  const text = await limited(answer.body)
  if (status === 401 || status === 403)
    return {
      result: 'refused_key',
      status,
      message: apiKey
        ? `${name} refuses the key: mend TRAMONTANE_PROVIDER_API_KEY, or the variable that the providers file names.`
        : `${name} asks for a key: set TRAMONTANE_PROVIDER_API_KEY, or api_key_env in the providers file.`,
    }
  if (status === 404)
    return {
      result: 'no_models',
      status,
      message: `${name} answers, but has no list of models at ${url}/models. Calls may work all the same; look whether the URL ends where the provider says, as /v1 does.`,
    }
  const names = modelsIn(text)
  if (status !== 200 || !names)
    return {
      result: 'failed',
      status,
      message: `${name} answered ${status} instead of a list of models: ${text.slice(0, MAX_MESSAGE) || 'nothing'}`,
    }
  return {
    result: 'ok',
    status,
    message: `${name} answers${apiKey ? ' and accepts the key' : ''}.`,
    nb_models: names.length,
    models: names.slice(0, MAX_NAMES),
  }
}

/** The ids of an OpenAI-compatible list of models; undefined for anything else. */
function modelsIn(text: string): string[] | undefined {
  try {
    const list: unknown = JSON.parse(text)
    if (!isObject(list) || !Array.isArray(list.data)) return undefined
    return list.data.flatMap((model) => (isObject(model) && typeof model.id === 'string' ? [model.id] : []))
  } catch {
    return undefined
  }
}

async function limited(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new Error(`its answer is longer than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function broken(error: Error, milliseconds: number): Found {
  const { code } = error as { code?: string }
  if (error.name === 'TimeoutError' || error.name === 'AbortError' || /TIMEOUT/.test(code ?? ''))
    return {
      result: 'timeout',
      message: `It did not answer within ${milliseconds / 1000} s. Look at its status page, or at the way there (proxy, firewall).`,
    }
  return {
    result: 'unreachable',
    message: `It cannot be reached (${code ?? error.message}): mend its URL, or the way there (proxy, firewall, DNS).`,
  }
}

/** Providers like to repeat the key that they refuse. */
function masked(text: string, apiKey: string | null): string {
  return apiKey ? text.replaceAll(apiKey, '…') : text
}
