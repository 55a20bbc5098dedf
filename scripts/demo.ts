import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { decideConfig, decideListening } from '@tramontane/server/config/config'
import { ConfigError } from '@tramontane/server/config/config-error'
import { defaultDataDir } from '@tramontane/server/config/default-data-dir'
import { readEnv } from '@tramontane/server/config/env'
import { localUrl } from '@tramontane/server/config/local-url'
import { startServer } from '@tramontane/server/server'
import { Mistral } from 'mistralai-2.6.4'
import { pino } from 'pino'
import { buildStudio } from './build-studio.ts'
import { demoConversations } from './demo/conversations.ts'
import { runLoop } from './demo/loop.ts'
import { startDemoProvider } from './demo/provider.ts'

// `npm run demo`: the whole loop with the official client, on a scripted provider, in a data directory of its own.
const CONVERSATIONS = 300

function say(line = ''): void {
  process.stdout.write(`${line}\n`)
}

/** Tells how to look further: at this server while it runs, else at one that is started on the same data. */
function sayNextCalls(
  commands: readonly string[],
  {
    url,
    loginLink,
    apiKey,
    dataDir,
  }: { url: string; loginLink: string | null; apiKey: string; dataDir: string },
): void {
  const start = `  TRAMONTANE_DATA_DIR='${dataDir}' TRAMONTANE_API_KEY=${apiKey} npm start`
  say()
  if (process.stdin.isTTY) {
    if (loginLink)
      say(`Look at it in the browser (the link logs in once, within 15 minutes):\n  ${loginLink}\n`)
    say('Look further, from another terminal, while this server runs:')
  } else
    say(
      `The demo's server has ended with it. Start one on its data (it prints a link that opens the studio), and look further from another terminal:\n${start}`,
    )
  say(`  export TRAMONTANE_URL=${url} TRAMONTANE_API_KEY=${apiKey}`)
  for (const command of commands) say(`  npm run tramontane -- ${command}`)
  say(`  curl -H "Authorization: Bearer $TRAMONTANE_API_KEY" ${url}/v1/observability/chat-completion-fields`)
  if (process.stdin.isTTY)
    say(`\nThe server goes on until you press Ctrl-C. Its data stays; to see it again:\n${start}`)
}

/** A link that is good from now on: the one of the server's start is old by now. */
async function linkFor(url: string, apiKey: string): Promise<string | null> {
  const answer = await fetch(`${url}/v1/session/links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}` },
  })
  return answer.ok ? ((await answer.json()) as { url: string }).url : null
}

async function main(): Promise<void> {
  // Who stays to look at it gets the studio too; without it the demo goes on all the same.
  if (process.stdin.isTTY)
    await buildStudio(say).catch((error: Error) => say(`There is no studio: ${error.message}`))
  const conversations = demoConversations(CONVERSATIONS)
  const provider = await startDemoProvider(conversations)
  say(`Tramontane demo. The models are a script at ${provider.url}: no real model is asked.`)
  const env = readEnv()
  // Of this machine's settings only the places count: neither its database nor its models are touched.
  const config = decideConfig({
    dataDir: path.join(env.dataDir ?? defaultDataDir(), 'demo'),
    postgresBin: env.postgresBin,
    port: '0',
    logLevel: 'error',
    apiKey: `tmt_demo_${randomBytes(16).toString('hex')}`,
    providerUrl: provider.url,
    // The loop needs no workflows, and making their engine takes minutes the first time.
    temporalAddress: 'none',
    workerPort: '0',
  })
  const apiKey = config.apiKey!
  try {
    const server = await startServer(config, pino({ level: config.logLevel }))
    try {
      const commands = await runLoop(new Mistral({ apiKey, serverURL: server.url }), conversations)
      // This server, or the one that the settings here have `npm start` begin.
      const url = process.stdin.isTTY ? server.url : localUrl(decideListening(env))
      sayNextCalls(commands, {
        url,
        loginLink: await linkFor(server.url, apiKey),
        apiKey,
        dataDir: config.dataDir,
      })
      if (process.stdin.isTTY) await new Promise((resolve) => process.once('SIGINT', resolve))
    } finally {
      await server.close()
    }
  } finally {
    await provider.close()
  }
}

await main().catch((error: Error) => {
  process.stderr.write(`tramontane: ${error instanceof ConfigError ? error.message : error.stack}\n`)
  process.exit(1)
})
