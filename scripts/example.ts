import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import path from 'node:path'
import { decideConfig } from '@tramontane/server/config/config'
import { ConfigError } from '@tramontane/server/config/config-error'
import { defaultDataDir } from '@tramontane/server/config/default-data-dir'
import { readEnv } from '@tramontane/server/config/env'
import { startServer } from '@tramontane/server/server'
import { startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { pino } from 'pino'
import { madeEngine } from './made-engine.ts'

// `npm run example <name>`: runs one of examples/ against the server of SERVER_URL with the key of MISTRAL_API_KEY. Without
// a key it brings a server of its own, with a script in the place of a model.
const root = path.resolve(import.meta.dirname, '..')
const names = globSync('examples/*/run.ts', { cwd: root }).map((file) => path.basename(path.dirname(file)))

/** Runs an example in a process of its own, and gives its exit code. */
async function run(name: string, words: readonly string[], env: Record<string, string>): Promise<number> {
  const program = path.join(root, 'examples', name, 'run.ts')
  const child = spawn(process.execPath, ['--conditions=tramontane-source', program, ...words], {
    stdio: 'inherit',
    env: { LOG_LEVEL: 'WARN', ...process.env, ...env },
  })
  const [code] = await once(child, 'exit')
  return code ?? 1
}

async function withOwnServer(use: (env: Record<string, string>) => Promise<number>): Promise<number> {
  const provider = await startScriptedProvider(({ body }) =>
    body.response_format
      ? JSON.stringify({ analysis: 'Scripted.', answer: 'unhelpful' })
      : 'This is the answer of a script, not of a model, a few letters at a time.',
  )
  const env = readEnv()
  const home = env.dataDir ?? defaultDataDir()
  const apiKey = `tmt_example_${randomBytes(16).toString('hex')}`
  const config = decideConfig({
    dataDir: path.join(home, 'examples'),
    postgresBin: env.postgresBin,
    temporalBin: env.temporalBin ?? madeEngine(home),
    port: '0',
    workerPort: '0',
    logLevel: 'silent',
    apiKey,
    providerUrl: provider.url,
  })
  process.stdout.write(
    'No MISTRAL_API_KEY: a server for the examples starts, with a script in the place of a model.\n',
  )
  try {
    const server = await startServer(config, pino({ level: config.logLevel }))
    try {
      return await use({ SERVER_URL: server.url, MISTRAL_API_KEY: apiKey })
    } finally {
      await server.close()
    }
  } finally {
    await provider.close()
  }
}

async function main([name, ...words]: readonly string[]): Promise<number> {
  if (name === undefined || !names.includes(name)) {
    process.stderr.write(`npm run example <name>, where the name is one of: ${names.sort().join(', ')}\n`)
    return 2
  }
  if (process.env.MISTRAL_API_KEY) return run(name, words, {})
  return withOwnServer((env) => run(name, words, env))
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`tramontane: ${error instanceof ConfigError ? error.message : error.stack}\n`)
  return 1
})
