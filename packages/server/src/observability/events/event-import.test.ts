import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '@tramontane/testkit/eventually'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import pg from 'pg'
import { newUuid, uuidAt } from '../../platform/uuid.ts'

const events = '/v1/observability/chat-completion-events'

describe('importing events', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  const record = (over: object = {}) => ({
    model_name: 'm',
    request_messages: [{ role: 'user', content: 'hello' }],
    ...over,
  })
  const send = (records: unknown[], key?: string) =>
    server.call('POST', events, { body: { events: records }, key })
  const count = async () => {
    const ids = await server.call('POST', `${events}/search-ids`, {
      body: { search_params: { filters: null } },
    })
    return ids.body.completion_event_ids.length
  }

  it('is harmless to send again, with a time of its own or without', async () => {
    const own = newUuid()
    const batch = [
      record({ event_id: 'x', timestamp: '2024-01-01T00:00:00.123456Z' }),
      record({ event_id: 'y' }),
      record({ event_id: own }),
      record({ event_id: uuidAt(1_600_000_000_000_000n), timestamp: '2024-01-01T02:00:00+02:00' }),
      record({ event_id: crypto.randomUUID() }),
    ]
    const first = await send(batch)
    assert.equal(first.status, 201, JSON.stringify(first.body))
    assert.deepEqual([first.body.imported, first.body.duplicates], [5, 0])
    assert.equal(first.body.event_ids[2], own)
    const again = await send([...batch, ...batch])
    assert.deepEqual([again.body.imported, again.body.duplicates], [0, 10])
    assert.deepEqual(again.body.event_ids, [...first.body.event_ids, ...first.body.event_ids])
    assert.equal(await count(), 5)
    const shown = await server.call('GET', `${events}/${first.body.event_ids[0]}`)
    assert.equal(shown.body.created_at, '2024-01-01T00:00:00.123Z')
    const moved = await server.call('GET', `${events}/${first.body.event_ids[3]}`)
    assert.equal(moved.body.created_at, '2024-01-01T00:00:00.000Z')
  })

  it('keeps the same key apart in two workspaces', async () => {
    const other = await server.makeKey('member', 'another team')
    const answer = await send(
      [record({ event_id: 'y' }), record({ event_id: 'x', timestamp: '2024-01-01T00:00:00.123456Z' })],
      other,
    )
    assert.equal(answer.body.imported, 2)
    assert.equal(await count(), 5)
  })

  it('is not for keys that are for the gateway and telemetry only', async () => {
    const refused = await send([record({})], await server.makeKey('ingest'))
    assert.deepEqual([refused.status, refused.body.detail.error_code], [403, 'AUTH_FORBIDDEN'])
  })

  it('names the record and the field that cannot be stored, and stores nothing', async () => {
    const before = await count()
    const ahead = new Date(Date.now() + 25 * 3_600_000)
    const cases: [object, RegExp][] = [
      [record({ timestamp: ahead.toISOString() }), /events\.1\.timestamp/],
      [record({ timestamp: '1969-12-31T00:00:00Z' }), /events\.1\.timestamp/],
      [record({ timestamp: 'yesterday' }), /events\.1\.timestamp/],
      [record({ timestamp: '0000-01-01T00:00:00Z' }), /events\.1\.timestamp/],
      [record({ timestamp: '0001-01-01T00:00:00+01:00' }), /events\.1\.timestamp/],
      [record({ event_id: uuidAt(BigInt(ahead.getTime()) * 1000n) }), /events\.1\.event_id/],
      [{ request_messages: [] }, /events\.1\.model_name/],
      [record({ input_tokens: -1 }), /events\.1\.input_tokens/],
      [record({ tokens: 1 }), /events\.1/],
    ]
    for (const [bad, message] of cases) {
      const answer = await send([record({ event_id: 'good' }), bad])
      assert.equal(answer.status, 422)
      assert.match(answer.body.detail.message, message)
    }
    assert.equal((await send([])).status, 422)
    assert.equal(await count(), before)
  })

  it('remembers so many keys of metadata and no more, however they come', async () => {
    const key = await server.makeKey('member', 'a team with many keys')
    const listed = async () => {
      const { body } = await server.call('GET', '/v1/observability/chat-completion-fields', { key })
      return body.field_definitions.filter(({ name }: { name: string }) => name.startsWith('metadata.'))
    }
    const metadata = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${from + index}`, 'x']))
    await send([record({ metadata: metadata(0, 600) })], key)
    assert.equal((await listed()).length, 600)
    const many = await send(
      [record({ metadata: metadata(0, 3_000) }), record({ metadata: metadata(3_000, 9) })],
      key,
    )
    assert.equal(many.body.imported, 2)
    assert.equal((await listed()).length, 1_000)
  })

  it('turns batches away before it reads them when too much is under way', async () => {
    const begun = () => {
      const started = request(new URL(events, server.url), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${server.key}`,
          'content-type': 'application/json',
          'content-length': 32 * 1024 * 1024,
        },
      })
      started.on('error', () => {})
      started.write('{"events": [')
      return started
    }
    const open: ReturnType<typeof begun>[] = []
    const refused = await eventually(async () => {
      // Three fill the server. Alone: with another batch on its way, the third would be turned away itself.
      open.push(begun())
      await delay(50)
      const answer = await send([record({ event_id: 'late' })])
      return answer.status === 429 ? answer : undefined
    })
    assert.equal(refused.body.detail.error_code, 'TOO_MANY_REQUESTS')
    assert.equal(refused.headers.get('retry-after'), '1')
    for (const each of open) each.destroy()
    await eventually(async () => (await send([record({ event_id: 'late' })])).status === 201)
  })
})

describe('retention', () => {
  it('drops old months, deletes the rest, and leaves what is younger', async () => {
    const server = await startTestServer({ retentionDays: '10' })
    const client = new pg.Client({ connectionString: server.databaseUrl })
    await client.connect()
    try {
      const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
      const kept = ['kept', 'young'].map((event_id, index) => ({ event_id, timestamp: daysAgo(9 - index) }))
      const old = [11, 100, 101, 3000].map((days) => ({ event_id: `old ${days}`, timestamp: daysAgo(days) }))
      const records = [...kept, ...old].map((each) => ({ model_name: 'm', request_messages: [], ...each }))
      const { body } = await server.call('POST', events, { body: { events: records } })
      assert.equal(body.imported, 6)
      await client.query("select graphile_worker.add_job('delete-old-events')")
      await eventually(async () => {
        const { rows } = await client.query('select event_id from events order by event_id')
        const payloads = await client.query('select event_id from event_payloads order by event_id')
        assert.deepEqual(
          rows.map(({ event_id }) => event_id),
          body.event_ids.slice(0, 2),
        )
        assert.deepEqual(payloads.rows, rows)
        return true
      })
      const month = new Date(Date.now() - 100 * 86_400_000).toISOString().slice(0, 7).replace('-', '_')
      const left = await client.query('select to_regclass($1) as name', [`events_${month}`])
      assert.equal(left.rows[0].name, null)
      // A month that was dropped is made again when it is needed.
      const again = await server.call('POST', events, { body: { events: records } })
      assert.deepEqual([again.body.imported, again.body.duplicates], [4, 2])
    } finally {
      await client.end()
      await server.close()
    }
  })
})
