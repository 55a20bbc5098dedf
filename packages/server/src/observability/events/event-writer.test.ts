import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventRecord } from '@tramontane/contract/event-record'
import { decideConfig } from '@tramontane/server/config/config'
import { eventually } from '@tramontane/testkit/eventually'
import { createTestDatabase, type TestDatabase } from '@tramontane/testkit/test-database'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { connect, type DatabaseConnection } from '../../platform/database/connection.ts'
import { newUuid, uuidAt } from '../../platform/uuid.ts'
import { AnnotationReader } from '../annotations/annotation-reader.ts'
import type { CapturedEvent } from '../captured-event.ts'
import { createEvents, type Events } from './events.ts'

const workspaceId = newUuid()
const now = BigInt(Date.now()) * 1000n

function captured(over: Partial<Omit<CapturedEvent, 'record'>> & { record?: object } = {}): CapturedEvent {
  const timestampMicros = over.timestampMicros ?? String(now)
  return {
    id: uuidAt(BigInt(timestampMicros)),
    workspaceId,
    source: 'gateway',
    timestampMicros,
    ...over,
    record: eventRecord.parse({
      model_name: 'm',
      request_messages: [{ role: 'user', content: 'hello' }],
      ...over.record,
    }),
  }
}

describe('writing events', () => {
  let database: TestDatabase
  let connection: DatabaseConnection
  let events: Events
  const metrics = new Registry()
  before(async () => {
    database = await createTestDatabase()
    connection = connect(database.url, {
      name: 'test',
      max: 4,
      statementTimeoutMs: 30_000,
      onError: () => {},
    })
    events = createEvents(
      {
        config: decideConfig({ databaseUrl: database.url }),
        logger: pino({ level: 'silent' }),
        connection,
        databaseUrl: database.url,
        metrics,
        publicUrl: () => '',
      },
      { annotations: new AnnotationReader(connection.database), deleteAnnotations: async () => 0 },
    )
  })
  after(async () => {
    await events.stop()
    await connection.close()
    await database.drop()
  })

  const count = async () => {
    const { rows } = await connection.pool.query(
      'select (select count(*) from events) as events, (select count(*) from event_payloads) as payloads',
    )
    assert.equal(rows[0].events, rows[0].payloads)
    return rows[0].events as number
  }

  it('reads no more for each call of a provider that gives every answer the same id', async () => {
    const record = { response_id: 'always-the-same-id' }
    const CALLS = 200
    for (let call = 0; call < CALLS; call++) await events.record(captured({ record }))
    const read = async () => {
      const { rows } = await connection.pool.query(`
        select sum(idx_scan)::int as scans, sum(idx_tup_read)::int as entries from pg_stat_user_indexes
        where indexrelname ~ 'response'`)
      return rows[0] as { scans: number; entries: number }
    }
    // Statistics come a while after what they count.
    const { entries } = await eventually(async () => {
      const now = await read()
      return now.scans >= CALLS && now
    })
    assert.ok(entries < CALLS, `${entries} entries were read for ${CALLS} calls`)
  })

  it('gives back what was stored, NUL and lone surrogates included', async () => {
    const message = { role: 'user', content: 'a\0b\ud800c 𝒳', extra: { __proto__x: [1, null] } }
    const event = captured({
      record: { request_messages: [message], metadata: { 'a\0': '\udc00', team: 'x' }, error: 'no\0' },
    })
    await events.record(event)
    const stored = await events.reader.get(workspaceId, event.id)
    assert.deepEqual(stored?.requestMessages, [message])
    assert.deepEqual(stored?.metadata, { 'a\ufffd': '\ufffd', team: 'x' })
    assert.equal(stored?.error, 'no\ufffd')
    assert.equal(await events.reader.get(newUuid(), event.id), undefined)
    assert.equal(await events.reader.get(workspaceId, 'not an id'), undefined)
  })

  it('stores an event once, however often it is sent, and all months at once', async () => {
    const before = await count()
    const months = ['1999-12-31', '2020-01-01', '2024-02-29', '2024-03-01'].map((day) =>
      captured({ timestampMicros: `${Date.parse(day)}000` }),
    )
    const again = [...months, ...months, captured(), ...months]
    await Promise.all(again.map((event) => events.record(event)))
    await Promise.all(again.map((event) => events.record(event)))
    assert.equal(await count(), before + 5)
    assert.deepEqual(await events.recordBatch(months), new Set())
    const fresh = captured()
    assert.deepEqual(await events.recordBatch([...months, fresh]), new Set([fresh.id]))
  })

  it('refuses a time that cannot be, and stores its neighbours', async () => {
    const before = await count()
    const results = await Promise.allSettled(
      [captured(), captured({ timestampMicros: String(now + 25n * 3600n * 1_000_000n) }), captured()].map(
        (event) => events.record(event),
      ),
    )
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.equal(await count(), before + 2)
  })

  it('commits the neighbours of an event that the database refuses', async () => {
    const before = await count()
    const poisoned = captured({ record: { request_messages: [], input_tokens: 1 } })
    Object.assign(poisoned.record, { input_tokens: 2 ** 40 })
    const results = await Promise.allSettled(
      [captured(), poisoned, captured()].map((event) => events.record(event)),
    )
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.equal(await count(), before + 2)
  })

  it('makes one event of a call that both the gateway and a span report, in either order and at once', async () => {
    const before = await count()
    const call = (id: string) => captured({ record: { response_id: id, model_name: 'gateway' } })
    const span = (id: string) =>
      captured({ source: 'telemetry', record: { response_id: id, model_name: 'span' } })
    const [one, two] = [`one-${crypto.randomUUID()}`, `two-${crypto.randomUUID()}`]
    const [first, second] = [call(one), call(two)]
    await events.record(first)
    await events.record(span(one))
    const early = span(two)
    await events.record(early)
    await events.record(second)
    await events.record(early)
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => `call-${index}-${crypto.randomUUID()}`)
        .flatMap((id) => [call(id), span(id)])
        .map((event) => events.record(event)),
    )
    assert.equal(await count(), before + 42)
    assert.equal((await events.reader.get(workspaceId, second.id))?.modelName, 'gateway')
    const { rows } = await connection.pool.query("select 1 from events where source = 'telemetry'")
    assert.equal(rows.length, 0)
  })

  it('joins no calls by ids that a provider draws from few', async () => {
    const before = await count()
    for (const source of ['telemetry', 'telemetry', 'gateway', 'telemetry'] as const)
      await events.record(captured({ source, record: { response_id: 'chatcmpl-417' } }))
    assert.equal(await count(), before + 4)
  })

  it('keeps two calls apart to which a provider gave the same id', async () => {
    const before = await count()
    for (let index = 0; index < 2; index++)
      await events.record(captured({ record: { response_id: 'the-same-for-both' } }))
    assert.equal(await count(), before + 2)
  })

  it('stores on when another server has dropped a month', async () => {
    const timestampMicros = `${Date.parse('2023-05-05')}000`
    await events.record(captured({ timestampMicros }))
    await connection.pool.query('drop table events_2023_05, event_payloads_2023_05')
    const event = captured({ timestampMicros })
    await events.record(event)
    assert.ok(await events.reader.get(workspaceId, event.id))
  })

  it('counts what it stored by how it came in', async () => {
    assert.match(await metrics.metrics(), /tramontane_events_stored_total\{source="gateway"\} \d+/)
  })
})
