import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseMapping } from './field-mapping.ts'
import { type RecordRules, readRecord } from './log-record.ts'

const rules: RecordRules = { mappings: [], model: undefined, timestamp: undefined }
const read = (line: unknown, more: Partial<RecordRules> = {}, number = 1) =>
  readRecord(typeof line === 'string' ? line : JSON.stringify(line), number, { ...rules, ...more })

function record(...args: Parameters<typeof read>) {
  const found = read(...args)
  assert.ok('record' in found, JSON.stringify(found))
  return found.record
}

const question = { role: 'user', content: 'Why?' }
const answer = { role: 'assistant', content: 'Because.' }

describe('lines of a log as records', () => {
  it('takes records as they are', () => {
    const line = {
      event_id: 'mine',
      timestamp: '2026-05-01T10:00:00Z',
      model_name: 'm',
      request_messages: [question],
    }
    assert.deepEqual(record(line), line)
  })

  it('recognises a model, messages and an answer; the rest is metadata', () => {
    const { event_id, ...rest } = record({
      model: 'm',
      dataset: 'helpful',
      messages: [question],
      response: answer,
      usage: { prompt_tokens: 3, completion_tokens: 2 },
      latency_ms: 1500,
      created_at: 1_767_225_600,
      verdict: { by: 'ada', score: 0.5, tags: ['a', 'b'], none: null },
      metadata: { team: 'blue' },
    })
    assert.deepEqual(rest, {
      timestamp: '2026-01-01T00:00:00.000Z',
      input_tokens: 3,
      output_tokens: 2,
      total_time_elapsed: 1.5,
      model_name: 'm',
      request_messages: [question],
      response_messages: [answer],
      metadata: {
        team: 'blue',
        dataset: 'helpful',
        'verdict.by': 'ada',
        'verdict.score': '0.5',
        'verdict.tags': '["a","b"]',
      },
    })
    assert.match(event_id!, /^line-1-[0-9a-f]{40}$/)
  })

  it('takes the answers at the end of the messages for the response', () => {
    const found = record({ model: 'm', messages: [question, answer, question, answer, answer] })
    assert.deepEqual(found.request_messages, [question, answer, question])
    assert.deepEqual(found.response_messages, [answer, answer])
  })

  it('recognises request and answer of an OpenAI-compatible API, failed calls too', () => {
    const tools = [{ type: 'function', function: { name: 'web_search' } }]
    const found = record({
      request: { model: 'm', messages: [question], tools, metadata: { topic: 'code' } },
      response: {
        id: 'c-1',
        created: 1_767_225_600,
        choices: [{ index: 0, message: answer }],
        usage: { prompt_tokens: 3, completion_tokens: 2 },
      },
      env: 'test',
    })
    const { event_id: _, ...rest } = found
    assert.deepEqual(rest, {
      input_tokens: 3,
      output_tokens: 2,
      enabled_tools: tools,
      timestamp: '2026-01-01T00:00:00.000Z',
      model_name: 'm',
      request_messages: [question],
      response_messages: [answer],
      response_id: 'c-1',
      metadata: { env: 'test', topic: 'code' },
    })
    const failed = record({
      request: { model: 'm', messages: [question] },
      response: { error: { message: 'no credit' } },
    })
    assert.equal(failed.status, 'error')
    assert.equal(failed.error, 'no credit')
    assert.deepEqual(failed.response_messages, [])
    for (const error of ['', false, null]) {
      const worked = record({
        request: { model: 'm', messages: [question] },
        response: { id: 5, error },
        error,
        event_id: 7,
      })
      assert.deepEqual([worked.status, worked.error], [undefined, undefined])
      assert.deepEqual([worked.event_id, worked.response_id], ['7', '5'])
    }
  })

  it('finds fields where --map says', () => {
    const mappings = [
      'model_name=p.model',
      'request_messages=p.q',
      'response_messages=p.a',
      'timestamp=at',
      'metadata.who=p.user',
    ].map(parseMapping)
    const found = record(
      { at: 1_767_225_600_000, p: { model: 'm', q: 'Why?', a: 'Because.', user: { id: 7 } } },
      { mappings },
    )
    assert.deepEqual(found.request_messages, [question])
    assert.deepEqual(found.response_messages, [answer])
    assert.equal(found.timestamp, '2026-01-01T00:00:00.000Z')
    assert.deepEqual(found.metadata, { 'who.id': '7' })
    assert.equal(record({ messages: [question] }, { model: 'given' }).model_name, 'given')
    for (const wrong of ['model_name', '=x', 'model_name=', 'modelname=x', 'metadata.=x'])
      assert.throws(() => parseMapping(wrong), { exitCode: 2 }, wrong)
  })

  it('gives the same line the same id, another line another one', () => {
    const line = { model: 'm', messages: [question] }
    assert.equal(record(line, {}, 5).event_id, record(line, {}, 5).event_id)
    assert.notEqual(record(line, {}, 5).event_id, record(line, {}, 6).event_id)
    assert.notEqual(record(line, {}, 5).event_id, record({ ...line, n: 1 }, {}, 5).event_id)
  })

  it('keeps names such as __proto__ as plain keys', () => {
    const found = record(
      '{"model":"m","messages":[{"role":"user","content":"x"}],"a":{"__proto__":{"polluted":"yes"}}}',
    )
    assert.deepEqual(found.metadata, { 'a.__proto__.polluted': 'yes' })
    assert.equal(({} as Record<string, unknown>).polluted, undefined)
    const mapped = read({ x: 1 }, { mappings: [{ field: 'model_name', path: ['constructor', 'name'] }] })
    assert.ok('problem' in mapped)
  })

  it('says what is wrong with a line', () => {
    for (const [line, problem] of [
      ['{"model": ', /^no JSON/],
      ['[1]', /^no JSON object/],
      ['"text"', /^no JSON object/],
      [{ prompt: 'x' }, /no conversation was recognised/],
      [{ messages: [question] }, /^model_name/],
      [{ model: 'm', messages: ['text'] }, /^request_messages\.0/],
      [{ model: 'm', messages: [question], input_tokens: -1 }, /^input_tokens/],
      [{ model: 'm', messages: [question], timestamp: 'yesterday' }, /^timestamp/],
      [{ model_name: 'm', request_messages: [question], modelname: 'x' }, /modelname/],
    ] as const) {
      const found = read(line)
      assert.match('problem' in found ? found.problem : 'taken', problem)
    }
  })
})
