import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Cli, cliOf } from '@tramontane/testkit/cli-process'
import { eventually } from '@tramontane/testkit/eventually'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const judge = {
  name: 'length of the answer',
  description: '',
  model_name: 'scripted-model',
  instructions: 'Is it long? {{ assistant_message }}',
  output: {
    options: [
      { value: 'long', description: '' },
      { value: 'short', description: '' },
    ],
  },
  tools: [],
}
const verdict = JSON.stringify({ analysis: 'Counted.', answer: 'short' })

describe('the loop on the command line: events, judge, campaign, dataset', () => {
  let server: TestServer
  let provider: ScriptedProvider
  let cli: Cli
  let judgeId: string
  let campaignId: string
  before(async () => {
    provider = await startScriptedProvider(() => verdict)
    server = await startTestServer({ providerUrl: provider.url })
    cli = cliOf(server)
    const lines = Array.from({ length: 30 }, (_, index) =>
      JSON.stringify({
        model: index < 20 ? 'small' : 'large',
        messages: [{ role: 'user', content: `Question ${index}` }],
        response: { role: 'assistant', content: `Answer ${index}` },
        timestamp: 1_767_225_600 + index,
      }),
    )
    await cli.succeed(['events', 'import', '-'], { input: lines.join('\n') })
    judgeId = (await cli.json(['judges', 'create', '-'], { input: JSON.stringify(judge) })).id
  })
  after(async () => {
    await server.close()
    await provider.close()
  })

  it('runs a campaign to its end, and finds its annotations', async () => {
    const run = await cli.run([
      'campaigns',
      'run',
      '--judge',
      judgeId,
      '--filter',
      'model_name = "small"',
      '--max',
      '12',
    ])
    assert.equal(run.exitCode, 0, run.stderr)
    assert.match(run.stdout, /^COMPLETED\n12 of 12 judged, 0 failed, 0 pending, \d+ \+ \d+ tokens\n$/)
    campaignId = /: ([0-9a-f-]{36})\n/.exec(run.stderr)![1]!
    const field = `__judge_${judgeId.replaceAll('-', '')}`
    assert.equal((await cli.json(['events', 'search', `${field} = "short"`])).length, 12)
    assert.match(
      await cli.succeed(['events', 'search', `${field} = "short"`, '-n', '1']),
      /length of the answer\n.* short\n/,
    )
    assert.match(await cli.succeed(['campaigns', 'events', campaignId]), /Question 19 +Answer 19 +short\n/)
    assert.match(
      await cli.succeed(['campaigns', 'list']),
      /length of the answer +12 .* model_name = "small"\n/,
    )
  })

  it('says why a campaign failed, and exits with 1', async () => {
    provider.script(() => ({ status: 401, body: { error: { message: 'wrong key' } } }))
    const run = await cli.run(['campaigns', 'run', '--judge', judgeId])
    provider.script(() => verdict)
    assert.equal(run.exitCode, 1)
    assert.match(run.stdout, /^FAILED: /)
    assert.match(run.stderr, /ended as FAILED\n$/)
    const none = await cli.run(['campaigns', 'run', '--judge', judgeId, '--filter', 'model_name = "none"'])
    assert.equal(none.exitCode, 1)
    assert.match(none.stderr, /CAMPAIGN_NO_MATCHING_EVENTS/)
  })

  it('leaves a campaign running on Ctrl-C, and can watch, cancel and delete it', async () => {
    const gate = Promise.withResolvers<void>()
    provider.script(async () => {
      await gate.promise
      return verdict
    })
    const before = provider.requests.length
    const watching = cli.start(['campaigns', 'run', '--judge', judgeId])
    await eventually(() => provider.requests.length > before)
    // The campaign is under way; give the watching a moment to have begun too.
    const [{ id }] = await eventually(async () => {
      const found = await cli.json(['campaigns', 'list', '-n', '1'])
      return (await cli.json(['campaigns', 'status', found[0].id])).status === 'RUNNING' && found
    })
    watching.kill('SIGINT')
    const left = await watching.done
    assert.equal(left.exitCode, 130)
    assert.match(left.stderr, new RegExp(`goes on.*npm run tramontane -- campaigns watch ${id}`))
    assert.equal((await cli.json(['campaigns', 'status', id])).status, 'RUNNING')
    assert.match(await cli.succeed(['campaigns', 'cancel', id]), /^CANCELED/)
    gate.resolve()
    provider.script(() => verdict)
    assert.equal((await cli.run(['campaigns', 'watch', id])).exitCode, 1)
    await cli.succeed(['campaigns', 'delete', id])
    assert.match((await cli.run(['campaigns', 'status', id])).stderr, /CAMPAIGN_NOT_FOUND/)
  })

  it('fills a dataset from everywhere, shows and exports it', async () => {
    const { id } = await cli.json(['datasets', 'create', 'from a test'])
    const file = path.join(server.dataDir, 'records.jsonl')
    const record = { messages: [{ role: 'user', content: 'From a file' }], properties: { n: 1 } }
    await writeFile(file, `${JSON.stringify(record)}\n`)
    await cli.succeed(['datasets', 'import', 'from-campaign', id, campaignId])
    await cli.succeed([
      'datasets',
      'import',
      'from-explorer',
      id,
      '--filter',
      'model_name = "large"',
      '--max',
      '4',
    ])
    assert.match(await cli.succeed(['datasets', 'import', 'from-file', id, file]), /^COMPLETED/)
    const records = await cli.json(['datasets', 'records', id, '--all'])
    assert.equal(records.length, 12 + 4 + 1)
    const { id: copy } = await cli.json(['datasets', 'create', 'a copy of it'])
    await cli.succeed(['datasets', 'import', 'from-dataset', copy, records[0].id])
    assert.match(await cli.succeed(['datasets', 'list']), /a copy of it/)
    assert.match(await cli.succeed(['datasets', 'tasks', id]), /COMPLETED +100/)

    const target = path.join(server.dataDir, 'export.jsonl')
    await cli.succeed(['datasets', 'export', id, target])
    const exported = (await readFile(target, 'utf8')).trimEnd().split('\n')
    assert.equal(exported.length, 17)
    assert.ok(exported.some((line) => line.includes('From a file')))
    const link = (await cli.succeed(['datasets', 'export', id, '--link'])).trim()
    assert.equal((await fetch(link)).status, 200)
    await cli.succeed(['datasets', 'delete', copy])
  })

  it('says which line of a file broke an import', async () => {
    const { id } = await cli.json(['datasets', 'create', 'with a bad file'])
    const file = path.join(server.dataDir, 'bad.jsonl')
    await writeFile(file, '{"messages": [{"role": "user", "content": "x"}]}\nbroken\n')
    const run = await cli.run(['datasets', 'import', 'from-file', id, file])
    assert.equal(run.exitCode, 1)
    assert.match(run.stderr, /ended as FAILED: .*line 2/i)
    assert.equal(await cli.succeed(['datasets', 'records', id]), 'The dataset is empty.\n')
  })
})
