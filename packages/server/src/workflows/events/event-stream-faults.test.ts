import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { streamWorkflowEvents } from '@tramontane/contract/workflow-events'
import { eventually } from '@tramontane/testkit/eventually'
import { sentWorkflowEvent } from '@tramontane/testkit/sample-workflow-events'
import { startSecondServer } from '@tramontane/testkit/second-server'
import { type StallableProxy, startStallableProxy } from '@tramontane/testkit/stallable-proxy'
import { StreamReader } from '@tramontane/testkit/stream-reader'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const STREAM = '/v1/workflows/events/stream'
const BATCH = '/v1/workflows/events/batch'

const idsOf = (reader: StreamReader) =>
  reader.frames.filter(({ event }) => event !== 'error').map(({ data }) => data.data.event_id)

function events(count: number, text = '') {
  return Array.from({ length: count }, () =>
    sentWorkflowEvent('CUSTOM_TASK_COMPLETED', { attributes: { payload: { type: 'json', value: text } } }),
  )
}

describe('a stream of events', () => {
  let server: TestServer

  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  const open = (key = server.key, query = '') => StreamReader.open(`${server.url}${STREAM}?${query}`, { key })
  const send = async (sent: readonly unknown[]) => {
    const { status, body } = await server.call('POST', BATCH, { body: { events: sent } })
    assert.deepEqual([status, body.status], [200, 'success'])
  }

  it('cuts off a reader who is too slow, with everything up to one event, and lets it go on from there', async () => {
    const [slow, quick] = [await open(), await open()]
    slow.pause()
    const sent = events(300, 'x'.repeat(100_000))
    for (let at = 0; at < sent.length; at += 10) await send(sent.slice(at, at + 10))
    await quick.has(300)
    slow.resume()
    await slow.ends()
    assert.equal(slow.error?.code, 'WF_1400')
    assert.equal(slow.error?.reason, 'stream_error')
    assert.match(slow.error?.error, /^WF_1400: .*Last-Event-ID/)
    for (const frame of slow.frames) streamWorkflowEvents.events.parse(frame)
    const ids = sent.map(({ event_id }) => event_id)
    const got = idsOf(slow)
    assert.ok(got.length > 0 && got.length < 300, `${got.length} events came through`)
    assert.deepEqual(got, ids.slice(0, got.length))
    const again = await open(server.key, `last_event_id=${slow.sequences.at(-1)}`)
    await again.has(300 - got.length)
    assert.deepEqual([...got, ...idsOf(again)], ids)
    assert.deepEqual(idsOf(quick), ids)
    again.close()
    quick.close()
  })

  it('does not hurry a reader who has much to catch up with', async () => {
    const reader = await open()
    await reader.has(1)
    reader.pause()
    const late = events(3)
    await send(late)
    reader.resume()
    await reader.has(303)
    assert.deepEqual(
      idsOf(reader).slice(300),
      late.map(({ event_id }) => event_id),
    )
    reader.close()
  })

  it('ends when its key is revoked, on every server', async () => {
    const second = await startSecondServer(server)
    try {
      const { body } = await server.call('POST', '/v1/keys', { body: { name: 'short-lived', role: 'read' } })
      const readers = [
        await open(body.key, 'start_seq=999999999'),
        await StreamReader.open(`${second.url}${STREAM}?start_seq=999999999`, { key: body.key }),
      ]
      const other = await open(server.key, 'start_seq=999999999')
      await server.call('DELETE', `/v1/keys/${body.id}`)
      for (const reader of readers) {
        await reader.ends()
        assert.equal(reader.error?.code, 'AUTH_UNAUTHORIZED')
      }
      assert.ok(!other.isEnded)
      other.close()
    } finally {
      await second.close()
    }
  })

  it('is kept alive by comments, and ends when its reader takes nothing any more', async (test) => {
    // The server is in this process: its clock can be put forward.
    test.mock.timers.enable({ apis: ['setInterval', 'Date'], now: Date.now() })
    const own = await startTestServer()
    try {
      const [reader, asleep] = [
        await StreamReader.open(`${own.url}${STREAM}`, own),
        await StreamReader.open(`${own.url}${STREAM}`, own),
      ]
      await eventually(() => reader.comments === 1)
      test.mock.timers.tick(15_000)
      await eventually(() => reader.comments === 2)
      asleep.pause()
      const sent = events(20, 'x'.repeat(400_000))
      for (let at = 0; at < sent.length; at += 5)
        await own.call('POST', BATCH, { body: { events: sent.slice(at, at + 5) } })
      await reader.has(20)
      for (let passed = 0; passed < 75_000; passed += 15_000) test.mock.timers.tick(15_000)
      asleep.resume()
      await asleep.ends()
      assert.match(asleep.error?.error, /^WF_1400: this reader has taken nothing for 60 seconds/)
      assert.ok(!reader.isEnded)
      reader.close()
    } finally {
      await own.close()
    }
  })

  it('answers a HEAD at once', async () => {
    const answer = await fetch(`${server.url}${STREAM}`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${server.key}` },
    })
    assert.equal(answer.status, 200)
    assert.equal(await answer.text(), '')
  })

  it('is refused to a key that has too many, until one of them ends', async () => {
    const key = await server.makeKey('read')
    const idle = 'start_seq=999999999'
    const readers: StreamReader[] = []
    for (let number = 0; number < 20; number++)
      readers.push(...(await Promise.all(Array.from({ length: 50 }, () => open(key, idle)))))
    assert.ok(readers.every(({ status }) => status === 200))
    const refused = await server.call('GET', `${STREAM}?${idle}`, { key })
    assert.deepEqual([refused.status, refused.body.code], [429, 'TOO_MANY_REQUESTS'])
    assert.ok(refused.headers.get('retry-after'))
    readers.pop()!.close()
    await eventually(async () => {
      const reader = await open(key, idle)
      readers.push(reader)
      return reader.status === 200
    })
    for (const reader of readers) reader.close()
  })

  it('says that the server stops, and holds up nothing', async () => {
    const stopping = await startTestServer()
    const [reader, asleep] = [
      await StreamReader.open(`${stopping.url}${STREAM}`, stopping),
      await StreamReader.open(`${stopping.url}${STREAM}`, stopping),
    ]
    asleep.pause()
    const began = performance.now()
    await stopping.close()
    // Requests that do not end are given 30 s.
    assert.ok(performance.now() - began < 20_000)
    await reader.ends()
    assert.equal(reader.error?.code, 'SERVICE_UNAVAILABLE')
  })
})

describe('events and a database that fails', () => {
  let server: TestServer
  let proxy: StallableProxy

  before(async () => {
    server = await startTestServer(
      {},
      {
        reach: async (url) => {
          proxy = await startStallableProxy(url)
          return proxy.url
        },
      },
    )
  })
  after(async () => {
    await server.close()
    await proxy.close()
  })

  const post = (sent: readonly unknown[]) => server.call('POST', BATCH, { body: { events: sent } })
  const open = () => StreamReader.open(`${server.url}${STREAM}`, server)

  it('waits while the database stalls, and loses nothing', async () => {
    const [first, second] = [events(5), events(5)]
    assert.equal((await post(first)).status, 200)
    const reader = await open()
    await reader.has(5)
    proxy.stall()
    const answer = post(second)
    const isAnswered = await Promise.race([
      answer.then(() => true),
      eventually(() => false, { timeoutMs: 500 }).catch(() => false),
    ])
    assert.equal(isAnswered, false, 'nothing is acknowledged that is not committed')
    proxy.resume()
    assert.equal((await answer).status, 200)
    await reader.has(10)
    assert.deepEqual(
      idsOf(reader),
      [...first, ...second].map(({ event_id }) => event_id),
    )
    reader.close()
  })

  it('says so when the database is away, and goes on when it is back', async () => {
    const reader = await open()
    await reader.has(10)
    proxy.cut()
    const lost = events(3)
    const { status, body, headers } = await post(lost)
    assert.deepEqual([status, body.code], [503, 'DATABASE_UNAVAILABLE'])
    assert.ok(headers.get('retry-after'))
    proxy.resume()
    await eventually(async () => (await post(lost)).status === 200)
    await reader.has(13)
    assert.deepEqual(
      idsOf(reader).slice(10),
      lost.map(({ event_id }) => event_id),
    )
    assert.ok(!reader.isEnded)
    reader.close()
  })
})
