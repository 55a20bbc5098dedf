import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { blocksOf, toShownMessage } from './message-parts.ts'

describe('a message, taken apart', () => {
  it('has text, also in chunks', () => {
    assert.deepEqual(toShownMessage({ role: 'user', content: 'hello' }).parts, [
      { kind: 'text', text: 'hello' },
    ])
    assert.deepEqual(toShownMessage({ role: 'user', content: [{ type: 'text', text: 'a' }, 'b'] }).parts, [
      { kind: 'text', text: 'a' },
      { kind: 'text', text: 'b' },
    ])
  })

  it('has tool calls, whose arguments are JSON or not', () => {
    const { toolCalls, parts } = toShownMessage({
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'c1', function: { name: 'weather', arguments: '{"city":"Nice"}' } },
        { function: { name: 'broken', arguments: '{"city":' } },
        { function: { name: 'parsed', arguments: { a: 1 } } },
        'nonsense',
      ],
    })
    assert.deepEqual(parts, [])
    assert.deepEqual(toolCalls, [
      { id: 'c1', name: 'weather', arguments: '{\n  "city": "Nice"\n}' },
      { id: null, name: 'broken', arguments: '{"city":' },
      { id: null, name: 'parsed', arguments: '{\n  "a": 1\n}' },
      { id: null, name: 'unnamed', arguments: '' },
    ])
  })

  it('shows images that came along, and only names those elsewhere', () => {
    const image = (url: unknown) =>
      toShownMessage({ role: 'user', content: [{ type: 'image_url', image_url: url }] }).parts[0]
    assert.deepEqual(image({ url: 'data:image/png;base64,AAAA' }), {
      kind: 'image',
      url: 'data:image/png;base64,AAAA',
    })
    for (const url of [
      'https://example.org/a.png',
      'javascript:alert(1)',
      'data:image/svg+xml;base64,AAAA',
      'data:text/html;base64,AAAA',
    ])
      assert.deepEqual(image(url), { kind: 'reference', label: 'Image, not loaded', text: url })
  })

  it('tells thinking from words, and shows what it does not know as JSON', () => {
    const { parts } = toShownMessage({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
        { type: 'hologram', depth: 3 },
      ],
    })
    assert.deepEqual(parts[0], { kind: 'thinking', text: 'hm' })
    assert.equal(parts[1]!.kind, 'other')
    assert.equal(toShownMessage({ surprising: true }).parts[0]!.kind, 'other')
    assert.deepEqual(toShownMessage({ role: 'tool', content: '{"ok":true}' }).parts, [
      { kind: 'other', label: 'result', json: '{\n  "ok": true\n}' },
    ])
  })

  it('keeps the numbers of a tool call as the model wrote them', () => {
    const called = { id: 'a', function: { name: 'order', arguments: '{"id":9007199254740993,"price":1.0}' } }
    const [call] = toShownMessage({ role: 'assistant', content: '', tool_calls: [called] }).toolCalls
    assert.equal(call!.arguments, '{\n  "id": 9007199254740993,\n  "price": 1.0\n}')
  })
})

describe('text with code in it', () => {
  it('is taken apart at its fences', () => {
    assert.deepEqual(blocksOf('Look:\n\n```ts\nconst a = 1\n```\n\nDone.'), [
      { kind: 'words', text: 'Look:' },
      { kind: 'code', language: 'ts', code: 'const a = 1' },
      { kind: 'words', text: 'Done.' },
    ])
    assert.deepEqual(blocksOf('````\n```\ninner\n```\n````'), [
      { kind: 'code', language: '', code: '```\ninner\n```' },
    ])
  })

  it('may end within a fence, and may have none', () => {
    assert.deepEqual(blocksOf('```py\nprint('), [{ kind: 'code', language: 'py', code: 'print(' }])
    assert.deepEqual(blocksOf('a `b` c'), [{ kind: 'words', text: 'a `b` c' }])
    assert.deepEqual(blocksOf(''), [])
  })
})
