import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseRecordLine, RecordFormatError } from './record-text.ts'

describe('a line of a JSONL file', () => {
  const read = (text: string) => parseRecordLine(text)

  it('keeps what the user wrote: order of keys, numbers, escapes', () => {
    assert.deepEqual(
      read(
        '{"2":1.0, "1":1e400,"properties": {"b":0.10,"a":-0},"messages":[{"content":"\\u0000\\ud800"}], "z":12345678901234567890}',
      ),
      {
        payload: '{"2":1.0,"1":1e400,"messages":[{"content":"\\u0000\\ud800"}],"z":12345678901234567890}',
        properties: '{"b":0.10,"a":-0}',
        payloadHasProperties: false,
      },
    )
  })

  it('finds a key however it is spelled, and takes the last of several', () => {
    const { payload, properties } = read('{"messages":[],"propert\\u0069es":{"a":1},"properties":{"a":2}}')
    assert.equal(payload, '{"messages":[]}')
    assert.equal(properties, '{"a":2}')
  })

  it('has no line break of any kind, also where one is only space', () => {
    assert.equal(read('{"messages":[\r],\r"a":1}\r').payload, '{"messages":[ ], "a":1}')
  })

  it('takes a payload with properties of its own in an envelope', () => {
    assert.deepEqual(read('{"payload":{"messages":[],"properties":1},"properties":{"a":1}}'), {
      payload: '{"messages":[],"properties":1}',
      properties: '{"a":1}',
      payloadHasProperties: true,
    })
  })

  it('says what is wrong', () => {
    for (const [text, reason] of [
      ['{"messages":[}', /not JSON/],
      ['[]', /not a JSON object/],
      ['{}', /`messages` is missing/],
      ['{"messages":{}}', /`messages` is not a list/],
      ['{"messages":[{},[null]]}', /`messages.1` is not an object/],
      ['{"messages":[],"properties":[]}', /`properties` is not an object/],
      ['{"payload":{"messages":[1]}}', /`payload.messages.0` is not an object/],
      ['{"messages":[{"content":"a\0b"}]}', /not JSON/],
      [`{"messages":[{"a":${'['.repeat(300)}${']'.repeat(300)}}]}`, /deeper than 256/],
    ] as const)
      assert.throws(
        () => read(text),
        (error) => error instanceof RecordFormatError && reason.test(error.message),
        text,
      )
  })
})
