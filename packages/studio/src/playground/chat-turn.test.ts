import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  answerMessage,
  NO_ANSWER,
  nameOf,
  openCalls,
  stoppedEntries,
  type TurnEvent,
  toMessages,
  toSent,
  withPiece,
} from './chat-turn.ts'

const text = (content: string): TurnEvent => ({ type: 'message.output.delta', content })
const call = (tool_call_id: string, name: string, given: string): TurnEvent => ({
  type: 'function.call.delta',
  tool_call_id,
  name,
  arguments: given,
})
const answerOf = (...events: TurnEvent[]) => events.reduce(withPiece, NO_ANSWER)

describe('a turn of the playground', () => {
  it('puts the pieces of an answer together', () => {
    const answer = answerOf(
      text('A '),
      text('wind'),
      call('a', 'look', '{"x"'),
      call('b', 'see', ''),
      call('a', '', ':1}'),
    )
    assert.deepEqual(answerMessage(answer), {
      role: 'assistant',
      content: 'A wind',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'look', arguments: '{"x":1}' } },
        { id: 'b', type: 'function', function: { name: 'see', arguments: '' } },
      ],
    })
  })

  it('keeps what is no text apart', () => {
    const thinking = { type: 'thinking' as const, thinking: [{ type: 'text' as const, text: 'hm' }] }
    const answer = answerOf({ type: 'message.output.delta', content: thinking }, text('Yes'), text('.'))
    assert.deepEqual(answer.chunks, [thinking, { type: 'text', text: 'Yes.' }])
  })

  it('keeps the words of an answer that was stopped, and no half calls', () => {
    assert.deepEqual(stoppedEntries(answerOf(text('A wi'), call('a', 'look', '{'))), [
      { type: 'message.output', role: 'assistant', content: 'A wi' },
    ])
    assert.deepEqual(stoppedEntries(NO_ANSWER), [])
  })

  it('shows entries as messages, and knows which calls are open', () => {
    const entries = toSent([
      {
        object: 'entry',
        id: '1',
        created_at: '',
        completed_at: null,
        type: 'message.input',
        role: 'user',
        content: 'Hi',
        prefix: false,
      },
      {
        object: 'entry',
        id: '2',
        created_at: '',
        completed_at: null,
        type: 'function.call',
        tool_call_id: 'a',
        name: 'look',
        arguments: '{}',
      },
      {
        object: 'entry',
        id: '3',
        created_at: '',
        completed_at: null,
        type: 'function.call',
        tool_call_id: 'b',
        name: 'see',
        arguments: {},
      },
      {
        object: 'entry',
        id: '4',
        created_at: '',
        completed_at: null,
        type: 'function.result',
        tool_call_id: 'a',
        result: '1',
      },
    ])
    assert.deepEqual(
      toMessages(entries).map(({ role }) => role),
      ['user', 'assistant', 'tool'],
    )
    assert.deepEqual(openCalls(entries), [{ id: 'b', name: 'see' }])
  })

  it('names a conversation by its first words', () => {
    assert.equal(nameOf('  What is\nthe mistral? '), 'What is the mistral?')
    assert.equal(nameOf('x'.repeat(100)).length, 60)
  })
})
