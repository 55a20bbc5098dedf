import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { eventually } from '@tramontane/testkit/eventually'
import { freePort } from '@tramontane/testkit/free-port'
import { startFlags } from './start-flags.ts'

const KEY = 'tmt_benchmark_key_0123456789'

/** A server in a process of its own with its managed PostgreSQL, as users have it. */
export interface Installation {
  /** Calls the API with an admin key; the time includes reading the whole answer. */
  readonly call: (
    method: string,
    target: string,
    body?: unknown,
  ) => Promise<{ status: number; milliseconds: number; body: unknown }>
  readonly url: string
  /** An admin key of the default workspace. */
  readonly key: string
  /** The server's process. */
  readonly pid: number
  readonly databaseUrl: string
  readonly close: () => Promise<void>
}

/**
 * Starts one in a folder of its own, as `npm start` does.
 * @param env settings beside those that every installation here has
 * @param flags options of Node beside those of `npm start`
 */
export async function install(
  env: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<Installation> {
  const home = await mkdtemp(path.join(tmpdir(), 'tramontane-bench-'))
  await chmod(home, 0o755)
  const port = await freePort()
  const main = path.resolve(import.meta.dirname, '../packages/server/src/main.ts')
  const server: ChildProcess = spawn(
    process.execPath,
    ['--conditions=tramontane-source', ...startFlags, ...flags, main],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        TRAMONTANE_PORT: String(port),
        TRAMONTANE_DATA_DIR: path.join(home, 'data'),
        TRAMONTANE_API_KEY: KEY,
        TRAMONTANE_LOG_LEVEL: 'error',
        ...env,
      },
    },
  )
  const url = `http://127.0.0.1:${port}`
  await eventually(async () => (await fetch(`${url}/readyz`)).ok, { timeoutMs: 60_000 })
  const postgres = path.join(home, 'data', 'postgres')
  const [password, databasePort] = await Promise.all(
    ['password', 'port'].map((name) => readFile(path.join(postgres, name), 'utf8')),
  )
  return {
    url,
    key: KEY,
    pid: server.pid!,
    databaseUrl: `postgresql://tramontane:${password!.trim()}@127.0.0.1:${databasePort!.trim()}/tramontane`,
    call: async (method, target, body) => {
      const began = performance.now()
      const answer = await fetch(url + target, {
        method,
        headers: {
          authorization: `Bearer ${KEY}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      })
      const text = await answer.text()
      return { status: answer.status, milliseconds: performance.now() - began, body: JSON.parse(text) }
    },
    close: async () => {
      server.kill('SIGTERM')
      await once(server, 'exit')
      await rm(home, { recursive: true, force: true })
    },
  }
}
