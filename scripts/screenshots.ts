import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { decideConfig } from '@tramontane/server/config/config'
import { readEnv } from '@tramontane/server/config/env'
import { type Server, startServer } from '@tramontane/server/server'
import { Mistral } from 'mistralai-2.6.4'
import { pino } from 'pino'
import { chromium } from 'playwright-core'
import { findChromium } from '../packages/studio/tests/harness/chromium.ts'
import { buildStudio } from './build-studio.ts'
import { demoConversations } from './demo/conversations.ts'
import { runLoop } from './demo/loop.ts'
import { startDemoProvider } from './demo/provider.ts'
import { madeEngine } from './made-engine.ts'
import { pagesToShow } from './screenshots/pages.ts'
import { runWorkflows } from './screenshots/workflows.ts'

// `npm run screenshots`: the pictures of docs/screenshots, from the demo's data on a server of their own. `-- home judges`
// remakes only those whose names have one of the words.
const CONVERSATIONS = 300
const ENGINE_MS = 15 * 60_000
const SIZE = { width: 1440, height: 900 }
const root = path.resolve(import.meta.dirname, '..')
const folder = path.join(root, 'docs/screenshots')

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

type Call = (method: string, target: string, body?: unknown) => Promise<unknown>

/** Waits for the workflow engine, which is built first if this clone has none yet. */
async function engineIsThere(call: Call): Promise<void> {
  const until = Date.now() + ENGINE_MS
  for (let told = ''; ; await delay(200)) {
    const { workflows } = (await call('GET', '/v1/overview')) as { workflows: { unavailable: string | null } }
    const { unavailable } = workflows
    if (unavailable === null) return
    if (Date.now() > until) throw new Error(unavailable)
    if (told !== unavailable) say(unavailable)
    told = unavailable
  }
}

async function takePictures(server: Server, call: Call, words: readonly string[]): Promise<void> {
  const context = await chromium.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
  })
  try {
    const page = await context.newPage({
      viewport: SIZE,
      locale: 'en-GB',
      timezoneId: 'Europe/Paris',
      reducedMotion: 'reduce',
    })
    page.setDefaultTimeout(30_000)
    const link = (await call('POST', '/v1/session/links')) as { url: string }
    await page.goto(link.url)
    await page.getByRole('navigation', { name: 'Sections' }).waitFor()
    for (const { name, address, ready, dark = false } of await pagesToShow(call)) {
      if (words.length > 0 && !words.some((word) => name.includes(word))) continue
      await page.evaluate((theme) => localStorage.setItem('tramontane-theme', theme), dark ? 'dark' : 'light')
      await page.goto(new URL(address, server.url).href)
      try {
        await ready(page)
      } catch (error) {
        say(`${name}: ${(error as Error).message.split('\n')[0]}`)
        process.exitCode = 1
      }
      const file = path.join(folder, `${name}.png`)
      await page.screenshot({ path: file, animations: 'disabled' })
      say(`${path.relative(root, file)} ${Math.round((await stat(file)).size / 1000)} KB`)
    }
  } finally {
    await context.close()
  }
}

async function main(words: readonly string[]): Promise<void> {
  if (!findChromium())
    throw new Error(
      'there is no Chromium (apt-get install chromium-headless-shell or chromium, or TRAMONTANE_CHROMIUM)',
    )
  await buildStudio(say)
  await mkdir(folder, { recursive: true })
  const home = await mkdtemp(path.join(tmpdir(), 'tramontane-screenshots-'))
  // Started as root, PostgreSQL runs as another user, who must be able to enter.
  await chmod(home, 0o755)
  const conversations = demoConversations(CONVERSATIONS)
  const provider = await startDemoProvider(conversations)
  const apiKey = `tmt_pictures_${randomBytes(16).toString('hex')}`
  const { postgresBin, temporalBin } = readEnv()
  const config = decideConfig({
    dataDir: path.join(home, 'data'),
    postgresBin,
    temporalBin: temporalBin ?? madeEngine(path.join(root, '.tramontane')),
    port: '0',
    workerPort: '0',
    logLevel: 'error',
    apiKey,
    providerUrl: provider.url,
  })
  try {
    const server = await startServer(config, pino({ level: config.logLevel }))
    const call: Call = async (method, target, body) => {
      const answer = await fetch(new URL(target, server.url), {
        method,
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${target}: ${answer.status} ${text}`)
      return text === '' ? undefined : JSON.parse(text)
    }
    try {
      await runLoop(new Mistral({ apiKey, serverURL: server.url }), conversations)
      await engineIsThere(call)
      const workers = await runWorkflows({ url: server.url, apiKey }, call)
      try {
        await takePictures(server, call, words)
      } finally {
        await workers.stop()
      }
    } finally {
      await server.close()
    }
  } finally {
    await provider.close()
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`tramontane: ${error.stack}\n`)
  process.exitCode = 1
})
