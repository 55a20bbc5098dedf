import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { logExport, workerAttributes } from '@tramontane/testkit/log-export'
import { registerWorkflows, workflowSpec } from '@tramontane/testkit/registered-workflows'
import { startSecondServer } from '@tramontane/testkit/second-server'
import { StreamReader } from '@tramontane/testkit/stream-reader'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const START = Date.UTC(2026, 0, 1)

describe('a stream of logs', () => {
  let server: TestServer
  let last = 0

  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  const deploy = async () => {
    const name = `deployment-${++last}`
    await registerWorkflows(server, [workflowSpec('a-workflow')], { deployment: name })
    let sent = 0
    const log = async (bodies: readonly string[], of: Parameters<typeof workerAttributes>[0] = {}) => {
      const attributes = workerAttributes({ deployment: name, ...of })
      const body = logExport(bodies.map((text) => ({ body: text, at: START + ++sent, attributes })))
      const answer = await server.call('POST', '/telemetry/v1/logs', { body })
      assert.deepEqual([answer.status, answer.body], [200, {}])
    }
    const open = (query = '', headers: Record<string, string> = {}, url = server.url) =>
      StreamReader.open(`${url}/v1/workflows/deployments/${name}/logs/stream?${query}`, {
        key: server.key,
        headers,
      })
    return { name, log, open }
  }
  const bodiesOf = (reader: StreamReader) => reader.frames.map(({ data }) => data.body)

  it('has what there is, then what comes, each as the list has it', async () => {
    const { name, log, open } = await deploy()
    await log(['one', 'two'])
    const reader = await open()
    assert.equal(reader.status, 200)
    assert.match(reader.headers['content-type']!, /event-stream/)
    await reader.has(2)
    await log(['three'])
    const frames = await reader.has(3)
    assert.deepEqual(new Set(frames.map(({ event }) => event)), new Set(['log']))
    const list = await server.call('GET', `/v1/workflows/deployments/${name}/logs`)
    assert.deepEqual(
      frames.map(({ data }) => data),
      list.body.results,
    )
    reader.close()
  })

  it('goes on where it broke off; the header counts before the query, and both before the instant', async () => {
    const { log, open } = await deploy()
    await log(['one', 'two', 'three'])
    const reader = await open()
    const [first, second] = await reader.has(3)
    reader.close()
    const header = await open(`last_event_id=${first!.id}&after=2030-01-01T00:00:00Z`, {
      'last-event-id': second!.id!,
    })
    const query = await open(`last_event_id=${first!.id}&after=2030-01-01T00:00:00Z`)
    await header.has(1)
    await query.has(2)
    await log(['four'])
    await header.has(2)
    await query.has(3)
    assert.deepEqual(bodiesOf(header), ['three', 'four'])
    assert.deepEqual(bodiesOf(query), ['two', 'three', 'four'])
    header.close()
    query.close()
  })

  it('begins at an instant, and holds to what was asked for', async () => {
    const { log, open } = await deploy()
    await log(['old'], { worker: 'one' })
    await log(['new', 'newer'], { worker: 'one' })
    await log(['other'], { worker: 'two' })
    const after = await open('after=2026-01-01T00:00:00.002Z')
    const filtered = await open('worker_name=two')
    const future = await open('after=2026-06-01T00:00:00Z')
    await after.has(3)
    await filtered.has(1)
    await log(['last'], { worker: 'two' })
    await after.has(4)
    await filtered.has(2)
    assert.deepEqual(bodiesOf(after), ['new', 'newer', 'other', 'last'])
    assert.deepEqual(bodiesOf(filtered), ['other', 'last'])
    assert.deepEqual(bodiesOf(future), [])
    for (const reader of [after, filtered, future]) reader.close()
  })

  it('misses and doubles nothing while many write at once, on two servers, and a reader resumes all the time', async () => {
    const { name, log, open } = await deploy()
    const second = await startSecondServer(server)
    try {
      const whole = await open('', {}, second.url)
      const seen: string[] = []
      let id = ''
      const done = Promise.all(
        Array.from({ length: 8 }, async (_, writer) => {
          for (let batch = 0; batch < 10; batch++)
            await log(Array.from({ length: 7 }, (__, line) => `${writer}/${batch}/${line}`))
        }),
      )
      while (seen.length < 560) {
        const reader = await open(id === '' ? '' : `last_event_id=${id}`)
        await eventually(() => reader.frames.length > 0)
        reader.close()
        const frames = [...reader.frames]
        seen.push(...frames.map(({ data }) => data.body))
        id = frames.at(-1)!.id!
      }
      await done
      await whole.has(560)
      assert.equal(new Set(seen).size, 560)
      assert.deepEqual(bodiesOf(whole), seen)
      const ids = whole.frames.map((frame) => Number(frame.id))
      assert.deepEqual(
        ids,
        ids.toSorted((a, b) => a - b),
      )
      whole.close()
      const page = await server.call('GET', `/v1/workflows/deployments/${name}/logs?limit=100`)
      assert.equal(page.body.results.length, 100)
    } finally {
      await second.close()
    }
  })

  it('ends when the server stops, and says how to go on', async () => {
    const { log, open } = await deploy()
    await log(['one'])
    const reader = await open()
    await reader.has(1)
    const started = performance.now()
    await server.restart()
    // Requests that do not end are given 30 s.
    assert.ok(performance.now() - started < 20_000)
    await reader.ends()
    assert.equal(reader.error?.code, 'SERVICE_UNAVAILABLE')
    const again = await open(`last_event_id=${reader.frames[0]!.id}`)
    await log(['two'])
    await again.has(1)
    assert.deepEqual(bodiesOf(again), ['two'])
    again.close()
  })
})
