import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const events = '/v1/observability/chat-completion-events'
const fields = '/v1/observability/chat-completion-fields'
const hour = (n: number) => new Date(Date.UTC(2024, 4, 1) + n * 3_600_000).toISOString()

const records = [
  {
    event_id: 'a',
    timestamp: hour(0),
    correlation_id: 'thread-1',
    model_name: 'mistral-medium',
    request_messages: [
      { role: 'system', content: 'You are brief.' },
      { role: 'user', content: 'What is the weather in Paris? 100%_sure' },
    ],
    response_messages: [
      { role: 'assistant', content: 'Sunny.', tool_calls: [{ function: { name: 'weather' } }] },
    ],
    input_tokens: 10,
    output_tokens: 2,
    total_time_elapsed: 0.5,
    metadata: { team: 'blue', 'a.b': 'dotted' },
    api_agent_id: 'agent-1',
  },
  {
    event_id: 'b',
    timestamp: hour(1),
    model_name: 'mistral-small',
    request_messages: [{ role: 'user', content: 'WRITE a Poem about élan' }],
    response_messages: [{ role: 'assistant', content: 'Roses are red' }],
    input_tokens: 100,
    output_tokens: 20,
    total_time_elapsed: 5.25,
    invoked_tools: ['web_search', 'weather'],
    metadata: { team: 'red' },
  },
  {
    event_id: 'c',
    timestamp: hour(2),
    model_name: 'other',
    request_messages: [],
    status: 'error',
    error: 'rate limited',
    input_tokens: 0,
  },
]

