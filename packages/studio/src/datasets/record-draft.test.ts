import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { moved, nextMessage, readPayload, toDrafts, toMessageDraft, toMessages } from './record-draft.ts'

const messages = [
  { role: 'system', content: 'Be short.', name: 'x' },
  { role: 'user', content: [{ type: 'text', text: 'And this?' }] },
  { content: null, role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }] },
  { role: 'tool', tool_call_id: 'a', content: '' },
  { role: 3 },
]

describe('the draft of a record', () => {
  it('changes nothing that was not edited, not even the order of keys', () => {
    const { messages: after, problems } = toMessages(toDrafts({ messages }))
    assert.deepEqual(problems, [])
    assert.equal(JSON.stringify(after), JSON.stringify(messages))
  })

  it('keeps numbers that JavaScript has not', () => {
    const text =
      '{"messages":[{"role":"tool","content":[{"id":9007199254740993}],"seed":1.0}],"top":-12345678901234567890}'
    const payload = readPayload(text)
    const edited = toDrafts(payload).map((draft) => ({ ...draft, role: 'user' }))
    const after = JSON.stringify({ ...payload, messages: toMessages(edited).messages })
    assert.equal(after, text.replace('tool', 'user'))
  })

  it('writes what was edited and takes away what was taken away', () => {
    const [system, user, assistant, tool] = toDrafts({ messages }) as [never, never, never, never]
    const edited = [
      { ...(system as object), content: 'Be long.' },
      { ...(user as object), content: 'And that?', contentForm: 'text' },
      { ...(assistant as object), toolCalls: null, content: 'Yes.' },
      { ...(tool as object), toolCallId: null, role: 'user' },
    ] as never
    assert.deepEqual(toMessages(edited).messages, [
      { role: 'system', content: 'Be long.', name: 'x' },
      { role: 'user', content: 'And that?' },
      { role: 'assistant', content: 'Yes.' },
      { role: 'user', content: '' },
    ])
  })

  it('says which message is no JSON', () => {
    const draft = { ...toMessageDraft({ role: 'assistant', content: '' }), toolCalls: '{}' }
    const other = { ...toMessageDraft({ role: 'user', content: [] }), content: '[' }
    const { problems } = toMessages([draft, other])
    assert.deepEqual(
      problems.map(({ key, field }) => [key, field]),
      [
        [draft.key, 'toolCalls'],
        [other.key, 'content'],
      ],
    )
  })

  it('moves messages, and not past the ends', () => {
    const drafts = toDrafts({ messages: [{ role: 'a' }, { role: 'b' }, { role: 'c' }] })
    const roles = (by: -1 | 1, at: number) => moved(drafts, drafts[at]!.key, by).map(({ role }) => role)
    assert.deepEqual(roles(1, 0), ['b', 'a', 'c'])
    assert.deepEqual(roles(-1, 2), ['a', 'c', 'b'])
    assert.deepEqual(roles(-1, 0), ['a', 'b', 'c'])
    assert.deepEqual(roles(1, 2), ['a', 'b', 'c'])
  })

  it('goes on with the role that comes next', () => {
    assert.equal(nextMessage([]).role, 'user')
    assert.equal(nextMessage(toDrafts({ messages: [{ role: 'user', content: '' }] })).role, 'assistant')
  })

  it('refuses payloads that are none', () => {
    assert.throws(() => readPayload('{'), /not JSON/)
    assert.throws(() => readPayload('[]'), /object/)
    assert.throws(() => readPayload('{}'), /messages/)
    assert.throws(() => readPayload('{"messages": [1]}'), /messages\.0/)
    assert.throws(() => readPayload('{"messages": [9007199254740993]}'), /messages\.0/)
    assert.throws(() => readPayload('1.0'), /object/)
    assert.deepEqual(readPayload('{"messages": [], "tools": []}'), { messages: [], tools: [] })
  })
})
