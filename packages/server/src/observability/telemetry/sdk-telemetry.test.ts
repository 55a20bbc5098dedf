import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { Mistral } from 'mistralai-2.6.4'
import { configureTelemetry, shutdownTelemetry } from 'mistralai-2.6.4/extra/observability'
import pg from 'pg'

interface EventRow {
  source: string
  status: string
  model_name: string
  response_id: string | null
}

/** `configureTelemetry(client)` of the official client, with the client's calls going through the gateway too. */
describe('the official client exports its telemetry here', () => {
  let provider: ScriptedProvider
  let server: TestServer
  let database: pg.Client

  before(async () => {
    provider = await startScriptedProvider()
    server = await startTestServer({ providerUrl: provider.url })
    database = new pg.Client(server.databaseUrl)
    await database.connect()
  })
  after(async () => {
    await database.end()
    await server.close()
    await provider.close()
  })

  /** Makes calls with a client whose telemetry is on, and waits until all of it was taken. */
  const traced = async (
    calls: (client: Mistral) => Promise<unknown>,
    { serverURL = server.url, apiKey = server.key } = {},
  ) => {
    const client = new Mistral({ apiKey, serverURL, retryConfig: { strategy: 'none' } })
    assert.equal(await configureTelemetry(client), true)
    try {
      return await calls(client)
    } finally {
      await shutdownTelemetry(client)
    }
  }
  const eventsOf = async (model: string): Promise<EventRow[]> =>
    (await database.query('select * from events where model_name = $1', [model])).rows
  const spansOf = async (model: string): Promise<number> =>
    (
      await database.query(
        `select count(*)::int as count from spans where attributes->>'gen_ai.request.model' = $1`,
        [model],
      )
    ).rows[0].count
  /** One span, and one event of it, the gateway's; on a busy machine that one may come later, through the spool. */
  const isOneCall = (model: string, status: string) =>
    eventually(async () => {
      assert.equal(await spansOf(model), 1, `${model}: the span is stored`)
      assert.deepEqual(
        (await eventsOf(model)).map(({ source, status }) => ({ source, status })),
        [{ source: 'gateway', status }],
        model,
      )
      return true
    })

  it('makes one event of a call and its span, streaming or not', async () => {
    const messages = [{ role: 'user' as const, content: 'Write to jo@example.com' }]
    await traced(async (client) => {
      await client.chat.complete({ model: 'plain', messages })
      for await (const _ of await client.chat.stream({ model: 'streamed', messages }));
    })
    for (const model of ['plain', 'streamed']) await isOneCall(model, 'ok')
  })

  it('makes one event of a call that fails, which has no id to be joined by', async () => {
    provider.script(() => ({
      status: 422,
      body: { object: 'error', message: 'no', type: 'invalid', code: '1' },
    }))
    for (const [model, serverURL] of [
      ['fails by address', server.url],
      ['fails by name', server.url.replace('127.0.0.1', 'localhost')],
    ] as const) {
      await assert.rejects(
        traced((client) => client.chat.complete({ model, messages: [{ role: 'user', content: 'x' }] }), {
          serverURL,
        }),
      )
      await isOneCall(model, 'error')
    }
    provider.script(() => 'This answer is scripted.')
  })

  it('makes an event of a call that went elsewhere', async () => {
    // As for those who keep their provider, and set the client's variable for the address of telemetry.
    process.env.MISTRAL_OTLP_TRACES_ENDPOINT = `${server.url}/telemetry/v1/traces`
    try {
      await traced(
        (client) =>
          client.chat.complete({
            model: 'elsewhere',
            messages: [{ role: 'user', content: 'Write to jo@example.com' }],
          }),
        { serverURL: provider.url.replace(/\/v1$/, '') },
      )
    } finally {
      delete process.env.MISTRAL_OTLP_TRACES_ENDPOINT
    }
    const [event, ...others] = await eventsOf('elsewhere')
    assert.equal(others.length, 0)
    assert.equal(event!.source, 'telemetry')
    assert.match(event!.response_id!, /^scripted-/)
    const found = await database.query(
      `select request_messages, response_messages from event_payloads join events using (workspace_id, event_id) where model_name = 'elsewhere'`,
    )
    // The client hides addresses before they leave it.
    assert.deepEqual(found.rows[0].request_messages, [{ role: 'user', content: 'Write to [REDACTED]' }])
    assert.deepEqual(found.rows[0].response_messages, [
      { role: 'assistant', content: 'This answer is scripted.' },
    ])
  })
})
