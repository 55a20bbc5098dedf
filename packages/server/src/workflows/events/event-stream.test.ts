import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import {
  type SentWorkflowEvent,
  sentWorkflowEvent,
  workflowEventTypes,
} from '@tramontane/testkit/sample-workflow-events'
import { type SecondServer, startSecondServer } from '@tramontane/testkit/second-server'
import { StreamReader } from '@tramontane/testkit/stream-reader'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import pg from 'pg'

const STREAM = '/v1/workflows/events/stream'

async function send(server: TestServer, events: readonly unknown[], url = server.url): Promise<void> {
  const { status, body } = await server.call('POST', `${url}/v1/workflows/events/batch`, { body: { events } })
  assert.deepEqual([status, body], [200, { status: 'success', events_received: events.length }])
}

/** The ids of all events, in the order of the list. */
async function listed(server: TestServer): Promise<string[]> {
  const ids: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await server.call(
      'GET',
      `/v1/workflows/events/list?limit=1000&cursor=${cursor}`.replace(/&cursor=$/, ''),
    )
    ids.push(...body.events.map((event: SentWorkflowEvent) => event.event_id))
    cursor = body.next_cursor
  }
  return ids
}

const idsOf = (reader: StreamReader) => reader.frames.map(({ data }) => data.data.event_id)

