import assert from 'node:assert/strict'
import { it } from 'node:test'
import { StreamAssembler } from './stream-assembler.ts'

function assemble(frames: unknown[], size = 7) {
  const bytes = Buffer.from(
    frames.map((frame) => `data: ${typeof frame === 'string' ? frame : JSON.stringify(frame)}\n\n`).join(''),
  )
  const assembler = new StreamAssembler()
  for (let at = 0; at < bytes.length; at += size) assembler.push(bytes.subarray(at, at + size))
  return assembler.answer
}

const delta = (content: object, index = 0, finish_reason: string | null = null) => ({
  id: 'answer-1',
  model: 'a-model',
  choices: [{ index, delta: content, finish_reason }],
})

it('joins text that is cut anywhere, also inside a character', () => {
  const answer = assemble([
    delta({ role: 'assistant', content: '' }),
    delta({ content: 'Grüß ' }),
    delta({ content: 'dich 👋' }),
    { ...delta({ content: '' }, 0, 'stop'), usage: { prompt_tokens: 3, completion_tokens: 4 } },
    '[DONE]',
  ])
  assert.deepEqual(answer.messages, [{ role: 'assistant', content: 'Grüß dich 👋' }])
  assert.deepEqual(answer.usage, { prompt_tokens: 3, completion_tokens: 4 })
  assert.equal(answer.id, 'answer-1')
  assert.equal(answer.model, 'a-model')
  assert.equal(answer.isFinished, true)
})

it('joins pieces of tool calls by place, and tells calls apart by id', () => {
  const call = (index: number, piece: object) => delta({ tool_calls: [{ index, ...piece }] })
  const { messages } = assemble([
    call(0, { id: 'a', type: 'function', function: { name: 'search', arguments: '' } }),
    call(0, { function: { arguments: '{"q":' } }),
    call(1, { id: 'b', type: 'function', function: { name: 'add', arguments: '{}' } }),
    call(0, { function: { arguments: '"x"}' } }),
    call(1, { id: 'c', function: { name: 'add', arguments: '{"n":1}' } }),
  ])
  assert.deepEqual(messages, [
    {
      role: 'assistant',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'search', arguments: '{"q":"x"}' } },
        { id: 'b', type: 'function', function: { name: 'add', arguments: '{}' } },
        { id: 'c', function: { name: 'add', arguments: '{"n":1}' } },
      ],
    },
  ])
})

it('keeps several choices apart, and reasoning beside content', () => {
  const { messages, isFinished } = assemble([
    delta({ content: 'second' }, 1),
    delta({ reasoning_content: 'hm, ' }),
    delta({ reasoning_content: 'yes' }),
    delta({ content: 'first' }, 0, 'stop'),
  ])
  assert.deepEqual(messages, [
    { role: 'assistant', reasoning_content: 'hm, yes', content: 'first' },
    { role: 'assistant', content: 'second' },
  ])
  assert.equal(isFinished, false)
})

it('joins parts of content, thinking first', () => {
  const thinking = (text: string) =>
    delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] })
  const { messages } = assemble([
    thinking('let me '),
    thinking('see'),
    delta({ content: 'It ' }),
    delta({ content: 'is.' }),
  ])
  assert.deepEqual(messages[0]!.content, [
    { type: 'thinking', thinking: [{ type: 'text', text: 'let me see' }] },
    { type: 'text', text: 'It is.' },
  ])
})

it('takes an error inside the stream, and nothing from frames that are none', () => {
  const answer = assemble(['not json', '[]', { choices: [null, 7] }, { error: { message: 'overloaded' } }])
  assert.deepEqual(answer.error, { message: 'overloaded' })
  assert.deepEqual(answer.messages, [])
})

it('lets no name from outside become a prototype', () => {
  const { messages } = assemble([
    '{"choices":[{"index":0,"delta":{"__proto__":{"polluted":1},"content":"x"}}]}',
  ])
  assert.equal((messages[0] as { polluted?: unknown }).polluted, undefined)
  assert.equal(messages[0]!.content, 'x')
})
