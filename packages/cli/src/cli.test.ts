import assert from 'node:assert/strict'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Cli, cliOf } from '@tramontane/testkit/cli-process'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const judge = {
  name: 'politeness',
  description: 'Is the answer polite?',
  model_name: 'scripted-model',
  instructions: 'Is it polite? {{ assistant_message }}',
  output: {
    type: 'CLASSIFICATION',
    options: [
      { value: 'polite', description: 'It is.' },
      { value: 'rude', description: 'It is not.' },
    ],
  },
  tools: [],
}

describe('the command line', () => {
  let server: TestServer
  let provider: ScriptedProvider
  let folder: string
  let cli: Cli
  before(async () => {
    provider = await startScriptedProvider(() =>
      JSON.stringify({ analysis: 'It says please.', answer: 'polite' }),
    )
    server = await startTestServer({ providerUrl: provider.url })
    folder = path.join(server.dataDir, 'cli-test')
    await mkdir(folder)
    cli = cliOf(server)
  })
  after(async () => {
    await server.close()
    await provider.close()
  })

  async function fileOf(name: string, content: unknown): Promise<string> {
    const file = path.join(folder, name)
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
    return file
  }

  it('fails with one line, and tells wrong usage from failure by the exit code', async () => {
    const mistakes = [
      [
        ['keys', 'revoke', '0198ffff-0000-7000-8000-000000000000'],
        1,
        /^tramontane: .*KEY_NOT_FOUND, request [0-9a-f-]{36}\]\n$/,
      ],
      [['keys', 'list'], 1, /AUTH_UNAUTHORIZED/, { TRAMONTANE_API_KEY: 'tmt_wrong' }],
      [['keys', 'list'], 1, /give a key with --key or TRAMONTANE_API_KEY/, { TRAMONTANE_API_KEY: '' }],
      [
        ['keys', 'list', '--url', 'http://127.0.0.1:65535'],
        1,
        /no answer from http:\/\/127\.0\.0\.1:65535 \(ECONNREFUSED\)/,
      ],
      [['keys', 'list', '--url', 'nowhere'], 2, /--url is "nowhere"/],
      [['keys', 'lst'], 2, /Did you mean list\?/],
      [['keys', 'create', 'x', '--role', 'king'], 2, /Allowed choices are admin, member/],
      [['judges', 'create', path.join('no', 'file.json')], 2, /cannot be read/],
      [
        ['files', 'upload', path.join('no', 'file.jsonl')],
        2,
        /^tramontane: there is no file no.file\.jsonl\n$/,
      ],
      [['files', 'upload', import.meta.dirname], 2, /is a folder, not a file\n$/],
      [
        ['files', 'upload', path.join(import.meta.filename, 'x')],
        2,
        /cli\.test\.ts.x cannot be read \(ENOTDIR\)\n$/,
      ],
      [['keys', 'create', 'x'], 2, /--role <role>' not specified\n\(--help/],
      [['judges', 'get', '..'], 2, /is no id/],
      [
        ['events', 'search', 'model_name ='],
        2,
        /value is missing here\. \(column 13\)\n\n {2}model_name =\n {14}\^/,
      ],
    ] as const
    await Promise.all(
      mistakes.map(async ([args, exitCode, said, env = {}]) => {
        const run = await cli.run([...args], { env })
        assert.equal(run.exitCode, exitCode, `${args.join(' ')}: ${run.stderr}`)
        assert.match(run.stderr, said)
        assert.equal(run.stdout, '')
      }),
    )
  })

  it('names what a server refuses as the command line does: by the flag, the argument, the place in a file', async () => {
    const long = 'x'.repeat(600)
    const nobody = '0198ffff-0000-7000-8000-000000000000'
    const mistakes: [args: string[], said: RegExp][] = [
      [['keys', 'create', '', '--role', 'read'], /^tramontane: <name>: must not be empty \[/],
      [
        ['campaigns', 'create', '--judge', nobody, '--name', 'abc'],
        /^tramontane: --name: must have at least 5 characters \[/,
      ],
      [
        ['campaigns', 'create', '--judge', nobody, '--max', '20000'],
        /^tramontane: --max: may be 10000 at most \[/,
      ],
      [['judges', 'list', '--query', long], /^tramontane: --query: .*500/],
      [['executions', 'list', '--workflow', long], /^tramontane: --workflow: .*500/],
      [['workflows', 'execute', 'x', '--id', 'a b'], /^tramontane: --id: may only have letters/],
      [
        ['datasets', 'import', 'from-dataset', nobody, nobody, 'no-id'],
        /^tramontane: <record> 2: must be a UUID \[/,
      ],
      [
        ['files', 'upload', path.join(import.meta.dirname, 'main.ts'), '--purpose', 'x y'],
        /^tramontane: --purpose: /,
      ],
      [['datasets', 'create', 'a good name', '--description', long], /^tramontane: --description: /],
    ]
    await Promise.all(
      mistakes.map(async ([args, said]) => {
        const { exitCode, stderr } = await cli.run(args)
        assert.equal(exitCode, 1, stderr)
        assert.match(stderr, said)
      }),
    )
  })

  it('makes, lists and revokes keys, and makes one without a key on the same machine', async () => {
    const made = (await cli.succeed(['keys', 'create', 'for a test', '--role', 'read'])).trim()
    assert.equal((await server.call('GET', '/v1/observability/judges', { key: made })).status, 200)
    const { id } = (await cli.json(['keys', 'list'])).find(
      ({ name }: { name: string }) => name === 'for a test',
    )
    assert.match(await cli.succeed(['keys', 'list']), new RegExp(`${id} +for a test +read`))
    await cli.succeed(['keys', 'revoke', id])
    assert.equal((await server.call('GET', '/v1/observability/judges', { key: made })).status, 401)

    const lost = await cli.run(['keys', 'create', 'found again', '--role', 'admin', '--local'], {
      env: { TRAMONTANE_API_KEY: '' },
    })
    assert.equal(lost.exitCode, 0, lost.stderr)
    assert.equal((await server.call('GET', '/v1/keys', { key: lost.stdout.trim() })).status, 200)
  })

  it('makes workspaces, and keys for them', async () => {
    // What it names is to reach the same server.
    assert.match(
      await cli.succeed(['workspaces', 'create', 'a second team', '--url', server.url]),
      new RegExp(`: npm run tramontane -- --url ${server.url} keys create … --workspace "a second team"\\n$`),
    )
    assert.match(await cli.succeed(['workspaces', 'list']), /a second team/)
    const key = (
      await cli.succeed(['keys', 'create', 'theirs', '--role', 'admin', '--workspace', 'a second team'])
    ).trim()
    const seen = (await server.call('GET', '/v1/workspaces', { key })).body.workspaces
    assert.deepEqual(
      seen.map(({ name }: { name: string }) => name),
      ['a second team'],
    )
  })

  it('writes, reads, updates, tries and deletes judges', async () => {
    const { id } = await cli.json(['judges', 'create', '-'], { input: JSON.stringify(judge) })
    assert.match(
      await cli.succeed(['judges', 'list']),
      new RegExp(`${id} +politeness +scripted-model +polite | rude`),
    )
    const messages = await fileOf('messages.json', [
      { role: 'user', content: 'Close it.' },
      { role: 'assistant', content: 'Please do.' },
    ])
    assert.equal(
      await cli.succeed(['judges', 'try', id, '--messages', messages]),
      'polite\n\nIt says please.\n',
    )
    const changed = await fileOf('judge.json', { ...judge, description: 'Changed' })
    await cli.succeed(['judges', 'update', id, changed])
    assert.match(await cli.succeed(['judges', 'get', id]), /^politeness .*\nChanged\n/)
    const again = await cli.run(['judges', 'update', id, changed])
    assert.match(again.stderr, /JUDGE_DID_NOT_CHANGE/)
    const wrong = await cli.run([
      'judges',
      'create',
      await fileOf('wrong.json', { ...judge, output: { options: [] } }),
    ])
    assert.equal(wrong.exitCode, 2)
    assert.match(wrong.stderr, /output\.options/)
    await cli.succeed(['judges', 'delete', id])
    assert.equal((await cli.run(['judges', 'get', id])).exitCode, 1)
  })

  it('uploads, lists, downloads and deletes files', async () => {
    const content = `${JSON.stringify({ messages: [{ role: 'user', content: 'é' }] })}\n`.repeat(1_000)
    const { id } = await cli.json(['files', 'upload', await fileOf('records.jsonl', content)])
    assert.match(
      await cli.succeed(['files', 'list']),
      new RegExp(`${id} +records\\.jsonl +${Buffer.byteLength(content)} +1000`),
    )
    assert.equal(await cli.succeed(['files', 'download', id]), content)
    const target = path.join(folder, 'downloaded.jsonl')
    await cli.succeed(['files', 'download', id, target])
    assert.equal(await readFile(target, 'utf8'), content)
    assert.equal((await cli.run(['files', 'download', id, target])).exitCode, 1, 'it overwrites nothing')
    await cli.succeed(['files', 'delete', id])
    assert.deepEqual(await cli.json(['files', 'list']), [])
    await rm(target)
  })

  it('brings a schema up to date beside a running server', async () => {
    assert.match(await cli.succeed(['migrate']), /up to date/)
  })
})
