import { readFileSync } from 'node:fs'
import { mistakeWords } from '@tramontane/contract/mistake-words'
import { z } from 'zod'
import { ConfigError } from './config-error.ts'
import { variableNames } from './env.ts'

/** Where calls for some models go. */
export interface ProviderSettings {
  readonly name: string
  /** A model name in which `*` stands for any characters: `mistral-*`. */
  readonly models: string
  /** OpenAI-compatible base, without a slash at its end: `https://api.mistral.ai/v1`. */
  readonly url: string
  readonly apiKey: string | null
  /** How long the provider may take until it answers, and then be silent; seconds. */
  readonly timeoutSeconds: number
  /** Calls of judges and conversations at a time at most; the gateway's traffic is not limited. */
  readonly concurrency: number
}

export const DEFAULT_PROVIDER_TIMEOUT_SECONDS = 600
export const DEFAULT_PROVIDER_CONCURRENCY = 32

/** What a base URL must be. Anything else in it would be left out of calls, or shown where the URL is. */
export const PLAIN_URL = 'a URL without user, password, query and fragment'

/** Whether a URL is what `PLAIN_URL` says. */
export function isPlain({ username, password, search, hash }: URL): boolean {
  return username + password + search + hash === ''
}

/** Whether a provider's key can be sent in a header. */
export function isSendable(key: string): boolean {
  return /^[\x21-\x7e]{1,10000}$/.test(key)
}

const providersFile = z.strictObject({
  providers: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(100),
        models: z.string().min(1).max(500),
        url: z
          .url({ protocol: /^https?$/ })
          .refine((url) => isPlain(new URL(url)), { error: `must be ${PLAIN_URL}` }),
        /** The name of the variable that holds the key, so that the file itself holds no secret. */
        api_key_env: z.string().min(1).optional(),
        timeout_seconds: z.number().min(0.1).max(86_400).default(DEFAULT_PROVIDER_TIMEOUT_SECONDS),
        concurrency: z.int().min(1).max(10_000).default(DEFAULT_PROVIDER_CONCURRENCY),
      }),
    )
    .min(1),
})

/**
 * Reads the file of providers: JSON, `{"providers": [{"name", "models", "url", "api_key_env", "timeout_seconds", "concurrency"}]}`,
 * tried in order.
 * @throws ConfigError if the file cannot be read, does not fit, or names a variable that is not set.
 */
export function readProvidersFile(
  path: string,
  variable: (name: string) => string | undefined,
): ProviderSettings[] {
  const where = `${variableNames.providersFile} (${path})`
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new ConfigError(`${where} cannot be read as JSON: ${(cause as Error).message.split('\n')[0]}`)
  }
  const parsed = providersFile.safeParse(content, { error: mistakeWords })
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    throw new ConfigError(`${where}: ${issue.path.join('.') || 'the file'}: ${issue.message}`)
  }
  return parsed.data.providers.map((provider) => {
    const apiKey = provider.api_key_env === undefined ? null : variable(provider.api_key_env)
    if (apiKey === undefined || apiKey === '') {
      throw new ConfigError(
        `${where}: provider ${provider.name} takes its key from ${provider.api_key_env}, which is not set`,
      )
    }
    if (apiKey !== null && !isSendable(apiKey))
      throw new ConfigError(
        `${where}: the key in ${provider.api_key_env} has characters that no header takes`,
      )
    return {
      name: provider.name,
      models: provider.models,
      url: provider.url.replace(/\/+$/, ''),
      apiKey,
      timeoutSeconds: provider.timeout_seconds,
      concurrency: provider.concurrency,
    }
  })
}