describe('Explorer', () => {
  let server: TestServer
  const ids: Record<string, string> = {}
  before(async () => {
    server = await startTestServer()
    const answer = await server.call('POST', events, { body: { events: records } })
    assert.equal(answer.status, 201)
    assert.deepEqual([answer.body.imported, answer.body.duplicates], [3, 0])
    for (const [index, { event_id }] of records.entries()) ids[event_id] = answer.body.event_ids[index]
  })
  after(() => server.close())

  const search = (
    filters: unknown,
    options: { query?: string; extra_fields?: string[]; key?: string } = {},
  ) =>
    server.call('POST', `${events}/search${options.query ?? ''}`, {
      body: { search_params: { filters }, extra_fields: options.extra_fields },
      key: options.key,
    })
  /** The letters of the events that a filter selects, in alphabetical order. */
  const found = async (filters: unknown) => {
    const answer = await search(filters)
    assert.equal(answer.status, 200, JSON.stringify([filters, answer.body]))
    const letters = answer.body.completion_events.results.map(
      ({ event_id }: { event_id: string }) => Object.entries(ids).find(([, id]) => id === event_id)![0],
    )
    assert.deepEqual(letters, letters.toSorted().toReversed(), 'newest first')
    return letters.toReversed().join('')
  }

  const expectations: [field: string, op: string, value: unknown, letters: string][] = [
    ['model_name', 'eq', 'other', 'c'],
    ['model_name', 'neq', 'other', 'ab'],
    ['model_name', 'startswith', 'mistral', 'ab'],
    ['model_name', 'startswith', 'Mistral', ''],
    ['model_name', 'istartswith', 'Mistral', 'ab'],
    ['model_name', 'endswith', 'small', 'b'],
    ['model_name', 'iendswith', 'SMALL', 'b'],
    ['model_name', 'contains', '-', 'ab'],
    ['model_name', 'icontains', 'THE', 'c'],
    ['model_name', 'notcontains', 'mistral', 'c'],
    ['model_name', 'inotcontains', 'MISTRAL', 'c'],
    ['model_name', 'matches', '^mistral-(s|m)', 'ab'],
    ['model_name', 'isnull', false, 'abc'],
    ['model_name', 'isnull', true, ''],
    ['status', 'eq', 'error', 'c'],
    ['source', 'eq', 'import', 'abc'],
    ['last_user_message_preview', 'contains', 'weather', 'a'],
    ['last_user_message_preview', 'contains', '%', 'a'],
    ['last_user_message_preview', 'contains', '100%_sure', 'a'],
    ['last_user_message_preview', 'contains', '_poem', ''],
    ['last_user_message_preview', 'icontains', 'ÉLAN', 'b'],
    ['last_user_message_preview', 'notcontains', 'weather', 'bc'],
    ['last_user_message_preview', 'inotcontains', 'write', 'ac'],
    ['last_user_message_preview', 'eq', 'WRITE a Poem about élan', 'b'],
    ['last_user_message_preview', 'neq', 'WRITE a Poem about élan', 'ac'],
    ['last_user_message_preview', 'istartswith', 'what is', 'a'],
    ['last_user_message_preview', 'iendswith', 'SURE', 'a'],
    ['last_user_message_preview', 'matches', 'P[a-o]e', 'b'],
    ['last_user_message_preview', 'isnull', true, 'c'],
    ['last_user_message_preview', 'isnull', false, 'ab'],
    ['response_messages_preview', 'icontains', 'ROSES', 'b'],
    ['first_system_message', 'isnull', false, 'a'],
    ['first_system_message', 'contains', 'brief', 'a'],
    ['api_agent_id', 'eq', 'agent-1', 'a'],
    ['api_agent_id', 'neq', 'agent-1', 'bc'],
    ['api_agent_id', 'isnull', 'true', 'bc'],
    ['correlation_id', 'eq', 'thread-1', 'a'],
    ['error', 'contains', 'limit', 'c'],
    ['error', 'isnull', true, 'ab'],
    ['input_tokens', 'eq', 100, 'b'],
    ['input_tokens', 'eq', '100', 'b'],
    ['input_tokens', 'neq', 100, 'ac'],
    ['input_tokens', 'lt', 10, 'c'],
    ['input_tokens', 'lte', 10, 'ac'],
    ['input_tokens', 'gt', 10, 'b'],
    ['input_tokens', 'gte', '10', 'ab'],
    ['input_tokens', 'gt', 9_000_000_000, ''],
    ['input_tokens', 'isnull', false, 'abc'],
    ['total_time_elapsed', 'gt', 0.5, 'b'],
    ['total_time_elapsed', 'gte', '0.5', 'ab'],
    ['total_time_elapsed', 'eq', 5.25, 'b'],
    ['total_time_elapsed', 'neq', 5.25, 'ac'],
    ['timestamp', 'eq', hour(1), 'b'],
    ['timestamp', 'neq', hour(1), 'ac'],
    ['timestamp', 'lt', hour(1), 'a'],
    ['timestamp', 'lte', hour(1), 'ab'],
    ['timestamp', 'gt', hour(1), 'c'],
    ['timestamp', 'gte', '2024-05-01', 'abc'],
    ['timestamp', 'gt', '1200-01-01', 'abc'],
    ['timestamp', 'lt', '1200-01-01', ''],
    ['timestamp', 'lt', '9999-12-31', 'abc'],
    ['timestamp', 'isnull', true, ''],
    ['invoked_tools', 'includes', 'weather', 'ab'],
    ['invoked_tools', 'includes', 'web_search', 'b'],
    ['invoked_tools', 'excludes', 'web_search', 'ac'],
    ['invoked_tools', 'len_eq', 0, 'c'],
    ['invoked_tools', 'len_eq', '2', 'b'],
    ['invoked_tools', 'isnull', false, 'abc'],
    ['metadata.team', 'eq', 'red', 'b'],
    ['metadata.team', 'neq', 'red', 'ac'],
    ['metadata.team', 'icontains', 'BLU', 'a'],
    ['metadata.team', 'notcontains', 'blu', 'bc'],
    ['metadata.team', 'matches', 'r.d', 'b'],
    ['metadata.team', 'isnull', true, 'c'],
    ['metadata.team', 'isnull', false, 'ab'],
    ['metadata.a.b', 'eq', 'dotted', 'a'],
    ['metadata.nobody has it', 'isnull', true, 'abc'],
    ['metadata.nobody has it', 'eq', 'x', ''],
    ['metadata.nobody has it', 'neq', 'x', 'abc'],
  ]
  for (const [field, op, value, letters] of expectations) {
    it(`${field} ${op} ${JSON.stringify(value)} selects ${letters || 'nothing'}`, async () => {
      assert.equal(await found({ field, op, value }), letters)
    })
  }

  it('compares ids', async () => {
    assert.equal(await found({ field: 'event_id', op: 'eq', value: ids.b }), 'b')
    assert.equal(await found({ field: 'event_id', op: 'neq', value: ids.b }), 'ac')
    assert.equal(await found({ field: 'event_id', op: 'eq', value: 'none' }), '')
    assert.equal(await found({ field: 'event_id', op: 'endswith', value: ids.c!.slice(-12) }), 'c')
  })

  it('nests AND and OR, and an empty group asks nothing', async () => {
    const [a, b, c] = ['mistral-medium', 'mistral-small', 'other'].map((value) => ({
      field: 'model_name',
      op: 'eq',
      value,
    }))
    const cheap = { field: 'input_tokens', op: 'lt', value: 50 }
    assert.equal(await found(null), 'abc')
    assert.equal(await found({}), 'abc')
    assert.equal(await found({ AND: [], OR: null }), 'abc')
    assert.equal(await found({ OR: [a, b] }), 'ab')
    assert.equal(await found({ AND: [cheap], OR: [a, b] }), 'a')
    assert.equal(await found({ AND: [{ OR: [{ AND: [b, cheap] }, { AND: [c, {}] }] }, cheap] }), 'c')
    assert.equal(await found({ AND: [a, b] }), '')
  })

  it('names what is wrong with a filter', async () => {
    const refusals: [unknown, string][] = [
      [{ field: 'modelname', op: 'eq', value: 'x' }, 'FIELDS_NOT_FOUND'],
      [{ field: '__judge_00000000000000000000000000000000', op: 'eq', value: 'x' }, 'FIELDS_NOT_FOUND'],
      [{ field: 'model_name', op: 'gt', value: 'x' }, 'FIELDS_BAD_REQUEST'],
      [{ field: 'input_tokens', op: 'gt', value: 'many' }, 'SEARCH_BAD_REQUEST'],
      [{ AND: [{ field: 'timestamp', op: 'gt', value: 'yesterday' }] }, 'SEARCH_BAD_REQUEST'],
      [{ field: 'model_name', op: 'matches', value: 'a(' }, 'SEARCH_BAD_REQUEST'],
      [{ field: 'error', op: 'matches', value: '[' }, 'SEARCH_BAD_REQUEST'],
    ]
    for (const [filters, code] of refusals) {
      const answer = await search(filters)
      assert.deepEqual([answer.status, answer.body.detail.error_code], [400, code], JSON.stringify(filters))
    }
    const misspelled: [unknown, RegExp][] = [
      [{ field: 'model_name', op: 'like', value: 'x' }, /filters\.op: .*\bistartswith\b/],
      [{ AND: [{ OR: [{ field: 'model_name', op: 'eq' }] }] }, /filters\.AND\.0\.OR\.0\.value: /],
      [{ NOT: [] }, /filters\.field: /],
      [
        { OR: Array(1_001).fill({ field: 'model_name', op: 'eq', value: 'x' }) },
        /^[\w.]*filters\.OR: .*1000/,
      ],
    ]
    for (const [filter, message] of misspelled) {
      const answer = await search(filter)
      assert.equal(answer.status, 422)
      assert.match(answer.body.detail.message, message)
    }
    const cursor = await search(null, { query: '?cursor=nonsense' })
    assert.deepEqual([cursor.status, cursor.body.detail.error_code], [400, 'SEARCH_BAD_REQUEST'])
    const extra = await search(null, { extra_fields: ['nope'] })
    assert.deepEqual([extra.status, extra.body.detail.error_code], [400, 'FIELDS_NOT_FOUND'])
  })

  it('shows the fields that are asked for, or all', async () => {
    const some = await search(
      { field: 'event_id', op: 'eq', value: ids.a },
      { extra_fields: ['model_name', 'metadata.team', 'metadata.none', 'timestamp', 'invoked_tools'] },
    )
    assert.deepEqual(some.body.completion_events.results, [
      {
        event_id: ids.a,
        correlation_id: 'thread-1',
        created_at: hour(0),
        extra_fields: {
          model_name: 'mistral-medium',
          'metadata.team': 'blue',
          'metadata.none': null,
          timestamp: hour(0),
          invoked_tools: ['weather'],
        },
        nb_input_tokens: 10,
        nb_output_tokens: 2,
      },
    ])
    const all = await search({ field: 'event_id', op: 'eq', value: ids.b })
    const shown = all.body.completion_events.results[0].extra_fields
    assert.equal(shown['metadata.team'], 'red')
    assert.equal(shown.last_user_message_preview, 'WRITE a Poem about élan')
    assert.equal(shown.api_agent_id, null)
    assert.equal(shown.source, 'import')
  })

  it('gives the event with its conversation, and none of another workspace', async () => {
    const event = await server.call('GET', `${events}/${ids.a}`)
    assert.equal(event.status, 200)
    assert.deepEqual(event.body.request_messages, records[0]!.request_messages)
    assert.deepEqual(event.body.response_messages, records[0]!.response_messages)
    assert.equal(event.body.nb_messages, 3)
    assert.deepEqual(event.body.chat_transcription_events, [])
    const other = await server.makeKey('admin', 'another team')
    for (const [id, key] of [
      [ids.a, other],
      [crypto.randomUUID(), undefined],
      ['none', undefined],
    ] as const) {
      for (const path of ['', '/similar-events']) {
        const answer = await server.call('GET', `${events}/${id}${path}`, { key })
        assert.deepEqual([answer.status, answer.body.detail.error_code], [404, 'SEARCH_NOT_FOUND'])
      }
    }
    assert.deepEqual((await search(null, { key: other })).body.completion_events, {
      results: [],
      next: null,
      cursor: null,
    })
    const counts = await server.call('POST', `${fields}/model_name/options-counts`, { key: other, body: {} })
    assert.deepEqual(counts.body.counts, [])
  })

  it('lists fields, those of metadata too', async () => {
    const { body } = await server.call('GET', fields)
    const names = body.field_definitions.map(({ name }: { name: string }) => name)
    assert.ok(
      names.includes('model_name') && names.includes('metadata.team') && names.includes('metadata.a.b'),
    )
    assert.ok(body.field_groups.some(({ name }: { name: string }) => name === 'judges'))
  })

  it('suggests and counts values', async () => {
    const options = async (field: string, operator: string) =>
      (await server.call('GET', `${fields}/${field}/options?operator=${operator}`)).body
    assert.deepEqual((await options('invoked_tools', 'includes')).options, ['weather', 'web_search'])
    assert.deepEqual((await options('model_name', 'eq')).options, [
      'mistral-medium',
      'mistral-small',
      'other',
    ])
    assert.deepEqual((await options('metadata.team', 'eq')).options, ['blue', 'red'])
    assert.deepEqual((await options('error', 'isnull')).options, [true, false])
    assert.equal((await options('input_tokens', 'gt')).options, null)
    assert.equal((await options('model_name', 'gt')).detail.error_code, 'FIELDS_BAD_REQUEST')
    assert.equal((await options('nope', 'eq')).detail.error_code, 'FIELDS_NOT_FOUND')
    const counts = async (field: string, filters?: unknown) =>
      (
        await server.call('POST', `${fields}/${field}/options-counts`, {
          body: filters === undefined ? {} : { filter_params: { filters } },
        })
      ).body
    assert.deepEqual((await counts('invoked_tools')).counts, [
      { value: 'weather', count: 2 },
      { value: 'web_search', count: 1 },
    ])
    assert.deepEqual(
      (await counts('model_name', { field: 'model_name', op: 'startswith', value: 'm' })).counts,
      [
        { value: 'mistral-medium', count: 1 },
        { value: 'mistral-small', count: 1 },
      ],
    )
    assert.deepEqual((await counts('metadata.team')).counts.length, 2)
    assert.equal((await counts('input_tokens')).detail.error_code, 'FIELDS_BAD_REQUEST')
    assert.equal(
      (await counts('model_name', { field: 'x', op: 'eq', value: 1 })).detail.error_code,
      'FIELDS_NOT_FOUND',
    )
  })
})
