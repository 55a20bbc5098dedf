import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { EventRecordInput } from '@tramontane/contract/event-record'
import { eventFields } from '@tramontane/contract/fields'
import type { Filter, FilterOperator } from '@tramontane/contract/filter'
import { definitionFinder } from '@tramontane/contract/filter-check'
import { evaluateFilter, type FieldValue } from '@tramontane/contract/filter-evaluate'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import fc from 'fast-check'

const events = '/v1/observability/chat-completion-events'
const EVENTS = 150
const TREES = 300
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)

// Few values, so that conditions are often met; with all that SQL and LIKE could trip over.
const words = [
  '',
  'a',
  'A',
  'ab',
  'weather in Paris',
  'WEATHER',
  '100%',
  '_',
  '\\',
  "o'clock",
  'é',
  'É',
  'ß',
  '日本語',
  'a\nb',
  'say "hello" there',
  'tab\tulator \u0001 control \u007f',
  '\0',
  '\ud800x',
]
const text = fc.oneof(
  fc.constantFrom(...words),
  fc.array(fc.constantFrom(...words), { minLength: 2, maxLength: 4 }).map((parts) => parts.join(' ')),
)
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const tools = fc.subarray(['web_search', 'weather', 'a'])
const instants = Array.from({ length: 6 }, (_, n) =>
  new Date(Date.UTC(2024, 0, 31, 23, 59, 58 + n)).toISOString(),
)

const event = fc.record({
  timestamp: fc.constantFrom(...instants),
  model_name: fc.constantFrom('a', 'A', 'mistral-medium', 'mistral-small'),
  user: optional(text),
  system: optional(text),
  answer: optional(text),
  correlation_id: fc.constantFrom('thread-1', 'thread-2', 'é'),
  api_agent_id: fc.option(fc.constantFrom('agent', 'Agent')),
  invoked_tools: tools,
  input_tokens: fc.constantFrom(0, 1, 10, 2_147_483_647),
  output_tokens: fc.constantFrom(0, 5),
  total_time_elapsed: fc.constantFrom(0, 0.1, 0.5, 12.25),
  metadata: fc.dictionary(fc.constantFrom('team', 'a.b', '__proto__'), text, { maxKeys: 3 }),
  status: fc.constantFrom('ok' as const, 'error' as const),
  error: fc.option(text),
})
type Made = typeof event extends fc.Arbitrary<infer T> ? T : never

function toRecord({ user, system, answer, ...rest }: Made): EventRecordInput {
  const message = (role: string, content: string | undefined) =>
    content === undefined ? [] : [{ role, content }]
  return {
    ...rest,
    request_messages: [...message('system', system), ...message('user', user)],
    response_messages: message('assistant', answer),
  }
}

const definitions = eventFields.filter(({ name }) => name !== 'event_id')
const names = [...definitions.map(({ name }) => name), 'metadata.team', 'metadata.a.b', 'metadata.nobody']
const definitionOf = definitionFinder(definitions)
const patterns = fc.constantFrom('a', '^a', 'b$', '[a-z]+ in', '(Par|mistral)', 'a.b', 'x?y?', '\\\\')

function valueFor(name: string, op: FilterOperator): fc.Arbitrary<unknown> {
  if (op === 'isnull') return fc.boolean()
  if (op === 'len_eq') return fc.nat(4)
  if (op === 'matches') return patterns
  switch (definitionOf(name)!.type) {
    case 'INT':
      return fc.constantFrom(0, 1, '10', 5, -1, 2_147_483_647, 9_007_199_254_740_991)
    case 'FLOAT':
      return fc.constantFrom(0, 0.1, '0.5', 12.25, -1e300, 1e300)
    case 'TIMESTAMP':
      return fc.constantFrom(...instants, '2024-02-01', '0001-01-01', '9999-12-31T23:59:59Z')
    case 'ARRAY':
      return fc.constantFrom('web_search', 'weather', 'none')
    default:
      return fc.oneof(
        text,
        fc.constantFrom('mistral', 'mistral-medium', 'agent', 'thread-1', 'import', 'error', 'ok'),
      )
  }
}

const condition: fc.Arbitrary<Filter> = fc
  .constantFrom(...names)
  .chain((field) =>
    fc
      .constantFrom(...definitionOf(field)!.supported_operators)
      .chain((op) => valueFor(field, op).map((value) => ({ field, op, value }))),
  )
const { tree } = fc.letrec<{ tree: Filter }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    condition,
    fc.record(
      {
        AND: fc.option(fc.array(tie('tree'), { maxLength: 3 })),
        OR: fc.option(fc.array(tie('tree'), { maxLength: 3 })),
      },
      { requiredKeys: [] },
    ),
  ),
}))

describe('filters in SQL', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  it(`select what the plain evaluation selects (SEED=${seed})`, async () => {
    const records = fc.sample(event, { seed, numRuns: EVENTS }).map(toRecord)
    const stored = await server.call('POST', events, { body: { events: records } })
    assert.equal(stored.status, 201, JSON.stringify(stored.body))
    // What an event has is what Explorer shows of it; the conversation is checked against that elsewhere.
    const shown = new Map<string, Record<string, FieldValue>>()
    for (const id of stored.body.event_ids) {
      const { body } = await server.call('GET', `${events}/${id}`)
      shown.set(id, body.extra_fields)
    }
    const newestFirst = [...shown].sort(([a], [b]) => (a < b ? 1 : -1))
    await fc.assert(
      fc.asyncProperty(tree, async (filters) => {
        const { status, body } = await server.call('POST', `${events}/search-ids`, {
          body: { search_params: { filters } },
        })
        assert.equal(status, 200, JSON.stringify(body))
        const expected = newestFirst
          .filter(([, fields]) => evaluateFilter(filters, (name) => fields[name], definitionOf))
          .map(([id]) => id)
        assert.deepEqual(body.completion_event_ids, expected)
      }),
      { seed, numRuns: TREES },
    )
  })
})
