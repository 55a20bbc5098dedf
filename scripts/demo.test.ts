import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { decideConfig } from '@tramontane/server/config/config'
import { startServer } from '@tramontane/server/server'
import { pino } from 'pino'

const DEMO = path.resolve(import.meta.dirname, 'demo.ts')

describe('the demo', () => {
  let home: string
  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'tramontane-demo-'))
    await chmod(home, 0o755)
  })
  after(() => rm(home, { recursive: true, force: true }))

  const run = async (dataDir: string, env: Record<string, string> = {}) => {
    const child = spawn(process.execPath, ['--conditions=tramontane-source', DEMO], {
      env: { PATH: process.env.PATH, TRAMONTANE_DATA_DIR: dataDir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
    const [code] = await once(child, 'close')
    return { code, output }
  }

  it('runs the whole loop, says that it is a script, and leaves what it says how to look at', async () => {
    // Whatever this machine is set up for, the demo touches none of it.
    const { code, output } = await run(path.join(home, 'data'), {
      TRAMONTANE_DATABASE_URL: 'postgresql://127.0.0.1:1/production',
      TRAMONTANE_PROVIDER_URL: 'http://127.0.0.1:1/v1',
      TRAMONTANE_PORT: '7871',
    })
    assert.equal(code, 0, output)
    assert.match(output, /no real model is asked/)
    assert.match(output, /sending conversations .*300\/300/)
    assert.match(output, /294 records in the dataset/)
    assert.match(output, /294 lines in its export/)
    assert.ok(Number(/The whole loop took ([\d.]+) s/.exec(output)?.[1]) < 60, output)
    // The server that is started next takes the port of the settings.
    assert.match(output, /export TRAMONTANE_URL=http:\/\/127\.0\.0\.1:7871 TRAMONTANE_API_KEY=/)
    assert.match(output, /curl .* http:\/\/127\.0\.0\.1:7871\/v1\//)

    const { dir, key } = /TRAMONTANE_DATA_DIR='(?<dir>[^']+)' TRAMONTANE_API_KEY=(?<key>\S+) npm start/.exec(
      output,
    )!.groups!
    const config = decideConfig({ dataDir: dir!, apiKey: key!, port: '0', temporalAddress: 'none' })
    const server = await startServer(config, pino({ level: 'silent' }))
    try {
      const answer = await fetch(`${server.url}/v1/observability/datasets`, {
        headers: { authorization: `Bearer ${key}` },
      })
      const { datasets } = (await answer.json()) as { datasets: { results: { id: string }[] } }
      assert.ok(output.includes(`datasets records ${datasets.results[0]!.id}`))
    } finally {
      await server.close()
    }
  })

  it('says in one line when it cannot begin', async () => {
    const { code, output } = await run('/dev/null/data')
    assert.equal(code, 1)
    assert.match(output, /^.*\ntramontane: the data directory .* cannot be used .*\n$/)
  })
})
