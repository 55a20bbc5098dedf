import assert from 'node:assert/strict'
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type Cli, cliOf } from '@tramontane/testkit/cli-process'
import { eventually } from '@tramontane/testkit/eventually'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const line = (index: number, more: object = {}) =>
  JSON.stringify({
    model: index % 3 === 0 ? 'large' : 'small',
    messages: [{ role: 'user', content: `Question ${index}: où est l'É?` }],
    response: { role: 'assistant', content: `Answer \u001b[31m${index}\n  indented` },
    team: index % 2 === 0 ? 'blue' : 'red',
    latency_ms: index * 10,
    ...more,
  })

describe('events on the command line', () => {
  let server: TestServer
  let cli: Cli
  let folder: string
  before(async () => {
    server = await startTestServer()
    cli = cliOf(server)
    folder = path.join(server.dataDir, 'cli-test')
    await mkdir(folder)
  })
  after(() => server.close())

  const count = async (filter = ''): Promise<number> =>
    (await cli.json(['events', 'search', filter, '--all'])).length

  it('imports a log once, however often it is sent, grown and mended in between', async () => {
    const file = path.join(folder, 'log.jsonl')
    const lines = Array.from({ length: 250 }, (_, index) => line(index))
    await writeFile(file, `${lines.with(7, '{"model": "broken').join('\n')}\n`)
    const first = await cli.run(['events', 'import', file])
    assert.equal(first.exitCode, 1)
    assert.match(first.stderr, /^line 8: no JSON/)
    assert.match(first.stdout, /^249 events imported, 1 bad line left out \(250 lines /)

    await writeFile(file, `${lines.join('\n')}\n`)
    await appendFile(file, line(250))
    assert.match(await cli.succeed(['events', 'import', file]), /^2 events imported, 249 were there already/)
    const zipped = await cli.json(['events', 'import', '-'], {
      input: gzipSync(`${[...lines, line(250)].join('\n')}`),
    })
    assert.deepEqual(zipped, { lines: 251, added: 0, known: 251, bad: 0, bad_lines: [] })
    assert.equal(await count(), 251)
  })

  it('finds events by text, with pages as long as asked for', async () => {
    assert.equal(await count('model_name = "large"'), 84)
    assert.equal(
      await count('metadata.team = "blue" AND (total_time_elapsed > 2.4 OR model_name = "none")'),
      5,
    )
    assert.equal(await count('last_user_message_preview icontains "OÙ EST L\'é"'), 251)
    assert.equal((await cli.json(['events', 'search', '--limit', '130'])).length, 130)
    const shown = await cli.succeed(['events', 'search', 'total_time_elapsed >= 2.5', '-n', '3'])
    const [heading, row, end] = shown.split('\n')
    assert.match(heading!, /^ID +TIME +MODEL +STATUS +IN +OUT +SECONDS +QUESTION +ANSWER$/)
    assert.match(
      row!,
      /^[0-9a-f-]{36} .* small +ok +0 +0 +2\.50 +Question 250: où est l'É\? +Answer {2}\[31m250 +indented$/,
    )
    assert.equal(end, '')
    assert.equal(await cli.succeed(['events', 'search', 'model_name = "none"']), 'No event matches.\n')
  })

  it('shows where a filter is wrong, and what may have been meant', async () => {
    const wrong = await cli.run(['events', 'search', 'modelname = "large"'])
    assert.equal(wrong.exitCode, 2)
    assert.equal(
      wrong.stderr,
      'tramontane: There is no field "modelname". (column 1)\n\n  modelname = "large"\n  ^^^^^^^^^\nDid you mean model_name?\n',
    )
    const unknown = await cli.run(['events', 'search', 'team = "blue"'])
    assert.match(unknown.stderr, /Did you mean metadata\.team\?/)
  })

  it('shows one event, the fields, and the values of a field', async () => {
    const [{ event_id }] = await cli.json(['events', 'search', 'total_time_elapsed = 2.5'])
    const [shown, similar, fields, options, counts] = await Promise.all([
      cli.succeed(['events', 'get', event_id]),
      cli.succeed(['events', 'similar', event_id]),
      cli.succeed(['events', 'fields']),
      cli.succeed(['events', 'options', 'model_name']),
      cli.json(['events', 'options', 'model_name', '--filter', 'metadata.team = "red"']),
    ])
    assert.match(shown, /^event [0-9a-f-]+\n/)
    assert.match(shown, /metadata\.team +blue\n/)
    assert.match(
      shown,
      /── user\nQuestion 250: où est l'É\?\n── assistant\nAnswer {2}\[31m250\n {2}indented\n$/,
    )
    assert.match(similar, /Question/)
    assert.match(fields, /\ntotal_time_elapsed +Duration \(s\) +FLOAT +.*=/)
    assert.match(options, /^EVENTS +VALUE\n +167 +"small"\n +84 +"large"\n$/)
    assert.deepEqual(
      counts.find(({ value }: { value: string }) => value === 'small'),
      { value: 'small', count: 83 },
    )
  })

  it('goes on where it was killed, and adds nothing twice', async () => {
    const file = path.join(folder, 'long.jsonl')
    const lines = Array.from({ length: 6_000 }, (_, index) =>
      line(index, { run: 'long', timestamp: new Date(1_767_225_600_000 + index).toISOString() }),
    )
    await writeFile(file, lines.join('\n'))
    const killed = cli.start(['events', 'import', file])
    await eventually(
      async () => {
        const body = { search_params: { filters: { field: 'metadata.run', op: 'eq', value: 'long' } } }
        const found = await server.call(
          'POST',
          '/v1/observability/chat-completion-events/search?page_size=1',
          {
            body,
          },
        )
        return found.body.completion_events.results.length > 0
      },
      { timeoutMs: 120_000, everyMs: 5 },
    )
    killed.kill('SIGKILL')
    await killed.done
    const { added, known, bad } = await cli.json(['events', 'import', file])
    assert.equal(added + known, 6_000)
    assert.equal(bad, 0)
    assert.ok(known > 0, 'the first run had stored something')
    const counts = await cli.json(['events', 'options', 'metadata.run'])
    assert.deepEqual(counts, [{ value: 'long', count: 6_000 }])
  })

  it('tells lines that the server refuses by their number', async () => {
    const file = path.join(folder, 'future.jsonl')
    const future = new Date(Date.now() + 48 * 3_600_000).toISOString()
    await writeFile(file, [line(0), line(1, { timestamp: future }), line(2)].join('\n'))
    const run = await cli.run(['events', 'import', file])
    assert.equal(run.exitCode, 1)
    assert.match(run.stderr, /^line 2: .*timestamp/)
    assert.match(run.stdout, /^0 events imported, 2 were there already, 1 bad line left out \(3 lines /)
  })
})
