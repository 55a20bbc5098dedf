import { z } from 'zod'
import { operation } from './operation.ts'

const tag = 'Settings'
const errorShape = 'observability'
const access = 'administer'

const setting = z.object({
  /** The variable of the environment that decides it. */
  variable: z.string(),
  /** What is in force, for people; never a secret. */
  value: z.string(),
  is_default: z.boolean(),
  description: z.string(),
})

export const getSettings = operation({
  id: 'getSettings',
  method: 'GET',
  path: '/v1/settings',
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'What the server was started with, without secrets; by which variable each setting is decided',
  response: z.object({ server_version: z.string(), settings: z.array(setting) }),
})

const provider = z.object({
  name: z.string(),
  /** A model name in which `*` stands for any characters. */
  models: z.string(),
  url: z.string(),
  has_key: z.boolean(),
  timeout_seconds: z.number(),
  /** Calls of judges and conversations at a time at most. */
  concurrency: z.int(),
})

export const listProviders = operation({
  id: 'listProviders',
  method: 'GET',
  path: '/v1/providers',
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'List the configured model providers, in the order in which they are tried, without their keys',
  response: z.object({ providers: z.array(provider) }),
})

const providerTest = z.object({
  /** `ok`: it gave a list of models. `refused_key`, `no_models` (it has no such list), `failed` (another answer), `timeout`, `unreachable`. */
  result: z.enum(['ok', 'refused_key', 'no_models', 'failed', 'timeout', 'unreachable']),
  latency_ms: z.number().min(0),
  /** HTTP status of its answer; null if there was none. */
  status: z.int().nullable(),
  /** What was found, in a sentence, with the way out. */
  message: z.string(),
  nb_models: z.int().min(0),
  /** Names of models, the first 500. */
  models: z.array(z.string()),
})
export type ProviderTest = z.output<typeof providerTest>

export const testProvider = operation({
  id: 'testProvider',
  method: 'POST',
  path: '/v1/providers/{provider_name}/test',
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'Ask a provider for its models, now and for five seconds at most, and tell how it went',
  params: z.object({ provider_name: z.string() }),
  response: providerTest,
  errors: ['PROVIDER_NOT_FOUND'],
})

const finding = z.object({
  subject: z.string(),
  /** `problem`: something does not work. `warning`: it works, but somebody should look at it. */
  state: z.enum(['ok', 'warning', 'problem']),
  message: z.string(),
  /** What to do about it. */
  remedy: z.string().nullable(),
})

export const examineServer = operation({
  id: 'examineServer',
  method: 'GET',
  path: '/v1/doctor',
  tag,
  access,
  errorShape,
  status: 200,
  summary: 'For admins of the default workspace: look over the installation, as `tramontane doctor` does',
  response: z.object({ findings: z.array(finding) }),
})
