import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Cli, cliOf } from '@tramontane/testkit/cli-process'
import { registerWorkflows, workflowSpec } from '@tramontane/testkit/registered-workflows'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import pg from 'pg'

describe('workflows on the command line', () => {
  let server: TestServer
  let cli: Cli
  before(async () => {
    server = await startTestServer()
    cli = cliOf(server)
  })
  after(() => server.close())

  it('are listed by name, with what is known of their workers', async () => {
    assert.match(await cli.succeed(['workflows', 'list']), /^There are no workflows: start a worker/)
    await registerWorkflows(
      server,
      [
        workflowSpec('weather', { display_name: 'Ask the sky', description: 'Looks up,\nand says so.' }),
        workflowSpec('__parallel_execution__'),
      ],
      { deployment: 'sky' },
    )
    await registerWorkflows(server, [workflowSpec('billing'), workflowSpec('bookkeeping')], {
      deployment: 'office',
      worker: 'gone',
    })
    const database = new pg.Client({ connectionString: server.databaseUrl })
    await database.connect()
    // The other one stays, however long the test takes.
    await database.query(
      `update deployment_workers
       set last_seen_at = now() + case name when 'gone' then -interval '1 minute' else interval '1 hour' end`,
    )
    await database.end()
    await server.call('PUT', '/v1/workflows/billing', { body: { tags: ['money', 'daily'] } })
    await server.call('PUT', '/v1/workflows/bookkeeping/archive')

    const lines = (text: string) => text.trimEnd().split('\n')
    assert.deepEqual(lines(await cli.succeed(['workflows', 'list'])), [
      'NAME     SHOWN AS     WORKER  TAGS          DESCRIPTION',
      'weather  Ask the sky  yes     –             Looks up, and says so.',
      'billing  –            no      money, daily  –',
    ])
    const names = async (...args: string[]) =>
      (await cli.json(['workflows', 'list', ...args])).map(({ name }: { name: string }) => name)
    assert.deepEqual(await names('--archived', 'too'), ['weather', 'billing', 'bookkeeping'])
    assert.deepEqual(await names('--archived', 'only'), ['bookkeeping'])
    assert.deepEqual(await names('--active'), ['weather'])
    assert.deepEqual(await names('--tag', 'daily', 'money'), ['billing'])
    assert.deepEqual(await names('--deployment', 'sky', '--deployment', 'office'), ['weather', 'billing'])
    assert.deepEqual(await names('sky'), ['weather'])
    assert.deepEqual(await names('-n', '1'), ['weather'])
    assert.match(
      lines(await cli.succeed(['workflows', 'list', '--archived', 'only']))[0]!,
      /NAME\s+SHOWN AS\s+WORKER\s+ARCHIVED/,
    )
  })

  it('an error of the workflows’ half is told as the others are', async () => {
    const { exitCode, stderr } = await cli.run(['workflows', 'list', '-n', '0'])
    assert.equal(exitCode, 2)
    assert.match(stderr, /whole number from 1/)
    const key = await server.makeKey('ingest')
    const refused = await cli.run(['workflows', 'list'], { env: { TRAMONTANE_API_KEY: key } })
    assert.equal(refused.exitCode, 1)
    assert.match(refused.stderr, /the right to `read`\. \[AUTH_FORBIDDEN, request [0-9a-f-]+\]/)
  })
})
