import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { freePort } from '@tramontane/testkit/free-port'
import { checkBeforeStart } from './check-before-start.ts'
import { decideConfig } from './config/config.ts'
import { claimDataDirectory } from './platform/data-directory.ts'

const MAIN = path.join(import.meta.dirname, 'main.ts')
/** A server that does start is stopped again, and the test fails. */
const PATIENCE_MS = 120_000

/** What only a start finds out; what the text of a value shows is in `config/config.test.ts`. */
describe('a start with a wrong setting', () => {
  let home: string
  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'tramontane-wrong-'))
    await chmod(home, 0o755)
  })
  after(() => rm(home, { recursive: true, force: true }))

  /** Starts a server that must end by itself, with 1 and without having started a database. */
  const refusal = async (env: Record<string, string>) => {
    const dataDir = await mkdtemp(path.join(home, 'data-'))
    const child = spawn(process.execPath, ['--conditions=tramontane-source', MAIN], {
      env: {
        ...process.env,
        TRAMONTANE_DATA_DIR: dataDir,
        TRAMONTANE_PORT: String(await freePort()),
        TRAMONTANE_WORKER_PORT: '0',
        TRAMONTANE_TEMPORAL_ADDRESS: '',
        ...env,
      },
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    const [exitCode] = await once(child, 'close')
    assert.equal(exitCode, 1, output)
    assert.equal(existsSync(path.join(dataDir, 'postgres')), false, 'a database was made')
    return output
  }

  const wrong: [variable: string, value: string, says: RegExp][] = [
    ['TRAMONTANE_HOST', '203.0.113.9', /which is no address of this machine: .*127\.0\.0\.1.*0\.0\.0\.0/],
    ['TRAMONTANE_HOST', 'http://127.0.0.1', /which is no address of this machine/],
    ['TRAMONTANE_HOST', 'fe80::1', /cannot be listened on \(EINVAL\)|no address of this machine/],
    [
      'TRAMONTANE_TEMPORAL_BIN',
      '/nowhere/at all',
      /is "\/nowhere\/at all", which does not exist: .*leave it out/,
    ],
    ['TRAMONTANE_TEMPORAL_BIN', '/', /where there is no temporal-server/],
    ['TRAMONTANE_TEMPORAL_BIN', MAIN, /beside which there is no temporal-sql-tool/],
    [
      'TRAMONTANE_POSTGRES_BIN',
      '/nowhere',
      /is "\/nowhere", where there is no PostgreSQL \(15 or newer\): .*leave it out/,
    ],
    ['TRAMONTANE_DATA_DIR', '/proc/tramontane/data', /cannot be used \(E\w+\): choose another/],
    ['TRAMONTANE_DATA_DIR', MAIN, /cannot be used \(ENOTDIR\)/],
    ['TRAMONTANE_DATA_DIR', path.join(MAIN, 'data'), /cannot be used \(ENOTDIR\)/],
  ]
  for (const [variable, value, says] of wrong) {
    it(`${variable}=${value.replace(import.meta.dirname, '…')} stops with one line that names it`, async () => {
      const output = await refusal({ [variable]: value })
      assert.match(output, /^tramontane: [^\n]+\n$/)
      assert.match(output, says)
      assert.ok(output.includes(variable), output)
    })
  }

  it('stops, and changes nothing, when the data directory is full of other things', async () => {
    const folder = path.join(home, 'letters')
    await mkdir(folder)
    await chmod(folder, 0o755)
    await writeFile(path.join(folder, 'to-ada.txt'), 'Dear Ada')
    assert.match(
      await refusal({ TRAMONTANE_DATA_DIR: folder }),
      /^tramontane: the data directory \S+ holds other things \(to-ada\.txt\): set TRAMONTANE_DATA_DIR to [^\n]+\n$/,
    )
    assert.equal((await stat(folder)).mode & 0o777, 0o755)
    assert.deepEqual(await readdir(folder), ['to-ada.txt'])
  })

  it('takes as a data directory what only the demo or the examples have used', async () => {
    for (const name of ['demo', 'examples']) {
      const folder = await mkdtemp(path.join(home, 'used-'))
      await mkdir(path.join(folder, name))
      claimDataDirectory(folder).release()
    }
  })

  it('stops when users and workers would have one port, and only where the addresses are one', async () => {
    const port = String(await freePort())
    const output = await refusal({ TRAMONTANE_PORT: port, TRAMONTANE_WORKER_PORT: port })
    assert.match(
      output,
      /^tramontane: port \d+ would be that of TRAMONTANE_PORT and of TRAMONTANE_WORKER_PORT: .*\n$/,
    )
    await checkBeforeStart(decideConfig({ port, workerPort: port, workerHost: '127.0.0.2' }))
    // Without TLS there is no entrance for workers at an address for all.
    await checkBeforeStart(decideConfig({ host: '0.0.0.0', port, workerPort: port }))
  })

  it('stops before anything is started when the port for workers is taken', async () => {
    const port = await freePort()
    const squatter = createServer().listen(port, '127.0.0.1')
    await once(squatter, 'listening')
    try {
      const output = await refusal({ TRAMONTANE_WORKER_PORT: String(port) })
      assert.match(
        output,
        /^tramontane: port \d+ of 127\.0\.0\.1, for workers, is in use by another program.*TRAMONTANE_WORKER_PORT\n$/,
      )
    } finally {
      squatter.close()
    }
  })

  it('stops with one line when programs cannot be run', async () => {
    const bin = path.join(home, 'programs')
    await mkdir(bin)
    for (const name of ['temporal-server', 'temporal-sql-tool'])
      await writeFile(path.join(bin, name), '#!/bin/sh\nexit 1\n', { mode: 0o644 })
    assert.match(
      await refusal({ TRAMONTANE_TEMPORAL_BIN: bin }),
      /^tramontane: TRAMONTANE_TEMPORAL_BIN is "[^"]+", whose temporal-server does not run here: [^\n]+\n$/,
    )
  })

  it('tells of a name that is no setting, also when a setting is wrong besides', async () => {
    const output = await refusal({
      TRAMONTANE_PROVIDER_ULR: 'https://api.mistral.ai/v1',
      TRAMONTANE_PROVIDER_API_KEY: 'key',
    })
    assert.equal(
      output,
      'tramontane: TRAMONTANE_PROVIDER_ULR is no setting and changes nothing: is TRAMONTANE_PROVIDER_URL meant?\n' +
        'tramontane: TRAMONTANE_PROVIDER_API_KEY is set, but TRAMONTANE_PROVIDER_URL is not: set both or neither\n',
    )
  })
})
