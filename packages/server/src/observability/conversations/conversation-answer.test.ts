import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions'
import { Answer } from './conversation-answer.ts'

const piece = (...tool_calls: object[]) =>
  ({
    id: 'r',
    choices: [{ index: 0, delta: { tool_calls }, finish_reason: null }],
  }) as unknown as ChatCompletionChunk

const calls = (answer: Answer) =>
  answer
    .entries()
    .flatMap((entry) =>
      entry.type === 'function.call' ? [[entry.tool_call_id, entry.name, entry.arguments]] : [],
    )

describe('the calls of tools in an answer that comes in pieces', () => {
  const streamed = (...pieces: ChatCompletionChunk[]) => {
    const answer = new Answer('m')
    for (const one of pieces) answer.addPiece(one)
    return calls(answer)
  }

  it('stay apart though each piece counts from 0 again, or does not count', () => {
    const first = { id: 'a', function: { name: 'f', arguments: '{"x":1}' } }
    const second = { id: 'b', function: { name: 'g', arguments: '{"y":2}' } }
    const both = [
      ['a', 'f', '{"x":1}'],
      ['b', 'g', '{"y":2}'],
    ]
    assert.deepEqual(streamed(piece({ index: 0, ...first }), piece({ index: 0, ...second })), both)
    assert.deepEqual(streamed(piece(first), piece(second)), both)
    assert.deepEqual(streamed(piece({ index: 0, ...first }, { index: 0, ...second })), both)
  })

  it('are put together from what comes later', () => {
    assert.deepEqual(
      streamed(
        piece({ index: 0, id: '', function: { arguments: null } }),
        piece({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        piece({ index: 0, function: { name: '', arguments: ':1}' } }),
      ),
      [['a', 'f', '{"x":1}']],
    )
  })

  it('have arguments as text, whether they come so, as an object or not at all', () => {
    const answer = new Answer('m')
    const tool_calls = ['{}', { x: 1 }, null].map((given, index) => ({
      id: `${index}`,
      function: { name: 'f', arguments: given },
    }))
    answer.addWhole({ choices: [{ message: { content: null, tool_calls } }] } as unknown as ChatCompletion)
    assert.deepEqual(
      calls(answer).map(([, , given]) => given),
      ['{}', '{"x":1}', ''],
    )
  })
})