describe('the stream of events', () => {
  let server: TestServer
  let second: SecondServer

  before(async () => {
    server = await startTestServer()
    second = await startSecondServer(server)
  })
  after(async () => {
    await second.close()
    await server.close()
  })

  const open = (query = '', headers: Record<string, string> = {}, url = server.url) =>
    StreamReader.open(`${url}${STREAM}${query === '' ? '' : `?${query}`}`, { key: server.key, headers })

  it('shows an event with where it belongs, first those that are there, then new ones', async () => {
    const execution = {
      workflow_exec_id: 'child',
      root_workflow_exec_id: 'root',
      parent_workflow_exec_id: 'parent',
    }
    const [past, present] = [
      sentWorkflowEvent('CUSTOM_TASK_STARTED', execution),
      sentWorkflowEvent('ACTIVITY_TASK_STARTED', execution),
    ]
    await send(server, [past])
    const reader = await open('workflow_exec_id=child')
    assert.equal(reader.status, 200)
    assert.match(reader.headers['content-type']!, /^text\/event-stream/)
    await reader.has(1)
    await send(server, [present])
    const [one, two] = await reader.has(2)
    reader.close()
    const { timestamp, broker_sequence, workflow_context, ...rest } = one!.data
    assert.deepEqual(rest, { stream: 'token', data: past, metadata: {} })
    assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000)
    assert.equal(one!.id, String(broker_sequence))
    const { namespace, ...context } = workflow_context
    assert.match(namespace, /^tramontane-/)
    assert.deepEqual(context, { workflow_name: 'greet', ...execution })
    assert.deepEqual([two!.data.stream, two!.data.data], ['activity', present])
    assert.ok(two!.data.broker_sequence > broker_sequence)
    assert.ok(reader.comments > 0, 'a comment tells at once that the stream is open')
  })

  it('has one order for twenty writers on two servers, which all readers and the list show', async () => {
    const writers = Array.from({ length: 20 }, (_, number) =>
      Array.from({ length: 60 }, () =>
        sentWorkflowEvent('CUSTOM_TASK_IN_PROGRESS', { workflow_exec_id: `writer ${number}` }),
      ),
    )
    const [here, there] = [await open(), await open('', {}, second.url)]
    const before = (await listed(server)).length
    await Promise.all(
      writers.map(async (events, number) => {
        for (let at = 0; at < events.length; at += (at % 5) + 1)
          await send(server, events.slice(at, at + (at % 5) + 1), number % 2 === 0 ? server.url : second.url)
      }),
    )
    const count = before + 20 * 60
    await Promise.all([here.has(count), there.has(count)])
    const late = await open()
    await late.has(count)
    const ids = await listed(server)
    assert.equal(ids.length, count)
    for (const reader of [here, there, late]) {
      assert.deepEqual(idsOf(reader), ids)
      assert.ok(
        reader.sequences.every((sequence, place, all) => place === 0 || sequence > all[place - 1]!),
        'sequences only grow',
      )
      reader.close()
    }
    for (const [number, events] of writers.entries())
      assert.deepEqual(
        here.frames
          .filter(({ data }) => data.data.workflow_exec_id === `writer ${number}`)
          .map(({ data }) => data.data),
        events,
      )
  })

  it('goes on where a reader left off, and begins where it is told to', async () => {
    const reader = await open('workflow_exec_id=writer%201')
    const frames = await reader.has(60)
    reader.close()
    const ids = frames.map(({ data }) => data.data.event_id)
    const at = frames[9]!.data.broker_sequence
    for (const [query, headers, skipped] of [
      [`&start_seq=${at}`, {}, 9],
      [`&start_seq=0&last_event_id=${at}`, {}, 10],
      ['', { 'last-event-id': String(at) }, 10],
      [`&start_seq=${at + 1}`, { 'last-event-id': String(frames[0]!.data.broker_sequence) }, 10],
    ] as const) {
      const again = await open(`workflow_exec_id=writer%201${query}`, headers)
      await again.has(60 - skipped)
      assert.deepEqual(idsOf(again), ids.slice(skipped))
      again.close()
    }
  })

  it('waits for a sequence that is still to come', async () => {
    const all = await open()
    await send(server, [sentWorkflowEvent('CUSTOM_TASK_STARTED')])
    const count = (await listed(server)).length
    await all.has(count)
    const last = all.sequences.at(-1)!
    const later = await open(`start_seq=${last + 3}`)
    const events = Array.from({ length: 4 }, () => sentWorkflowEvent('CUSTOM_TASK_STARTED'))
    for (const event of events) await send(server, [event])
    await all.has(count + 4)
    await later.has(2)
    assert.deepEqual(later.sequences, [last + 3, last + 4])
    all.close()
    later.close()
  })

  it('shows what its filters select, of the past and of what comes', async () => {
    const pick = <T>(list: readonly T[], number: number) => list[number % list.length]!
    const make = (from: number) =>
      Array.from({ length: 85 }, (_, place) => {
        const number = from + place
        const type = pick(workflowEventTypes, number)
        return sentWorkflowEvent(type, {
          workflow_name: pick(['filter-a', 'filter-b'], number),
          workflow_exec_id: pick(['filter-1', 'filter-2', 'filter-3'], number),
          root_workflow_exec_id: pick(['filter-1', 'filter-2'], number),
          parent_workflow_exec_id: pick([null, 'filter-1'], number),
          metadata: { tenant: pick(['x', 'y'], number), size: number % 3 },
          attributes: type.startsWith('ACTIVITY')
            ? { activity_name: pick(['say', 'do'], number), task_id: pick(['1', '2', '3'], number) }
            : type.startsWith('CUSTOM')
              ? { custom_task_type: pick(['token', 'progress'], number), custom_task_id: '1' }
              : {},
        })
      })
    const [past, future] = [make(0), make(1_000)]
    const isActivity = ({ event_type }: SentWorkflowEvent) => event_type.startsWith('ACTIVITY')
    const attributes = (event: SentWorkflowEvent) => event.attributes as Record<string, string>
    const mine = (event: SentWorkflowEvent) => event.workflow_exec_id.startsWith('filter-')
    const filters: Record<string, (event: SentWorkflowEvent) => boolean> = {
      'scope=activity': isActivity,
      'scope=workflow': (event) => !isActivity(event),
      'scope=*&activity_name=*': () => true,
      'activity_name=do': (event) => attributes(event).activity_name === 'do',
      'activity_id=2': (event) => isActivity(event) && attributes(event).task_id === '2',
      'workflow_name=filter-b': (event) => event.workflow_name === 'filter-b',
      'workflow_exec_id=filter-3': (event) => event.workflow_exec_id === 'filter-3',
      'root_workflow_exec_id=filter-2': (event) => event.root_workflow_exec_id === 'filter-2',
      'parent_workflow_exec_id=filter-1': (event) => event.parent_workflow_exec_id === 'filter-1',
      'stream=progress': (event) => attributes(event).custom_task_type === 'progress',
      'stream=activity': isActivity,
      'workflow_event_types=CUSTOM_TASK_STARTED&workflow_event_types=ACTIVITY_TASK_FAILED': ({
        event_type,
      }) => event_type === 'CUSTOM_TASK_STARTED' || event_type === 'ACTIVITY_TASK_FAILED',
      [`metadata_filters=${encodeURIComponent('{"tenant":"x","size":2}')}`]: ({ metadata }) =>
        JSON.stringify(metadata) === '{"tenant":"x","size":2}',
      'tenant=y&size=1': ({ metadata }) => JSON.stringify(metadata) === '{"tenant":"y","size":1}',
      'scope=activity&workflow_name=filter-a&activity_name=say&workflow_exec_id=filter-1&tenant=x': (event) =>
        isActivity(event) &&
        event.workflow_name === 'filter-a' &&
        attributes(event).activity_name === 'say' &&
        event.workflow_exec_id === 'filter-1' &&
        (event.metadata as Record<string, unknown>).tenant === 'x',
      'workflow_name=nobody': () => false,
      'nothing=has-this': () => false,
    }
    await send(server, past)
    const readers = await Promise.all(
      Object.entries(filters).map(async ([query, isWanted]) => ({
        query,
        isWanted,
        reader: await open(query),
      })),
    )
    await send(server, future, second.url)
    for (const { query, isWanted, reader } of readers) {
      const wanted = [...past, ...future].filter(isWanted).map(({ event_id }) => event_id)
      const got = () =>
        reader.frames.filter(({ data }) => mine(data.data)).map(({ data }) => data.data.event_id)
      await eventually(() => got().length >= wanted.length).catch(() => {})
      assert.deepEqual(got(), wanted, query)
    }
    // What the readers did not want has gone past them by now, too.
    const marker = sentWorkflowEvent('CUSTOM_TASK_CANCELED')
    await send(server, [marker])
    const [all] = readers.filter(({ query }) => query === 'scope=*&activity_name=*')
    await eventually(() => idsOf(all!.reader).includes(marker.event_id))
    for (const { reader } of readers) reader.close()
  })

  it('is refused for questions that make no sense', async () => {
    for (const [query, headers] of [
      ['scope=galaxy', {}],
      ['start_seq=-1', {}],
      ['workflow_event_types=NOTHING', {}],
      ['metadata_filters=%5B1%5D', {}],
      ['metadata_filters=%7B', {}],
      ['stream=%00', {}],
      ['', { 'last-event-id': 'yesterday' }],
    ] as const) {
      const { status, body } = await server.call('GET', `${STREAM}?${query}`, { headers })
      assert.equal(status, 422, query)
      assert.ok(Array.isArray(body.detail), JSON.stringify(body))
    }
  })

  it('begins at the oldest event that is left when older ones are gone', async () => {
    const kept = await startTestServer({ retentionDays: '10' })
    const client = new pg.Client({ connectionString: kept.databaseUrl })
    await client.connect()
    try {
      const events = Array.from({ length: 6 }, () => sentWorkflowEvent('CUSTOM_TASK_STARTED'))
      await send(kept, events)
      await client.query(
        `update workflow_events set recorded_at = now() - interval '11 days' where sequence <= 4`,
      )
      await client.query("select graphile_worker.add_job('delete-old-workflow-events')")
      await eventually(async () => (await listed(kept)).length === 2)
      const reader = await StreamReader.open(`${kept.url}${STREAM}?start_seq=2`, kept)
      await reader.has(2)
      assert.deepEqual(reader.sequences, [5, 6])
      await send(kept, events.slice(0, 1))
      await reader.has(3)
      assert.deepEqual(reader.sequences, [5, 6, 7], 'a sequence is never used again')
      reader.close()
    } finally {
      await client.end()
      await kept.close()
    }
  })
})
