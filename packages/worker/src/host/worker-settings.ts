import { statSync } from 'node:fs'
import { hostname } from 'node:os'
import process from 'node:process'
import { WorkerError } from './worker-error.ts'

/** What a worker is told in code; what is left out comes from the environment. */
export interface WorkerOverrides {
  /** `SERVER_URL`. Tramontane on this machine unless said otherwise. */
  serverUrl?: string
  /** `MISTRAL_API_KEY`. */
  apiKey?: string
  /** `DEPLOYMENT_NAME`: workers with the same name run the same workflows, and share the work. */
  deploymentName?: string
  /** `WORKER_NAME`. The name of the machine unless said otherwise. */
  workerName?: string
}

/** With what a worker runs. */
export interface WorkerSettings {
  readonly serverUrl: string
  readonly apiKey: string
  readonly deploymentName: string
  readonly workerName: string
  /** The certificate of who has signed the server's own, if no public authority has; for the way to Temporal. */
  readonly caFile: string | undefined
  /** Where spans and log records go; null where they go nowhere. */
  readonly telemetry: { readonly traces: string | null; readonly logs: string | null }
  readonly logLevel: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'
  readonly logFormat: 'console' | 'json'
}

const DEFAULT_SERVER_URL = 'http://127.0.0.1:7444'

/**
 * Puts together what the code says and what the environment says. A file `.env` in the working directory is read too; the
 * environment comes before it.
 * @throws WorkerError if something is missing or cannot be
 */
export function workerSettings(overrides: WorkerOverrides): WorkerSettings {
  readEnvFile()
  const { env } = process
  const serverUrl = readServerUrl(overrides.serverUrl ?? (env.SERVER_URL || DEFAULT_SERVER_URL))
  const apiKey = overrides.apiKey ?? env.MISTRAL_API_KEY ?? ''
  if (apiKey === '')
    throw new WorkerError(
      'MISTRAL_API_KEY is not set. Make a key for workers in the studio, under Settings, or with `keys create worker --role worker` of the command line of the server, and set it.',
    )
  if (!/^[\x21-\x7e]+$/.test(apiKey))
    throw new WorkerError(
      'MISTRAL_API_KEY has characters that no key has, such as a space: copy the key again.',
    )
  const deploymentName = overrides.deploymentName ?? env.DEPLOYMENT_NAME ?? ''
  if (deploymentName === '')
    throw new WorkerError(
      'DEPLOYMENT_NAME is not set. Choose a name that stays the same for this set of workflows, such as "invoices".',
    )
  if (!/^[a-zA-Z0-9_.-]{1,255}$/.test(deploymentName))
    throw new WorkerError(
      `DEPLOYMENT_NAME cannot be ${JSON.stringify(deploymentName)}: it has letters, digits, "-", "_" and ".".`,
    )
  const telemetry = env.OTEL_ENABLED?.toLowerCase() !== 'false'
  const goes = (
    endpoint: 'OTEL_TRACES_ENDPOINT' | 'OTEL_LOGS_ENDPOINT',
    on: string | undefined,
    path: string,
  ) => {
    const own = env[endpoint] || undefined
    if (own !== undefined && !isHttp(own))
      throw new WorkerError(
        `${endpoint} cannot be ${JSON.stringify(own)}: it is an address that begins with http:// or https://.`,
      )
    return telemetry && on?.toLowerCase() !== 'false' ? (own ?? `${serverUrl}/telemetry`) + path : null
  }
  return {
    serverUrl,
    apiKey,
    deploymentName,
    workerName: overrides.workerName ?? (env.WORKER_NAME || hostname()),
    caFile: env.TEMPORAL_TLS_SERVER_ROOT_CA_CERT_PATH || env.CA_BUNDLE || undefined,
    telemetry: {
      traces: goes('OTEL_TRACES_ENDPOINT', env.MISTRAL_WORKFLOWS_OTEL_TRACES_EXPORT, '/v1/traces'),
      logs: goes('OTEL_LOGS_ENDPOINT', env.MISTRAL_WORKFLOWS_OTEL_LOGS_EXPORT, '/v1/logs'),
    },
    logLevel: readLogLevel(env.LOG_LEVEL),
    logFormat: env.LOG_FORMAT?.toLowerCase() === 'json' ? 'json' : 'console',
  }
}

/** A folder of this name is somebody's virtual environment of Python, and no file of settings. */
function readEnvFile(): void {
  if (!statSync('.env', { throwIfNoEntry: false })?.isFile()) return
  try {
    process.loadEnvFile('.env')
  } catch (cause) {
    throw new WorkerError(
      `The file .env cannot be read (${(cause as NodeJS.ErrnoException).code}). Mend its owner, or move it away.`,
      { cause },
    )
  }
}

function readServerUrl(text: string): string {
  if (!isHttp(text))
    throw new WorkerError(
      `SERVER_URL cannot be ${JSON.stringify(text)}: it is an address such as ${DEFAULT_SERVER_URL}.`,
    )
  return text.replace(/\/+$/, '')
}

function isHttp(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '')
}

function readLogLevel(text = 'INFO'): WorkerSettings['logLevel'] {
  const levels = {
    TRACE: 'TRACE',
    DEBUG: 'DEBUG',
    INFO: 'INFO',
    WARNING: 'WARN',
    WARN: 'WARN',
    ERROR: 'ERROR',
    CRITICAL: 'ERROR',
  } as const
  const level = levels[text.toUpperCase() as keyof typeof levels]
  if (!level)
    throw new WorkerError(
      `LOG_LEVEL cannot be ${JSON.stringify(text)}: it is TRACE, DEBUG, INFO, WARN or ERROR.`,
    )
  return level
}
