import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { eventually } from '@tramontane/testkit/eventually'
import { freePort } from '@tramontane/testkit/free-port'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import { pack, publishedVersions } from './pack.ts'

const run = promisify(execFile)

const USERS_FILES = {
  'workflows.ts': `import { activities, workflow } from '@tramontane/worker/workflow'
import { z } from 'zod'
import { nameOf } from './names.ts'
import type * as steps from './activities.ts'
const { shout } = activities<typeof steps>({ timeout: '10 seconds' })
export const greeting = workflow({
  name: 'greeting',
  input: z.object({ name: z.string() }),
  output: z.string(),
  run: ({ name }) => shout(\`Hello, \${nameOf(name)}\`),
})`,
  'names.ts': `export const nameOf = (name: string): string => name.trim()`,
  'activities.ts': `export async function shout(text: string): Promise<string> {
  return text.toUpperCase()
}`,
  'worker.ts': `import { runWorker } from '@tramontane/worker'
import * as activities from './activities.ts'
await runWorker({ workflows: import.meta.resolve('./workflows.ts'), activities })`,
}

/** Writes a worker as the README shows it, starts it with plain Node, and runs its workflow. */
async function runUsersWorker(place: string, url: string, key: string): Promise<void> {
  for (const [name, text] of Object.entries(USERS_FILES)) await writeFile(path.join(place, name), text)
  const { NODE_OPTIONS: _, ...env } = process.env
  const worker = spawn(process.execPath, ['worker.ts'], {
    cwd: place,
    env: { ...env, SERVER_URL: url, MISTRAL_API_KEY: key, DEPLOYMENT_NAME: 'packed' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [worker.stdout, worker.stderr])
    stream.on('data', (chunk) => {
      output += chunk
    })
  try {
    await eventually(
      () => {
        if (worker.exitCode !== null) throw new Error(`it ended: ${output}`)
        return output.includes('is ready')
      },
      { timeoutMs: 120_000 },
    )
    const answer = await fetch(`${url}/v1/workflows/greeting/execute`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ input: { name: ' Ada ' }, wait_for_result: true }),
    })
    const { result } = (await answer.json()) as { result: unknown }
    assert.deepEqual(result, { result: 'HELLO, ADA' }, output)
  } finally {
    worker.kill('SIGTERM')
    if (worker.exitCode === null) await once(worker, 'exit')
  }
  assert.equal(worker.exitCode, 0, output)
}

describe('the published packages', () => {
  let home: string
  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'tramontane-pack-'))
    await chmod(home, 0o755)
  })
  after(() => rm(home, { recursive: true, force: true }))

  it('have one version, also where they name each other', () => {
    const versions = publishedVersions()
    assert.equal(new Set(Object.values(versions)).size, 1)
    for (const name of Object.keys(versions)) {
      const { dependencies = {} } = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'))
      for (const [other, version] of Object.entries(versions))
        assert.equal(dependencies[`@tramontane/${other}`] ?? version, version)
    }
  })

  it('can be installed into an empty folder, serve from there, and run a worker that a user writes', async () => {
    const tarballs = await pack(path.join(home, 'tarballs'))
    const place = path.join(home, 'place')
    await run('mkdir', [place])
    await writeFile(path.join(place, 'package.json'), '{"private":true}')
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs]
    await run('npm', args, { cwd: place })
    const installed = path.join(place, 'node_modules', '@tramontane')
    for (const name of Object.keys(publishedVersions())) {
      const files = await readdir(path.join(installed, name), { recursive: true })
      assert.ok(files.includes('LICENSE'))
      assert.ok(
        !files.some((file) => /\.test\.|(^|\/)src(\/|$)/.test(file)),
        `${name} ships no tests and no source`,
      )
    }

    const port = await freePort()
    const { NODE_OPTIONS: _, ...env } = process.env
    const server = spawn(process.execPath, ['node_modules/@tramontane/cli/dist/main.js', 'serve'], {
      cwd: place,
      env: {
        ...env,
        TRAMONTANE_PORT: String(port),
        TRAMONTANE_DATA_DIR: path.join(home, 'data'),
        TRAMONTANE_TEMPORAL_ADDRESS: testTemporal(),
        TRAMONTANE_WORKER_PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [server.stdout, server.stderr])
      stream.on('data', (chunk) => {
        output += chunk
      })
    try {
      await eventually(
        async () => {
          if (server.exitCode !== null) throw new Error(`it ended: ${output}`)
          return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok
        },
        { timeoutMs: 120_000 },
      )
      assert.match(output, /Admin key/)
      const document = (await (await fetch(`http://127.0.0.1:${port}/openapi.json`)).json()) as {
        info: { version: string }
      }
      assert.equal(document.info.version, publishedVersions().server)
      const page = await fetch(`http://127.0.0.1:${port}/explorer`, { headers: { accept: 'text/html' } })
      assert.equal(page.status, 200)
      const script = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text())![1]!
      assert.ok((await fetch(`http://127.0.0.1:${port}${script}`)).ok, 'the studio comes along, built')
      const key = /Admin key[^:]*: (\S+)/.exec(output)![1]!
      await runUsersWorker(place, `http://127.0.0.1:${port}`, key)
    } finally {
      server.kill('SIGTERM')
      if (server.exitCode === null) await once(server, 'exit')
    }
    assert.equal(server.exitCode, 0)
  })
})
