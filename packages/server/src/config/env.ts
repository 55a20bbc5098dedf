import { readFileSync, statSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { ConfigError } from './config-error.ts'

/** The file `.env` of the working directory. */
interface EnvFile {
  /** What it says of each variable, also of those that the environment itself has. */
  readonly says: Readonly<Record<string, string | undefined>>
  /** The variables that the environment has from it alone. */
  readonly adds: ReadonlySet<string>
}

/** The settings as the environment has them: strings, not yet checked. */
export interface Env {
  host?: string
  port?: string
  dataDir?: string
  apiKey?: string
  databaseUrl?: string
  postgresBin?: string
  providerUrl?: string
  providerApiKey?: string
  providersFile?: string
  publicUrl?: string
  spoolMegabytes?: string
  retentionDays?: string
  logLevel?: string
  temporalAddress?: string
  temporalApiKey?: string
  temporalTls?: string
  temporalTlsCa?: string
  temporalTlsCert?: string
  temporalTlsKey?: string
  temporalBin?: string
  temporalNamespace?: string
  workerHost?: string
  workerPort?: string
  workerTlsCert?: string
  workerTlsKey?: string
  workflowRetentionDays?: string
  /** Looks up a variable that a config file names, such as a provider's key. */
  variable?: (name: string) => string | undefined
  /** The file `.env`, if there is one. */
  file?: EnvFile
  /** The names of variables that look like settings of ours, but that nothing knows and nobody has looked up. */
  strangers?: () => string[]
}

/** A setting that is a variable of its own. */
export type Setting = Exclude<keyof Env, 'variable' | 'file' | 'strangers'>

/** Names of the variables, for messages that tell the user which one to mend. */
export const variableNames: Readonly<Record<Setting, string>> = {
  host: 'TRAMONTANE_HOST',
  port: 'TRAMONTANE_PORT',
  dataDir: 'TRAMONTANE_DATA_DIR',
  apiKey: 'TRAMONTANE_API_KEY',
  databaseUrl: 'TRAMONTANE_DATABASE_URL',
  postgresBin: 'TRAMONTANE_POSTGRES_BIN',
  providerUrl: 'TRAMONTANE_PROVIDER_URL',
  providerApiKey: 'TRAMONTANE_PROVIDER_API_KEY',
  providersFile: 'TRAMONTANE_PROVIDERS_FILE',
  publicUrl: 'TRAMONTANE_PUBLIC_URL',
  spoolMegabytes: 'TRAMONTANE_SPOOL_MEGABYTES',
  retentionDays: 'TRAMONTANE_RETENTION_DAYS',
  logLevel: 'TRAMONTANE_LOG_LEVEL',
  temporalAddress: 'TRAMONTANE_TEMPORAL_ADDRESS',
  temporalApiKey: 'TRAMONTANE_TEMPORAL_API_KEY',
  temporalTls: 'TRAMONTANE_TEMPORAL_TLS',
  temporalTlsCa: 'TRAMONTANE_TEMPORAL_TLS_CA',
  temporalTlsCert: 'TRAMONTANE_TEMPORAL_TLS_CERT',
  temporalTlsKey: 'TRAMONTANE_TEMPORAL_TLS_KEY',
  temporalBin: 'TRAMONTANE_TEMPORAL_BIN',
  temporalNamespace: 'TRAMONTANE_TEMPORAL_NAMESPACE',
  workerHost: 'TRAMONTANE_WORKER_HOST',
  workerPort: 'TRAMONTANE_WORKER_PORT',
  workerTlsCert: 'TRAMONTANE_WORKER_TLS_CERT',
  workerTlsKey: 'TRAMONTANE_WORKER_TLS_KEY',
  workflowRetentionDays: 'TRAMONTANE_WORKFLOW_RETENTION_DAYS',
}

/**
 * Names that begin like ours and are no setting of the server's: the command line's, those of the repository's own
 * tests, and what Kubernetes tells of a service called `tramontane`.
 */
const OTHERS =
  /^TRAMONTANE_(URL$|(TEST|FUZZ|FAULTS)_|CHROMIUM$|OPENAPI_REFERENCE$|(.+_)?SERVICE_(HOST|PORT)|(.+_)?PORT_\d+_)/

/** Where programs are looked for. */
export function searchPath(): string {
  return process.env.PATH ?? ''
}

/** Whether npx has started this process: then what is installed is on nobody's path. */
export function isRunByNpx(): boolean {
  return process.env.npm_lifecycle_event === 'npx'
}

/** What a tool that we start finds in its environment: what this process has, without our settings and their secrets. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TRAMONTANE_')))
}

/**
 * Reads the environment; the only place that does. An empty variable counts as absent, as in `.env` files.
 * @param environment by default this process's, to which a file `.env` in the working directory adds what is not set
 */
export function readEnv(environment?: NodeJS.ProcessEnv): Env {
  if (environment !== undefined) return envOf(environment)
  const file = addEnvFile()
  return { ...envOf(process.env), file }
}

function envOf(environment: NodeJS.ProcessEnv): Env {
  const known = new Set(Object.values(variableNames))
  const env: Env = {
    variable: (name) => {
      known.add(name)
      return environment[name]?.trim() || undefined
    },
    strangers: () =>
      Object.keys(environment).filter(
        (name) => /^tramontane_/i.test(name) && !known.has(name) && !OTHERS.test(name),
      ),
  }
  for (const [setting, variable] of Object.entries(variableNames)) {
    const value = environment[variable]?.trim()
    if (value) env[setting as Setting] = value
  }
  return env
}

/** What this process has from the file `.env`: once it is added, it looks like all else. */
const added = new Set<string>()

/** A folder of this name is somebody's virtual environment of Python, and no file of settings. */
function addEnvFile(): EnvFile | undefined {
  if (!statSync('.env', { throwIfNoEntry: false })?.isFile()) return undefined
  const says = parseEnv(textOfEnvFile())
  for (const [name, value] of Object.entries(says)) {
    if (name in process.env) continue
    process.env[name] = value
    added.add(name)
  }
  return { says, adds: added }
}

function textOfEnvFile(): string {
  try {
    return readFileSync('.env', 'utf8')
  } catch (cause) {
    throw new ConfigError(`the file .env cannot be read (${(cause as NodeJS.ErrnoException).code})`)
  }
}
