import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { connect, type DatabaseConnection } from '../../platform/database/connection.ts'
import { newUuid } from '../../platform/uuid.ts'
import { AnnotationReader, type CampaignResult } from './annotation-reader.ts'
import { deleteResultsBefore, recordResults } from './annotation-store.ts'

const events = '/v1/observability/chat-completion-events'
const fields = '/v1/observability/chat-completion-fields'

describe('what judges say of events', () => {
  let server: TestServer
  let connection: DatabaseConnection
  let workspaceId: string
  let ids: string[]
  const judgeId = newUuid()
  const scorer = newUuid()
  const field = `__judge_${judgeId.replaceAll('-', '')}`
  const score = `__judge_${scorer.replaceAll('-', '')}`
  before(async () => {
    server = await startTestServer()
    connection = connect(server.databaseUrl, {
      name: 'test',
      max: 2,
      statementTimeoutMs: 0,
      onError: () => {},
    })
    const records = Array.from({ length: 4 }, (_, index) => ({
      timestamp: new Date(Date.UTC(2024, 0, 1 + index)).toISOString(),
      model_name: 'm',
      request_messages: [],
    }))
    ids = (await server.call('POST', events, { body: { events: records } })).body.event_ids
    workspaceId = (await server.call('GET', '/v1/keys')).body.keys[0].workspace_id
  })
  after(async () => {
    await connection.close()
    await server.close()
  })

  const result = (over: Partial<CampaignResult>): CampaignResult => ({
    workspaceId,
    campaignId: newUuid(),
    eventId: ids[0]!,
    judgeId,
    judgeRevision: judgeId,
    judgeName: 'politeness',
    outputType: 'CLASSIFICATION',
    answer: 'good',
    analysis: 'it said please\0',
    prompt: [{ role: 'user', content: '\0\ud800' }],
    inputTokens: 1,
    outputTokens: 1,
    durationSeconds: 0.1,
    error: null,
    createdAt: new Date('2024-02-01'),
    ...over,
  })
  const record = (results: CampaignResult[]) =>
    connection.database.transaction().execute((transaction) => recordResults(transaction, results))
  const found = async (filters: unknown) => {
    const { body } = await server.call('POST', `${events}/search-ids`, {
      body: { search_params: { filters } },
    })
    return body.completion_event_ids.map((id: string) => ids.indexOf(id)).toReversed()
  }

  it('is searched by each judge’s newest answer', async () => {
    const campaignId = newUuid()
    const first = result({ campaignId })
    await record([
      first,
      result({ campaignId, eventId: ids[1], answer: 'bad' }),
      result({ campaignId, eventId: ids[2], answer: null, error: 'the model was silent' }),
      result({
        judgeId: scorer,
        judgeName: 'length',
        outputType: 'REGRESSION',
        answer: 0.25,
        eventId: ids[3],
      }),
    ])
    assert.deepEqual(await found({ field, op: 'eq', value: 'good' }), [0])
    await record([result({ answer: 'bad', createdAt: new Date('2024-02-02') })])
    assert.deepEqual(await found({ field, op: 'eq', value: 'good' }), [])
    await record([first, result({ answer: 'good', createdAt: new Date('2024-01-01') })])
    assert.deepEqual(await found({ field, op: 'eq', value: 'bad' }), [0, 1])
    assert.deepEqual(await found({ field, op: 'neq', value: 'bad' }), [2, 3])
    assert.deepEqual(await found({ field, op: 'icontains', value: 'BA' }), [0, 1])
    assert.deepEqual(await found({ field, op: 'notcontains', value: 'x' }), [0, 1, 2, 3])
    assert.deepEqual(await found({ field, op: 'isnull', value: true }), [2, 3])
    assert.deepEqual(await found({ field, op: 'isnull', value: false }), [0, 1])
    assert.deepEqual(await found({ field: score, op: 'gt', value: 0.2 }), [3])
    assert.deepEqual(await found({ field: score, op: 'lte', value: '0.2' }), [])
    assert.deepEqual(await found({ field: score, op: 'neq', value: 0.25 }), [0, 1, 2])
    assert.deepEqual(
      await found({
        OR: [
          { field, op: 'eq', value: 'bad' },
          { field: score, op: 'gt', value: 0 },
        ],
      }),
      [0, 1, 3],
    )
  })

  it('is shown as a field, with its values counted', async () => {
    const { body } = await server.call('GET', fields)
    const shown = body.field_definitions.filter(({ group }: { group: string }) => group === 'judges')
    assert.deepEqual(
      shown.map(({ name, label, type }: Record<string, string>) => [name, label, type]),
      [
        [score, 'length', 'FLOAT'],
        [field, 'politeness', 'ENUM'],
      ],
    )
    const counts = await server.call('POST', `${fields}/${field}/options-counts`, { body: {} })
    assert.deepEqual(counts.body.counts, [{ value: 'bad', count: 2 }])
    const some = await server.call('POST', `${fields}/${field}/options-counts`, {
      body: { filter_params: { filters: { field: 'event_id', op: 'eq', value: ids[0] } } },
    })
    assert.deepEqual(some.body.counts, [{ value: 'bad', count: 1 }])
    assert.deepEqual((await server.call('GET', `${fields}/${field}/options?operator=eq`)).body.options, [
      'bad',
    ])
    const event = await server.call('GET', `${events}/${ids[3]}`)
    assert.equal(event.body.extra_fields[score], 0.25)
    assert.ok(!Object.hasOwn(event.body.extra_fields, field))
    const other = await server.makeKey('read', 'another team')
    const names = (await server.call('GET', fields, { key: other })).body.field_definitions
    assert.ok(!names.some(({ name }: { name: string }) => name.startsWith('__judge_')))
  })

  it('keeps what each campaign said, and goes with the event', async () => {
    const reader = new AnnotationReader(connection.database)
    const campaignId = newUuid()
    await record([result({ campaignId })])
    const results = await reader.resultsOf(workspaceId, campaignId, ids)
    assert.deepEqual(results.get(ids[0]!)?.prompt, [{ role: 'user', content: '\0\ud800' }])
    assert.equal(results.get(ids[0]!)?.analysis, 'it said please\ufffd')
    assert.equal(results.size, 1)
    while ((await deleteResultsBefore(connection.database, ids[1]!, 2)) > 0);
    assert.equal((await reader.resultsOf(workspaceId, campaignId, ids)).size, 0)
    assert.deepEqual(await found({ field, op: 'eq', value: 'bad' }), [1])
  })
})
