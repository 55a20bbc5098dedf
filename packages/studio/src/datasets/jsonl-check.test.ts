import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkJsonl, withoutLines } from './jsonl-check.ts'

const good = '{"messages": [{"role": "user", "content": "é"}], "properties": {"a": 1}}'
const look = (file: Blob, signal = new AbortController().signal) =>
  checkJsonl(file, { signal, onProgress: () => {} })

describe('the look at a JSONL file before it is sent', () => {
  it('counts records and passes over blank lines, whatever ends the lines', async () => {
    const file = new Blob([`\uFEFF${good}\r\n\r\n${good}\n  \n{"payload": {"messages": []}}`])
    const { records, problemCount, first } = await look(file)
    assert.deepEqual([records, problemCount], [3, 0])
    assert.deepEqual(first, JSON.parse(good))
  })

  it('says of each line what is wrong', async () => {
    const lines = [
      good,
      '{"messages": [}',
      '[]',
      '{"message": []}',
      '{"messages": {}}',
      '{"messages": ["hello"]}',
      '{"messages": [], "properties": 1}',
      '{"payload": {"messages": 1}}',
    ]
    const file = new Blob([lines.join('\n'), '\n', new Uint8Array([0xff, 0xfe]), `\n${good}`])
    const { records, problems, problemCount } = await look(file)
    assert.equal(records, 2)
    assert.equal(problemCount, 8)
    assert.deepEqual(
      problems.map(({ line, message }) => `${line} ${message.slice(0, 14)}`),
      [
        '2 it is not JSON',
        '3 it is not a JS',
        '4 `messages` is ',
        '5 `messages` is ',
        '6 `messages.0` i',
        '7 `properties` i',
        '8 `payload.messa',
        '9 it is not UTF-',
      ],
    )
  })

  it('takes out what is wrong, and nothing else', async () => {
    const file = new Blob([`${good}\nno\n\n${good}\nnor this`])
    const { problems } = await look(file)
    const rest = withoutLines(file, problems)
    assert.equal(await rest.text(), `${good}\n\n${good}\n`)
    assert.equal((await look(rest)).problemCount, 0)
  })

  it('reads lines that come in many pieces', async () => {
    const long = JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(1_000_000) }] })
    const { records, problemCount } = await look(new Blob([`${long}\n${long}\n`]))
    assert.deepEqual([records, problemCount], [2, 0])
  })

  it('refuses lines that are too long', async () => {
    const long = JSON.stringify({ messages: [{ content: 'x'.repeat(8 * 1024 * 1024) }] })
    const { problems } = await look(new Blob([long]))
    assert.match(problems[0]!.message, /longer than 8 MiB/)
  })

  it('ends when it is told to', async () => {
    await assert.rejects(look(new Blob([good]), AbortSignal.abort(new Error('enough'))), /enough/)
  })
})
