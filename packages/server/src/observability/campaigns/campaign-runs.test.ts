import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { decideConfig } from '@tramontane/server/config/config'
import { startServer } from '@tramontane/server/server'
import {
  ended,
  GOOD,
  importQuestions,
  makeJudge,
  progressOf,
  questionOf,
  startCampaign,
} from '@tramontane/testkit/campaign-scenario'
import { eventually } from '@tramontane/testkit/eventually'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { pino } from 'pino'

const campaigns = '/v1/observability/campaigns'

function refusal(status: number, message: string, headers: Record<string, string> = {}) {
  return { status, body: { error: { message } }, headers }
}

/** Holds calls back until it is opened. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

describe('a run of a campaign', () => {
  let provider: ScriptedProvider
  let server: TestServer
  before(async () => {
    provider = await startScriptedProvider()
    server = await startTestServer({ providerUrl: provider.url, providerApiKey: 'the-first-server' })
  })
  after(async () => {
    await server.close()
    await provider.close()
  })
  beforeEach(() => {
    provider.script(() => GOOD)
    provider.requests.length = 0
  })

  /** How often each question was asked. */
  function asked(): Map<number, number> {
    const counts = new Map<number, number>()
    for (const request of provider.requests)
      counts.set(questionOf(request), (counts.get(questionOf(request)) ?? 0) + 1)
    return counts
  }

  it('records why an event could not be judged, and goes on with the others', async () => {
    const ids = await importQuestions(server, 'reasons', 12, (n) => {
      if (n === 1) return { response_messages: [], status: 'error', error: 'it failed' }
      return n === 2 ? { metadata: { run: 'reasons', broken: 'yes' } } : {}
    })
    provider.script((request) => {
      if (questionOf(request) === 3) return refusal(400, 'the context is too long')
      return questionOf(request) === 4 || questionOf(request) === 5 ? '{"answer": "great"}' : GOOD
    })
    const instructions = '{% if properties.broken %}{{ raise_exception("no such luck") }}{% endif %}Judge.'
    const campaign = await startCampaign(server, 'reasons', await makeJudge(server, { instructions }))
    const progress = await ended(server, campaign)
    assert.equal(progress.status, 'COMPLETED')
    assert.deepEqual([progress.judged, progress.failed, progress.pending], [7, 5, 0])
    const reasons: { reason: string; count: number; event_ids: string[] }[] = progress.errors
    assert.equal(reasons[0]!.count, 2)
    assert.match(reasons[0]!.reason, /"great"/)
    assert.deepEqual(reasons[0]!.event_ids, [ids[5], ids[4]])
    for (const words of [/has no answer/, /no such luck/, /context is too long/])
      assert.ok(
        reasons.some(({ reason }) => words.test(reason)),
        String(words),
      )
    assert.equal(asked().get(3), 1)
    assert.equal(asked().get(4), 3)
    const events = (await server.call('GET', `${campaigns}/${campaign}/selected-events`)).body
      .completion_events.results
    const annotated = events.filter((event: { extra_fields: object }) =>
      Object.entries(event.extra_fields).some(
        ([name, value]) => name.startsWith('__judge_') && value === 'good',
      ),
    )
    assert.equal(annotated.length, 7)
  })

  it('tries again what may pass', async () => {
    await importQuestions(server, 'passing', 9)
    provider.script((request) => {
      const question = questionOf(request)
      if (asked().get(question)! > 1) return GOOD
      if (question === 0) return refusal(500, 'out of order')
      if (question === 1) return refusal(429, 'slow down', { 'retry-after': '1' })
      if (question === 2) return refusal(408, 'too slow')
      return question === 3 ? (reply) => reply.raw.destroy() : GOOD
    })
    const campaign = await startCampaign(server, 'passing', await makeJudge(server))
    const progress = await ended(server, campaign)
    assert.deepEqual([progress.status, progress.judged], ['COMPLETED', 9])
    assert.equal(provider.requests.length, 13)
  })

  it('fails with the reason when the judge cannot work', async () => {
    await importQuestions(server, 'hopeless', 200)
    const broken = { instructions: '{{ raise_exception("always") }}' }
    for (const [answer, changes, reason] of [
      [refusal(401, 'wrong key'), {}, /wrong key/],
      [refusal(403, 'not yours'), {}, /not yours/],
      [refusal(404, 'no such model'), {}, /no such model/],
      [GOOD, broken, /always/],
    ] as const) {
      provider.requests.length = 0
      provider.script(() => answer)
      const campaign = await startCampaign(server, 'hopeless', await makeJudge(server, changes))
      const progress = await ended(server, campaign)
      assert.equal(progress.status, 'FAILED', String(reason))
      assert.match(progress.reason, reason)
      assert.ok(provider.requests.length < 100)
      assert.equal(progress.judged, 0)
    }
  })

  it('fails when not one event could be judged, and can be resumed', async () => {
    await importQuestions(server, 'none', 3)
    provider.script(() => refusal(400, 'never'))
    const campaign = await startCampaign(server, 'none', await makeJudge(server))
    const progress = await ended(server, campaign)
    assert.deepEqual([progress.status, progress.failed], ['FAILED', 3])
    assert.match(progress.reason, /Every event failed.*never/)
    provider.script(() => GOOD)
    const resumed = await server.call('POST', `${campaigns}/${campaign}/resume`)
    assert.deepEqual([resumed.body.status, resumed.body.pending, resumed.body.reason], ['RUNNING', 3, null])
    assert.deepEqual((await ended(server, campaign)).judged, 3)
    const again = await server.call('POST', `${campaigns}/${campaign}/resume`)
    assert.equal(again.body.status, 'COMPLETED')
  })

  it('keeps the judge that it began with', async () => {
    await importQuestions(server, 'kept', 150)
    const { opened, open } = gate()
    provider.script(async () => {
      await opened
      return GOOD
    })
    const [updated, deleted] = [
      await makeJudge(server, { instructions: 'The old words.' }),
      await makeJudge(server, { instructions: 'The old words.' }),
    ]
    const running = [
      await startCampaign(server, 'kept', updated),
      await startCampaign(server, 'kept', deleted),
    ]
    await eventually(() => provider.requests.length > 10)
    const current = (await server.call('GET', `/v1/observability/judges/${updated}`)).body
    await server.call('PUT', `/v1/observability/judges/${updated}`, {
      body: { ...current, instructions: 'The new words.' },
    })
    await server.call('DELETE', `/v1/observability/judges/${deleted}`)
    open()
    for (const campaign of running) {
      assert.equal((await ended(server, campaign)).judged, 150)
      assert.equal(
        (await server.call('GET', `${campaigns}/${campaign}`)).body.judge.instructions,
        'The old words.',
      )
    }
    assert.ok(provider.requests.every(({ body }) => JSON.stringify(body).includes('The old words.')))
  })

  it('stops at once when it is cancelled, and goes on when it is resumed', async () => {
    await importQuestions(server, 'cancelled', 120)
    // Of these nothing is answered: a call ends when the run breaks it off.
    let underWay = 0
    provider.script((request) => {
      if (questionOf(request) >= 100) return GOOD
      return (reply) => {
        reply.hijack()
        underWay++
        reply.raw.once('close', () => underWay--)
      }
    })
    const campaign = await startCampaign(server, 'cancelled', await makeJudge(server))
    await eventually(async () => underWay > 0 && (await progressOf(server, campaign)).judged === 20)
    const cancelled = await server.call('POST', `${campaigns}/${campaign}/cancel`)
    assert.equal(cancelled.body.status, 'CANCELED')
    await eventually(() => underWay === 0)
    const calls = provider.requests.length
    await delay(300)
    assert.equal(provider.requests.length, calls)
    const stopped = await progressOf(server, campaign)
    assert.deepEqual([stopped.status, stopped.judged, stopped.pending], ['CANCELED', 20, 100])
    assert.equal((await server.call('POST', `${campaigns}/${campaign}/cancel`)).body.status, 'CANCELED')
    provider.script(() => GOOD)
    await server.call('POST', `${campaigns}/${campaign}/resume`)
    const progress = await ended(server, campaign)
    assert.deepEqual([progress.status, progress.judged], ['COMPLETED', 120])
    for (let question = 100; question < 120; question++) assert.equal(asked().get(question), 1)
  })

  it('is stopped while its templates still take their time', async () => {
    await importQuestions(server, 'endless', 50)
    const instructions = '{% for i in range(30000) %}{% for j in range(30000) %}{% endfor %}{% endfor %}'
    const campaign = await startCampaign(server, 'endless', await makeJudge(server, { instructions }))
    await eventually(async () => (await progressOf(server, campaign)).started_at)
    const started = performance.now()
    await server.restart()
    assert.ok(performance.now() - started < 20_000)
    assert.equal((await server.call('POST', `${campaigns}/${campaign}/cancel`)).body.status, 'CANCELED')
    assert.equal(provider.requests.length, 0)
  })

  it('stops when its campaign is deleted', async () => {
    await importQuestions(server, 'deleted', 100)
    // Nothing is answered: a call ends when the run breaks it off.
    let underWay = 0
    provider.script(() => (reply) => {
      reply.hijack()
      underWay++
      reply.raw.once('close', () => underWay--)
    })
    const campaign = await startCampaign(server, 'deleted', await makeJudge(server))
    await eventually(() => underWay > 0)
    assert.equal((await server.call('DELETE', `${campaigns}/${campaign}`)).status, 204)
    await eventually(() => underWay === 0)
    await delay(300)
    assert.equal(underWay, 0)
    assert.ok(provider.requests.length < 100)
  })

  it('goes on after a restart, and judges nothing twice but the calls under way', async () => {
    await importQuestions(server, 'restarted', 400)
    provider.script(async () => {
      await delay(20)
      return GOOD
    })
    const campaign = await startCampaign(server, 'restarted', await makeJudge(server))
    await eventually(async () => (await progressOf(server, campaign)).judged > 100)
    await server.restart()
    const progress = await ended(server, campaign)
    assert.deepEqual([progress.status, progress.judged, progress.failed], ['COMPLETED', 400, 0])
    assert.equal(asked().size, 400)
    assert.ok(provider.requests.length <= 400 + 32, `${provider.requests.length} calls`)
  })

  it('survives an outage of the provider without losing an event to it, and says meanwhile what it waits for', async () => {
    await importQuestions(server, 'outage', 300)
    const outage = { began: false, over: false }
    provider.script(async () => {
      await delay(10)
      outage.began ||= provider.requests.length > 100
      return outage.began && !outage.over ? refusal(503, 'the provider is down') : GOOD
    })
    const campaign = await startCampaign(server, 'outage', await makeJudge(server))
    const waiting = await eventually(async () => {
      const progress = await progressOf(server, campaign)
      return progress.reason && progress
    })
    assert.equal(waiting.status, 'RUNNING')
    assert.match(waiting.reason, /the provider is down/)
    outage.over = true
    const progress = await ended(server, campaign)
    assert.deepEqual([progress.status, progress.judged, progress.failed], ['COMPLETED', 300, 0])
    assert.equal(progress.reason, null)
    assert.ok(provider.requests.length < 300 + 100, `${provider.requests.length} calls`)
  })

  it('says which setting is missing without a provider', async () => {
    const bare = await startTestServer()
    try {
      await importQuestions(bare, 'bare', 2)
      const campaign = await startCampaign(bare, 'bare', await makeJudge(bare))
      const progress = await ended(bare, campaign)
      assert.equal(progress.status, 'FAILED')
      assert.match(progress.reason, /TRAMONTANE_PROVIDER_URL/)
    } finally {
      await bare.close()
    }
  })

  it('is shared out among the servers of a database', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'tramontane-second-'))
    const env = {
      port: '0',
      dataDir,
      databaseUrl: server.databaseUrl,
      providerUrl: provider.url,
      providerApiKey: 'the-second-server',
    }
    const second = await startServer(decideConfig(env), pino({ level: 'silent' }))
    try {
      await importQuestions(server, 'shared', 40)
      provider.script(async () => {
        await delay(30)
        return GOOD
      })
      const judge = await makeJudge(server)
      const running: string[] = []
      for (let n = 0; n < 12; n++) running.push(await startCampaign(server, 'shared', judge))
      for (const campaign of running) assert.equal((await ended(server, campaign)).judged, 40)
      const keys = new Set(provider.requests.map(({ headers }) => headers.authorization))
      assert.deepEqual(keys, new Set(['Bearer the-first-server', 'Bearer the-second-server']))
      assert.equal(provider.requests.length, 12 * 40)
    } finally {
      await second.close()
      await rm(dataDir, { recursive: true, force: true })
    }
  })
})
