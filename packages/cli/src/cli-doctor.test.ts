import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Cli, cliOf } from '@tramontane/testkit/cli-process'
import { freePort } from '@tramontane/testkit/free-port'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

interface Found {
  readonly subject: string
  readonly state: string
  readonly message: string
  readonly source: string
}

describe('the doctor on the command line', () => {
  let server: TestServer
  let cli: Cli
  before(async () => {
    server = await startTestServer()
    cli = cliOf(server)
  })
  after(() => server.close())

  /** As in an environment that knows nothing of how the server was started, but where it is. */
  const elsewhere = (env: Record<string, string | undefined> = {}) => ({
    env: {
      TRAMONTANE_DATA_DIR: path.join(server.dataDir, 'elsewhere'),
      TRAMONTANE_DATABASE_URL: undefined,
      TRAMONTANE_TEMPORAL_ADDRESS: 'none',
      ...env,
    },
  })
  const found = async (env: Record<string, string | undefined>): Promise<Found[]> =>
    JSON.parse((await cli.run(['doctor', '--json'], elsewhere(env))).stdout)
  const ofServer = (findings: readonly Found[]) => findings.filter(({ source }) => source === 'server')

  it('asks the running server, which alone knows with what it was started', async () => {
    const { stdout } = await cli.run(['doctor'], elsewhere())
    assert.ok(stdout.startsWith(`The server at ${server.url} has looked over itself:\n`))
    assert.ok(stdout.includes(`${server.dataDir} can be written`))
    assert.ok(!stdout.includes('elsewhere'), 'what this environment says does not count')
    const findings = await found({})
    assert.deepEqual(ofServer(findings), findings)
  })

  it('says what the server does not tell whom, and then looks over this machine', async () => {
    for (const TRAMONTANE_API_KEY of [await server.makeKey('read'), '']) {
      const findings = await found({ TRAMONTANE_API_KEY })
      assert.deepEqual(
        ofServer(findings).map(({ state, message }) => [state, message]),
        [
          ['ok', `it answers at ${server.url} and is ready`],
          ['warning', 'what it finds in itself it tells only an admin of its default workspace'],
        ],
      )
      assert.ok(findings.some(({ source, message }) => source === 'here' && /elsewhere/.test(message)))
    }
  })

  it('tells a Tramontane with another data directory from another program at its port', async () => {
    const findings = await found({ TRAMONTANE_API_KEY: '', TRAMONTANE_PORT: new URL(server.url).port })
    const address = findings.find(({ subject }) => subject === 'address')!
    assert.equal(address.state, 'problem')
    assert.match(address.message, /another Tramontane answers, of another data directory than .*elsewhere/)
  })

  it('takes a server that does not answer for a problem if somebody named it', async () => {
    const port = String(await freePort())
    const named = await cli.run(['doctor'], elsewhere({ TRAMONTANE_URL: `http://127.0.0.1:${port}` }))
    assert.equal(named.exitCode, 1)
    assert.match(named.stdout, /\n✗ +server +no answer from http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)/)
    const settings = { TRAMONTANE_URL: undefined, TRAMONTANE_PORT: port, TRAMONTANE_WORKER_PORT: '0' }
    const ownServer = await cli.run(['doctor'], elsewhere(settings))
    assert.equal(ownServer.exitCode, 0, ownServer.stdout)
    assert.match(ownServer.stdout, /^No server answers at .*\. Looked over this machine by the settings/)
  })

  it('looks only over this machine if it is told to', async () => {
    const { stdout } = await cli.run(['doctor', '--local'], elsewhere())
    assert.match(stdout, /^Looked over this machine by the settings of this environment:\n/)
    assert.match(stdout, /elsewhere/)
  })
})
