import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isExactNumber, isRoundedByParsing, parseExact, RoundedNumberError } from './exact-json.ts'

const TEXT =
  '{"id":9007199254740993,"deep":[{"x":-12345678901234567890.5}],"one":1.0,"far":1e400,"zero":-0,"text":"9007199254740993","7":0.1}'

describe('JSON with exact numbers', () => {
  it('comes back as it was written, through spreading and editing', () => {
    const value = parseExact(TEXT) as Record<string, unknown>
    // A key that is a whole number goes first, in every object of JavaScript.
    const expected = `{"7":0.1,${TEXT.slice(1, -9)}}`
    assert.equal(JSON.stringify({ ...value }), expected)
    assert.equal(JSON.stringify(parseExact(JSON.stringify(value, null, 2))), expected)
    assert.equal(isExactNumber(value.id), true)
    assert.equal(isExactNumber(value.deep), false)
    assert.equal(value['7'], 0.1)
  })

  it('is refused by a browser that cannot, with the number and its field', async () => {
    const native = Object.getOwnPropertyDescriptor(JSON, 'rawJSON')!
    delete (JSON as { rawJSON?: unknown }).rawJSON
    try {
      for (const [text, message] of [
        ['{"a":{"id":9007199254740993}}', /9007199254740993 of “id”.*the API/],
        [String.raw`{"a \"b\"" : [1, "2", 0.12345678901234567890]}`, /0.12345678901234567890 of “a "b"”/],
        ['[1e400]', /the number 1e400, /],
      ] as const)
        assert.throws(() => parseExact(text), { name: 'RoundedNumberError', message })
      const harmless = '{"a":1.0,"b":9007199254740991,"c":"9007199254740993","d":0.30000000000000004,"e":-5}'
      assert.deepEqual(parseExact(harmless), JSON.parse(harmless))
      assert.throws(
        () => parseExact('{"id":'),
        (error) => error instanceof SyntaxError && !(error instanceof RoundedNumberError),
      )
    } finally {
      Object.defineProperty(JSON, 'rawJSON', native)
    }
  })

  it('is told from what parsing leaves as it is', () => {
    for (const text of ['{"a":9007199254740993}', '[-9007199254740993]', `[1${'0'.repeat(400)}]`])
      assert.ok(isRoundedByParsing(text), text.slice(0, 40))
    for (const text of [
      '[9007199254740992, 1.0, 1e400]',
      '{"9007199254740993":"9007199254740993"}',
      '[1e21]',
    ])
      assert.ok(!isRoundedByParsing(text), text)
  })
})
