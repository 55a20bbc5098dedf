import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const path = '/v1/observability/chat-completion-events'
const TRACE = '0af7651916cd43dd8448eb211c80319c'

interface Bucket {
  readonly from: string
  readonly nb_events: number
  readonly nb_errors: number
}

describe('what Explorer asks beside searching', () => {
  let server: TestServer
  let ids: string[]
  before(async () => {
    server = await startTestServer()
    const events = Array.from({ length: 24 }, (_, hour) => ({
      event_id: `call-${hour}`,
      timestamp: `2026-05-01T${String(hour).padStart(2, '0')}:30:00.000Z`,
      model_name: hour % 2 === 0 ? 'even' : 'odd',
      request_messages: [{ role: 'user', content: `question ${hour} about xylophones` }],
      ...(hour % 6 === 0 ? { status: 'error', error: 'refused' } : {}),
      ...(hour === 0 ? { correlation_id: TRACE } : {}),
    }))
    ids = (await server.call('POST', path, { body: { events } })).body.event_ids
  })
  after(() => server.close())

  const volume = (filters: unknown, more: object = {}, key = server.key) =>
    server.call('POST', `${path}/volume`, { key, body: { search_params: { filters }, ...more } })
  const day = { from: '2026-05-01T00:00:00Z', to: '2026-05-02T00:00:00Z' }

  it('counts events over time, and those that failed', async () => {
    const { status, body } = await volume(null, { ...day, max_buckets: 30 })
    assert.equal(status, 200)
    assert.equal(body.step_seconds, 3_600)
    assert.equal(body.is_exact, true)
    assert.deepEqual([body.nb_events, body.nb_errors], [24, 4])
    assert.equal(body.buckets.length, 24)
    assert.deepEqual(body.buckets[6], { from: '2026-05-01T06:00:00.000Z', nb_events: 1, nb_errors: 1 })
  })

  it('counts what a filter selects, however it is found', async () => {
    const sums = async (filters: unknown) => {
      const { body } = await volume(filters, { ...day, max_buckets: 30 })
      return [
        body.nb_events,
        body.nb_errors,
        body.buckets.flatMap((bucket: Bucket, hour: number) => (bucket.nb_events > 0 ? [hour] : [])).length,
      ]
    }
    assert.deepEqual(await sums({ field: 'model_name', op: 'eq', value: 'even' }), [12, 4, 12])
    const text = { field: 'last_user_message_preview', op: 'contains', value: 'question 1' }
    assert.deepEqual(await sums(text), [11, 2, 11])
    assert.deepEqual(await sums({ AND: [text, { field: 'status', op: 'eq', value: 'error' }] }), [2, 2, 2])
    const bad = await volume({ field: 'modelname', op: 'eq', value: 'x' })
    assert.equal(bad.body.detail.error_code, 'FIELDS_NOT_FOUND')
  })

  it('spans from the first to the last event if not told', async () => {
    const { body } = await volume(null, { max_buckets: 10 })
    assert.equal(body.nb_events, 24)
    assert.equal(body.from, '2026-05-01T00:30:00.000Z')
    assert.ok(body.buckets.length <= 10)
    const later = await volume(null, { from: '2026-05-01T23:00:00Z' })
    assert.equal(later.body.nb_events, 1)
    const none = await volume(null, { from: '2026-06-01T00:00:00Z' })
    assert.deepEqual([none.body.nb_events, none.body.buckets], [0, []])
    const backwards = await volume(null, { from: day.to, to: day.from })
    assert.equal(backwards.body.detail.error_code, 'SEARCH_BAD_REQUEST')
    const other = await server.makeKey('admin', 'another team')
    assert.deepEqual((await volume(null, {}, other)).body.from, null)
  })

  const lines = async (body: unknown, key = server.key) => {
    const response = await fetch(new URL(`${path}/export`, server.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    return { response, records: text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)])) }
  }

  it('exports records that can be imported again, which then changes nothing', async () => {
    const { response, records } = await lines({
      search_params: { filters: { field: 'model_name', op: 'eq', value: 'odd' } },
    })
    assert.match(response.headers.get('content-type')!, /^application\/x-ndjson/)
    assert.equal(records.length, 12)
    assert.equal(records[0].timestamp, '2026-05-01T23:30:00.000Z')
    const again = await server.call('POST', path, { body: { events: records } })
    assert.deepEqual([again.body.imported, again.body.duplicates], [0, 12])
    const elsewhere = await server.makeKey('admin', 'a third team')
    assert.equal(
      (await server.call('POST', path, { key: elsewhere, body: { events: records } })).body.imported,
      12,
    )
  })

  it('exports the events that are named, and as many as are wanted', async () => {
    const chosen = await lines({ completion_event_ids: [ids[3], 'no-id', ids[4]] })
    assert.deepEqual(
      chosen.records.map(({ model_name }) => model_name),
      ['even', 'odd'],
    )
    assert.equal((await lines({ max_nb_events: 5 })).records.length, 5)
    const other = await server.makeKey('admin', 'another team')
    assert.equal((await lines({ completion_event_ids: ids }, other)).records.length, 0)
    const refused = await lines({ search_params: { filters: { field: 'nothing', op: 'eq', value: 1 } } })
    assert.equal(refused.response.status, 400)
  })

  it('finds the spans of the trace that an event belongs to', async () => {
    const span = (spanId: string, parentSpanId: string, code: number) => ({
      traceId: TRACE,
      spanId,
      parentSpanId,
      name: `step ${spanId[0]}`,
      kind: 1,
      startTimeUnixNano: '1777593600123456789',
      endTimeUnixNano: '1777593600623456789',
      status: { code },
      attributes: [{ key: 'step', value: { intValue: '1' } }],
    })
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }
    const spans = [span('1111111111111111', '', 0), span('2222222222222222', '1111111111111111', 2)]
    const sent = await server.call('POST', '/telemetry/v1/traces', {
      body: { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] },
    })
    assert.equal(sent.status, 200)
    const { body } = await server.call('GET', `${path}/${ids[0]}/trace`)
    assert.equal(body.trace_id, TRACE)
    assert.equal(body.is_cut, false)
    assert.deepEqual(body.spans[1], {
      span_id: '2222222222222222',
      parent_span_id: '1111111111111111',
      name: 'step 2',
      service: 'shop',
      start_unix_ms: 1777593600123.456,
      end_unix_ms: 1777593600623.456,
      status: 'error',
      status_message: '',
      attributes: { step: 1 },
    })
    const without = await server.call('GET', `${path}/${ids[1]}/trace`)
    assert.deepEqual(without.body, { trace_id: null, spans: [], is_cut: false })
    const none = await server.call('GET', `${path}/${ids[1]}/annotations`)
    assert.deepEqual(none.body, { annotations: [] })
  })
})
