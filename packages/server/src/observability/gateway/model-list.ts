import type { Dispatcher } from 'undici'
import type { ProviderSettings } from '../../config/providers-file.ts'
import { isObject, type JsonObject } from '../../platform/json-object.ts'
import type { Providers } from '../../platform/models/providers.ts'
import { toApiError } from './relay.ts'

type Ask = (provider: ProviderSettings) => Promise<Dispatcher.ResponseData>

const MAX_BYTES = 16 * 1024 * 1024

/**
 * The models of several providers in one list: of each, those whose calls would go to it. A provider that does not
 * answer is left out, unless none does.
 * @throws ApiError PROVIDER_UNREACHABLE or PROVIDER_TIMEOUT, of the first provider
 */
export async function mergedModels(
  providers: Providers,
  ask: Ask,
): Promise<{ object: 'list'; data: JsonObject[] }> {
  const lists = await Promise.allSettled(providers.all.map((provider) => modelsOf(provider, ask)))
  const failed = lists[0]
  if (failed?.status === 'rejected' && lists.every(({ status }) => status === 'rejected')) throw failed.reason
  const data = lists.flatMap((list, index) =>
    list.status === 'fulfilled'
      ? list.value.filter(({ id }) => answersFor(providers, id) === providers.all[index])
      : [],
  )
  return { object: 'list', data }
}

function answersFor(providers: Providers, model: unknown): ProviderSettings | undefined {
  try {
    return providers.forModel(String(model))
  } catch {
    return undefined
  }
}

async function modelsOf(provider: ProviderSettings, ask: Ask): Promise<JsonObject[]> {
  try {
    const answer = await ask(provider)
    const list: unknown = JSON.parse(await limited(answer.body))
    if (answer.statusCode !== 200 || !isObject(list) || !Array.isArray(list.data))
      throw new Error(`it answered ${answer.statusCode} instead of a list of models`)
    return list.data.filter(isObject)
  } catch (error) {
    throw toApiError(error as Error, provider.name)
  }
}

async function limited(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new Error(`its list of models is longer than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
