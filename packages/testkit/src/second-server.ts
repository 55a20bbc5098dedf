import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { decideConfig } from '@tramontane/server/config/config'
import type { Env } from '@tramontane/server/config/env'
import { startServer } from '@tramontane/server/server'
import { pino } from 'pino'
import type { TestServer } from './test-server.ts'

/** Another server on the database of a test server, with the same keys. */
export interface SecondServer {
  readonly url: string
  readonly key: string
  close(): Promise<void>
}

/** @param env settings beside the database */
export async function startSecondServer(first: TestServer, env: Env = {}): Promise<SecondServer> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'tramontane-second-'))
  const config = decideConfig({
    port: '0',
    apiKey: first.key,
    workerPort: '0',
    temporalAddress: 'none',
    databaseUrl: first.databaseUrl,
    ...env,
    dataDir,
  })
  const server = await startServer(config, pino({ level: 'silent' }))
  return {
    url: server.url,
    key: first.key,
    close: async () => {
      await server.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
