import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Role } from '@tramontane/contract/identity'
import { decideConfig } from '@tramontane/server/config/config'
import type { Env } from '@tramontane/server/config/env'
import { type Server, startServer } from '@tramontane/server/server'
import { pino } from 'pino'
import { createTestDatabase } from './test-database.ts'

/** A real server on a database of its own, as a test's user sees it. */
export interface TestServer {
  readonly url: string
  /** An admin key of the default workspace. */
  readonly key: string
  readonly databaseUrl: string
  readonly dataDir: string
  /** `host:port` where workers connect; empty without a workflow engine. */
  readonly workerAddress: string
  /** Calls the API with the admin key, or with `options.key` (null: none), and reads the answer as JSON if it is. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** Makes a key of a role, in the default workspace or in another one, which is made if it is missing. */
  makeKey(role: Role, workspace?: string): Promise<string>
  /** Stops this server and starts another on the same database and data directory. */
  restart(options?: { meanwhile?: () => Promise<void> }): Promise<void>
  close(): Promise<void>
}

export interface CallOptions {
  body?: unknown
  key?: string | null
  headers?: Record<string, string>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely and assert what they find
  readonly body: any
}

const ADMIN_KEY = 'tmt_test_admin_key_0123456789'

/**
 * @param env settings beside the database, as in the environment; `logLevel` is `silent` unless given, and there is no
 *   workflow engine unless `temporalAddress` names one, such as `testTemporal()`
 * @param options.reach gives the address under which the server reaches its database, such as a proxy's
 */
export async function startTestServer(
  env: Env = {},
  { reach = async (url: string) => url }: { reach?: (databaseUrl: string) => Promise<string> } = {},
): Promise<TestServer> {
  const database = await createTestDatabase()
  const dataDir = await mkdtemp(path.join(tmpdir(), 'tramontane-test-'))
  const config = decideConfig({
    port: '0',
    apiKey: ADMIN_KEY,
    logLevel: 'silent',
    workerPort: '0',
    // Without a workflow engine unless the test names one: it starts at once.
    temporalAddress: 'none',
    ...env,
    dataDir,
    databaseUrl: await reach(database.url),
  })
  const start = () => startServer(config, pino({ level: config.logLevel }))
  let server: Server = await start()

  const call: TestServer['call'] = async (method, target, { body, key = ADMIN_KEY, headers = {} } = {}) => {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData
    const response = await fetch(new URL(target, server.url), {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined || isRaw ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : isRaw ? (body as string) : JSON.stringify(body),
    })
    const text = await response.text()
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== '' ? JSON.parse(text) : text,
    }
  }

  return {
    get url() {
      return server.url
    },
    get workerAddress() {
      return server.workers.address?.address ?? ''
    },
    key: ADMIN_KEY,
    databaseUrl: database.url,
    dataDir,
    call,
    makeKey: async (role, workspace) => {
      if (workspace !== undefined) await call('POST', '/v1/workspaces', { body: { name: workspace } })
      const made = await call('POST', '/v1/keys', { body: { name: `a ${role} key`, role, workspace } })
      return made.body.key as string
    },
    restart: async ({ meanwhile = async () => {} } = {}) => {
      await server.close()
      await meanwhile()
      server = await start()
    },
    close: async () => {
      await server.close()
      await database.drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
