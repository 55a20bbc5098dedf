import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { workflowSpec } from '@tramontane/testkit/registered-workflows'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const HOUR_MS = 3_600_000

describe('the overview', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ providerUrl: 'http://127.0.0.1:9/v1', retentionDays: '30' })
  })
  after(() => server.close())

  const overview = async (key?: string) =>
    (await server.call('GET', '/v1/overview', key === undefined ? {} : { key })).body
  /** Counts are remembered for a moment; a workspace that nobody has looked at has none. */
  const fresh = (name: string) => server.makeKey('admin', name)
  const event = (hoursAgo: number, more: object = {}) => ({
    model_name: 'a-model',
    timestamp: new Date(Date.now() - hoursAgo * HOUR_MS).toISOString(),
    request_messages: [{ role: 'user', content: 'hello' }],
    response_messages: [{ role: 'assistant', content: 'hi' }],
    input_tokens: 10,
    output_tokens: 3,
    ...more,
  })

  it('tells what is configured, and that nothing has been seen', async () => {
    const { body, status } = await server.call('GET', '/v1/overview')
    assert.equal(status, 200)
    assert.deepEqual(body.providers, [{ name: 'default', models: '*' }])
    assert.equal(body.public_url, server.url)
    assert.equal(body.is_public_url_set, false)
    assert.equal(body.retention_days, 30)
    assert.equal(body.workflows.engine, 'none')
    assert.match(body.workflows.unavailable, /switched off/)
    assert.equal(body.last_event_at, null)
    assert.equal(body.last_worker_at, null)
    assert.equal(body.last_day.nb_events, 0)
    assert.equal(body.last_day.hours.length, 24)
    assert.deepEqual(body.campaigns, { nb_running: 0, running: [] })
    assert.deepEqual(body.executions, { nb_running: 0, nb_started: 0, nb_failed: 0 })
  })

  it('counts the last day and its hours, and nothing older or of another workspace', async () => {
    const [key, other] = await Promise.all([fresh('counting'), fresh('beside it')])
    const send = (events: object[], as: string) =>
      server.call('POST', '/v1/observability/chat-completion-events', { key: as, body: { events } })
    const sent = await send(
      [event(0.5), event(0.6, { status: 'error', error: 'broken' }), event(5.5), event(25)],
      key,
    )
    assert.equal(sent.status, 201, JSON.stringify(sent.body))
    await send([event(1)], other)
    const { last_day: day, last_event_at: newest } = await overview(key)
    assert.equal(day.nb_events, 3)
    assert.equal(day.nb_errors, 1)
    assert.equal(day.input_tokens, 30)
    assert.equal(day.output_tokens, 9)
    assert.equal(day.hours.at(-1).nb_events, 2)
    assert.equal(day.hours.at(-1).nb_errors, 1)
    assert.equal(day.hours.at(-6).nb_events, 1)
    assert.ok(Math.abs(Date.parse(newest) - (Date.now() - 0.5 * HOUR_MS)) < 60_000)
  })

  it('notices the first worker', async () => {
    const key = await fresh('with a worker')
    assert.equal((await overview(key)).nb_workers, 0)
    await server.call('POST', '/v1/workflows/register', {
      key,
      body: {
        definitions: [workflowSpec('a-workflow')],
        deployment_name: 'a-deployment',
        worker_name: 'a-worker',
      },
    })
    const { nb_workers: count, last_worker_at: seen } = await overview(key)
    assert.equal(count, 1)
    assert.ok(Math.abs(Date.parse(seen) - Date.now()) < 60_000)
  })
})
