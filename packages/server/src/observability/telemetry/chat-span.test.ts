import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventRecord } from '@tramontane/contract/event-record'
import type { AttributeValue } from '../../platform/otlp/attributes.ts'
import { chatRecord } from './chat-span.ts'
import type { Span } from './span.ts'

type Given = Record<string, AttributeValue>

function span(attributes: Given, changes: Partial<Span> = {}): Span {
  return {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    parentSpanId: null,
    traceState: '',
    name: 'a span',
    kind: 3,
    startNanos: 1_000_000_000n,
    endNanos: 3_500_000_000n,
    status: { code: 0, message: '' },
    attributes: new Map(Object.entries(attributes)),
    events: [],
    links: [],
    resource: new Map(),
    scope: { name: '', version: '', attributes: new Map() },
    ...changes,
  }
}

function event(name: string, attributes: Given): Span['events'][number] {
  return { name, timeNanos: 1n, attributes: new Map(Object.entries(attributes)) }
}

const CHAT: Given = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'a-model' }

/** The record of a span, which fits what the contract says of records. */
function recordOf(given: Span, parent?: Span) {
  const record = chatRecord(given, parent)
  assert.ok(record, 'the span becomes an event')
  return eventRecord.parse(record)
}

describe('the event of a chat span', () => {
  it('has the messages of parts: text, reasoning, images, tool calls and their answers', () => {
    const record = recordOf(
      span({
        ...CHAT,
        'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: 'be brief' }]),
        'gen_ai.input.messages': JSON.stringify([
          {
            role: 'user',
            parts: [
              { type: 'text', content: 'what is this?' },
              { type: 'uri', modality: 'image', uri: 'https://example.com/a.png' },
            ],
          },
          { role: 'assistant', parts: [{ type: 'tool_call', id: 'c1', name: 'look', arguments: { at: 1 } }] },
          { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: { seen: 'a cat' } }] },
        ]),
        'gen_ai.output.messages': JSON.stringify([
          {
            role: 'assistant',
            parts: [
              { type: 'reasoning', content: 'hm' },
              { type: 'text', content: 'a cat' },
            ],
            finish_reason: 'stop',
          },
        ]),
        'gen_ai.tool.definitions': JSON.stringify([
          { type: 'function', name: 'look', description: 'looks', parameters: { type: 'object' } },
        ]),
      }),
    )
    assert.deepEqual(record.request_messages, [
      { role: 'system', content: 'be brief' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'what is this?' },
          { type: 'image_url', image_url: 'https://example.com/a.png' },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: '{"seen":"a cat"}' },
    ])
    assert.deepEqual(record.response_messages, [
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
          { type: 'text', text: 'a cat' },
        ],
      },
    ])
    assert.deepEqual(record.enabled_tools, [
      { type: 'function', function: { name: 'look', description: 'looks', parameters: { type: 'object' } } },
    ])
  })

  it('reads messages that are structured values instead of JSON', () => {
    const record = recordOf(
      span({
        ...CHAT,
        'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'hello' }] }],
        'gen_ai.output.messages': [{ role: 'assistant', content: 'hi' }],
      }),
    )
    assert.deepEqual(record.request_messages, [{ role: 'user', content: 'hello' }])
    assert.deepEqual(record.response_messages, [{ role: 'assistant', content: 'hi' }])
  })

  it('reads numbered attributes, in the order of their numbers', () => {
    const record = recordOf(
      span({
        'llm.request.type': 'chat',
        'gen_ai.response.model': 'another-model',
        'gen_ai.prompt.10.content': 'last',
        'gen_ai.prompt.10.role': 'user',
        'gen_ai.prompt.2.content': 'first',
        'gen_ai.prompt.2.role': 'system',
        'gen_ai.completion.0.role': 'assistant',
        'gen_ai.completion.0.tool_calls.0.id': 'c1',
        'gen_ai.completion.0.tool_calls.0.name': 'look',
        'gen_ai.completion.0.tool_calls.0.arguments': '{}',
        'llm.request.functions.0.name': 'look',
        'llm.request.functions.0.parameters': '{"type":"object"}',
        'gen_ai.usage.prompt_tokens': 3,
        'gen_ai.usage.completion_tokens': '4',
        'traceloop.association.properties.team': 'blue',
      }),
    )
    assert.deepEqual(record.request_messages, [
      { role: 'system', content: 'first' },
      { role: 'user', content: 'last' },
    ])
    assert.deepEqual(record.response_messages, [
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } }],
      },
    ])
    assert.deepEqual(record.enabled_tools, [
      { type: 'function', function: { name: 'look', description: '', parameters: { type: 'object' } } },
    ])
    assert.equal(record.model_name, 'another-model')
    assert.deepEqual([record.input_tokens, record.output_tokens], [3, 4])
    assert.equal(record.metadata.team, 'blue')
  })

  it('reads an event for each message', () => {
    const record = recordOf(
      span(CHAT, {
        events: [
          event('gen_ai.system.message', { content: 'be brief' }),
          event('gen_ai.user.message', { 'gen_ai.event.content': '{"content":"hello"}' }),
          event('gen_ai.tool.message', { content: 'sunny', id: 'c1' }),
          event('gen_ai.choice', { index: 0, finish_reason: 'stop', message: '{"content":"hi"}' }),
        ],
      }),
    )
    assert.deepEqual(record.request_messages, [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'hello' },
      { role: 'tool', content: 'sunny', tool_call_id: 'c1' },
    ])
    assert.deepEqual(record.response_messages, [{ role: 'assistant', content: 'hi' }])
  })

  it('keeps text that was cut off, or is nested beyond reason, as text', () => {
    for (const text of ['[{"role":"user","parts":[{"ty', `${'['.repeat(5_000)}${']'.repeat(5_000)}`]) {
      const record = recordOf(span({ ...CHAT, 'gen_ai.input.messages': text }))
      assert.deepEqual(record.request_messages, [{ role: 'user', content: text }])
    }
  })

  it('says what went wrong', () => {
    const failed = recordOf(span({ ...CHAT, 'error.type': '429' }))
    assert.deepEqual([failed.status, failed.error], ['error', '429'])
    const told = recordOf(span(CHAT, { status: { code: 2, message: 'over capacity' } }))
    assert.deepEqual([told.status, told.error], ['error', 'over capacity'])
    const thrown = recordOf(
      span(CHAT, {
        status: { code: 2, message: '' },
        events: [event('exception', { 'exception.message': 'it broke' })],
      }),
    )
    assert.equal(thrown.error, 'it broke')
    assert.equal(recordOf(span(CHAT)).status, 'ok')
  })

  it('takes the ids, the time and what identifies the call', () => {
    const record = recordOf(
      span(
        {
          ...CHAT,
          'gen_ai.response.id': 'r1',
          'gen_ai.agent.id': 'ag1',
          'gen_ai.conversation.id': 'conv1',
          'gen_ai.provider.name': 'mistral_ai',
        },
        { resource: new Map([['service.name', 'shop']]) },
      ),
    )
    assert.equal(record.response_id, 'r1')
    assert.equal(record.api_agent_id, 'ag1')
    assert.equal(record.correlation_id, 'a'.repeat(32))
    assert.equal(record.total_time_elapsed, 2.5)
    assert.deepEqual(
      { ...record.metadata },
      {
        conversation_id: 'conv1',
        provider_name: 'mistral_ai',
        service_name: 'shop',
        span_id: 'b'.repeat(16),
      },
    )
    const redacted = recordOf(span({ ...CHAT, 'gen_ai.response.id': 'cmpl-[REDACTED]' }))
    assert.equal(redacted.response_id, null, 'a redacted id would join calls that are not the same')
  })

  it('is made of an agent once: of the call itself, with the question that only the agent has', () => {
    const asked = { 'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"go"}]}]' }
    const answered = { 'gen_ai.output.messages': '[{"role":"assistant","content":"gone"}]' }
    const agent = span({ 'gen_ai.operation.name': 'invoke_agent', ...asked, ...answered })
    assert.equal(chatRecord(agent, undefined), undefined)
    const below = recordOf(span({ ...CHAT, ...answered }), agent)
    assert.deepEqual(below.request_messages, [{ role: 'user', content: 'go' }])
    const completion = span({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.response.id': 'r2',
      ...asked,
      ...answered,
    })
    assert.deepEqual(recordOf(completion).response_messages, [{ role: 'assistant', content: 'gone' }])
  })

  it('fits the limits of a record whatever is sent', () => {
    const long = 'x'.repeat(20_000)
    recordOf(
      span({
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': long,
        'gen_ai.response.id': long,
        'gen_ai.agent.id': long,
        'gen_ai.conversation.id': long,
        'error.type': long,
        'gen_ai.usage.input_tokens': 1e300,
        'gen_ai.usage.output_tokens': -4,
        'gen_ai.input.messages': [null, 7, true, ['a'], { role: 3, parts: 'none' }, { parts: [null, 1] }],
        'gen_ai.tool.definitions': [null, 'x', {}, { name: 4 }],
        'gen_ai.prompt.99999999.content': 'x',
        [`traceloop.association.properties.${long}`]: 'x',
      }),
    )
  })
})
