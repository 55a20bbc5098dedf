import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Cli, cliOf } from '@tramontane/testkit/cli-process'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const UNSET = {
  TRAMONTANE_URL: undefined,
  TRAMONTANE_HOST: undefined,
  TRAMONTANE_PORT: undefined,
  TRAMONTANE_API_KEY: undefined,
}

describe('the settings of the command line', () => {
  let server: TestServer
  let cli: Cli
  let folder: string
  before(async () => {
    server = await startTestServer()
    cli = cliOf(server)
    folder = await mkdtemp(path.join(tmpdir(), 'tramontane-cli-'))
  })
  after(async () => {
    await server.close()
    await rm(folder, { recursive: true })
  })

  const inFolder = (env: Record<string, string | undefined> = {}) => ({
    cwd: folder,
    env: { ...UNSET, ...env },
  })
  const settle = (lines: readonly string[]) => writeFile(path.join(folder, '.env'), lines.join('\n'))

  it('are those of the server: every command finds it by the file .env, and its key', async () => {
    const { port } = new URL(server.url)
    await settle([`TRAMONTANE_PORT=${port}`, 'TRAMONTANE_HOST=0.0.0.0', `TRAMONTANE_API_KEY=${server.key}`])
    assert.equal(await cli.succeed(['events', 'search'], inFolder()), 'No event matches.\n')
    await settle([`TRAMONTANE_URL=${server.url}/v1/`, `TRAMONTANE_API_KEY=${server.key}`])
    assert.equal(await cli.succeed(['judges', 'list'], inFolder()), 'There are no judges.\n')
  })

  it('in the environment overrule the file, and options both', async () => {
    await settle(['TRAMONTANE_PORT=1', 'TRAMONTANE_API_KEY=tmt_of_nobody_at_all'])
    const env = { TRAMONTANE_PORT: new URL(server.url).port, TRAMONTANE_API_KEY: server.key }
    assert.equal(await cli.succeed(['events', 'search'], inFolder(env)), 'No event matches.\n')
    const given = ['--url', server.url, '--key', server.key]
    const other = { TRAMONTANE_URL: 'http://127.0.0.1:1', TRAMONTANE_API_KEY: 'tmt_of_nobody_at_all' }
    assert.equal(await cli.succeed(['events', 'search', ...given], inFolder(other)), 'No event matches.\n')
  })

  it('never send a key of the environment to a server that the file names', async () => {
    const key = server.key
    for (const [lines, env] of [
      [[`TRAMONTANE_URL=${server.url}`], {}],
      [[`TRAMONTANE_URL=${server.url}`, 'TRAMONTANE_API_KEY='], {}],
      [['TRAMONTANE_HOST=192.0.2.1'], { TRAMONTANE_PORT: '1' }],
    ] as const) {
      await settle(lines)
      const run = await cli.run(['events', 'search'], inFolder({ ...env, TRAMONTANE_API_KEY: key }))
      assert.equal(run.exitCode, 2)
      assert.match(
        run.stderr,
        /^tramontane: the file \.env of this folder names the server, and no key for it/,
      )
    }
    const search = ['events', 'search']
    await settle([`TRAMONTANE_URL=${server.url}`])
    const nobody = inFolder({ TRAMONTANE_API_KEY: 'tmt_of_nobody_at_all' })
    assert.equal(await cli.succeed([...search, '--key', key], nobody), 'No event matches.\n')
    const named = inFolder({ TRAMONTANE_API_KEY: key, TRAMONTANE_URL: server.url })
    assert.equal(await cli.succeed(search, named), 'No event matches.\n')
    await settle([`TRAMONTANE_URL=${server.url}`, `TRAMONTANE_API_KEY=${key}`])
    assert.equal(await cli.succeed(search, nobody), 'No event matches.\n', 'the key of the file')
  })

  it('that cannot be used are refused with the name of the variable', async () => {
    await settle(['TRAMONTANE_PORT=http'])
    const wrongPort = await cli.run(['events', 'search'], inFolder())
    assert.equal(wrongPort.exitCode, 1)
    assert.match(wrongPort.stderr, /^tramontane: TRAMONTANE_PORT is "http", but must be a whole number/)
    const wrongUrl = await cli.run(['events', 'search'], inFolder({ TRAMONTANE_URL: 'nowhere' }))
    assert.equal(wrongUrl.exitCode, 2)
    assert.match(wrongUrl.stderr, /^tramontane: TRAMONTANE_URL is "nowhere", but must be a URL/)
  })

  it('pass over a folder named .env, which is no file of settings', async () => {
    await rm(path.join(folder, '.env'), { force: true })
    await mkdir(path.join(folder, '.env'))
    const env = { TRAMONTANE_URL: server.url, TRAMONTANE_API_KEY: server.key }
    assert.equal(await cli.succeed(['events', 'search'], inFolder(env)), 'No event matches.\n')
  })
})
