import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  ended,
  GOOD,
  importQuestions,
  makeJudge,
  ofRun,
  questionOf,
  startCampaign,
} from '@tramontane/testkit/campaign-scenario'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { Mistral } from 'mistralai-2.6.4'

const path = '/v1/observability/campaigns'

describe('campaigns', () => {
  let provider: ScriptedProvider
  let server: TestServer
  before(async () => {
    provider = await startScriptedProvider((request) =>
      questionOf(request) % 3 === 0 ? JSON.stringify({ analysis: 'It is wrong.', answer: 'bad' }) : GOOD,
    )
    server = await startTestServer({ providerUrl: provider.url })
  })
  after(async () => {
    await server.close()
    await provider.close()
  })

  it('judge events in the background, and what they say can be filtered on, through the official client', async () => {
    const ids = await importQuestions(server, 'whole life', 30)
    const judgeId = await makeJudge(server)
    const { campaigns, chatCompletionEvents } = new Mistral({ apiKey: server.key, serverURL: server.url })
      .beta.observability
    const made = await campaigns.create({
      name: 'The whole life',
      description: 'of a campaign',
      judgeId,
      searchParams: { filters: { field: 'metadata.run', op: 'eq', value: 'whole life' } },
      maxNbEvents: 100,
    })
    assert.equal(made.maxNbEvents, 100)
    assert.equal(made.judge.id, judgeId)
    assert.equal(made.deletedAt, null)
    const progress = await ended(server, made.id)
    assert.deepEqual(
      { ...progress, started_at: 0, finished_at: 0, input_tokens: 0, output_tokens: 0 },
      {
        status: 'COMPLETED',
        reason: null,
        total: 30,
        judged: 30,
        failed: 0,
        pending: 0,
        errors: [],
        started_at: 0,
        finished_at: 0,
        input_tokens: 0,
        output_tokens: 0,
      },
    )
    assert.ok(progress.input_tokens > 30 && progress.output_tokens > 30)
    assert.ok(Date.parse(progress.finished_at) >= Date.parse(progress.started_at))
    assert.equal((await campaigns.fetchStatus({ campaignId: made.id })).status, 'COMPLETED')
    assert.equal(provider.requests.length, 30)

    const field = `__judge_${judgeId.replaceAll('-', '')}`
    const selected = await campaigns.listEvents({ campaignId: made.id, pageSize: 20 })
    assert.equal(selected.completionEvents.count, 30)
    assert.deepEqual(
      selected.completionEvents.results?.map(({ eventId }) => eventId),
      ids.toReversed().slice(0, 20),
    )
    assert.equal(selected.completionEvents.results?.[0]?.extraFields[field], 'good')
    assert.equal(selected.completionEvents.results?.[2]?.extraFields[field], 'bad')
    assert.ok(selected.completionEvents.next?.startsWith(server.url))
    const search = () =>
      chatCompletionEvents.searchIds({ searchParams: { filters: { field, op: 'eq', value: 'bad' } } })
    assert.equal((await search()).completionEventIds.length, 10)

    const listed = await campaigns.list({ q: 'whole LIFE' })
    assert.deepEqual(
      listed.campaigns.results?.map(({ id }) => id),
      [made.id],
    )
    const fetched = await campaigns.fetch({ campaignId: made.id })
    assert.deepEqual({ ...fetched, updatedAt: 0 }, { ...made, updatedAt: 0 })
    await campaigns.delete({ campaignId: made.id })
    await assert.rejects(campaigns.fetch({ campaignId: made.id }), { statusCode: 404 })
    assert.equal((await campaigns.list({ q: 'whole life' })).campaigns.count, 0)
    assert.equal((await search()).completionEventIds.length, 10)
  })

  it('take the newest events up to the number that was asked for, and no event that comes later', async () => {
    const ids = await importQuestions(server, 'newest', 10)
    const campaign = await startCampaign(server, 'newest', await makeJudge(server), { max_nb_events: '4' })
    await importQuestions(server, 'newest', 12)
    assert.equal((await ended(server, campaign)).total, 4)
    const { completion_events } = (await server.call('GET', `${path}/${campaign}/selected-events`)).body
    assert.deepEqual(
      completion_events.results.map((event: { event_id: string }) => event.event_id),
      ids.slice(-4).reverse(),
    )
    const none = (await server.call('GET', `${path}/${campaign}/selected-events?page_size=0`)).body
      .completion_events
    assert.deepEqual([none.results, none.count], [[], 4])
  })

  it('are not made when something is wrong', async () => {
    const judge_id = await makeJudge(server)
    await importQuestions(server, 'wrong', 1)
    const right = {
      name: 'Something wrong',
      description: '',
      judge_id,
      search_params: ofRun('wrong'),
      max_nb_events: 5,
    }
    for (const [change, status, code] of [
      [{ name: 'four' }, 422, 'VALIDATION_ERROR'],
      [{ name: 'x'.repeat(51) }, 422, 'VALIDATION_ERROR'],
      [{ max_nb_events: 0 }, 422, 'VALIDATION_ERROR'],
      [{ max_nb_events: '10001' }, 422, 'VALIDATION_ERROR'],
      [{ judge_id: 'no-uuid' }, 404, 'JUDGE_NOT_FOUND'],
      [{ judge_id: crypto.randomUUID() }, 404, 'JUDGE_NOT_FOUND'],
      [{ search_params: ofRun('nobody') }, 400, 'CAMPAIGN_NO_MATCHING_EVENTS'],
      [{ search_params: { filters: { field: 'nonsense', op: 'eq', value: 1 } } }, 400, 'FIELDS_NOT_FOUND'],
    ] as const) {
      const refused = await server.call('POST', path, { body: { ...right, ...change } })
      assert.equal(refused.status, status, JSON.stringify(change))
      assert.equal(refused.body.detail.error_code, code)
    }
    assert.equal((await server.call('GET', `${path}?q=something+wrong`)).body.campaigns.count, 0)
  })

  it('belong to their workspace', async () => {
    await importQuestions(server, 'mine', 2)
    const judge = await makeJudge(server)
    const campaign = await startCampaign(server, 'mine', judge)
    await ended(server, campaign)
    const key = await server.makeKey('admin', 'another team')
    for (const [method, target] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/status'],
      ['GET', '/selected-events'],
      ['POST', '/cancel'],
      ['POST', '/resume'],
    ] as const) {
      for (const id of [campaign, 'no-uuid']) {
        const refused = await server.call(method, `${path}/${id}${target}`, { key })
        assert.equal(refused.body.detail.error_code, 'CAMPAIGN_NOT_FOUND', target)
      }
    }
    const body = {
      name: 'With their judge',
      description: '',
      judge_id: judge,
      search_params: { filters: null },
      max_nb_events: 1,
    }
    assert.equal((await server.call('POST', path, { key, body })).body.detail.error_code, 'JUDGE_NOT_FOUND')
  })

  it('keep what an earlier campaign of the same judge said, and show the newest', async () => {
    await importQuestions(server, 'twice', 3)
    const judge = await makeJudge(server)
    const field = `__judge_${judge.replaceAll('-', '')}`
    const first = await startCampaign(server, 'twice', judge)
    await ended(server, first)
    const definition = (await server.call('GET', `/v1/observability/judges/${judge}`)).body
    const output = { min_description: 'bad', max_description: 'good', min: 0, max: 5 }
    await server.call('PUT', `/v1/observability/judges/${judge}`, { body: { ...definition, output } })
    const script = provider.requests.length
    provider.script(() => '{"analysis": "", "answer": 4.5}')
    const second = await startCampaign(server, 'twice', judge)
    assert.equal((await ended(server, second)).judged, 3)
    assert.equal(provider.requests.length, script + 3)
    const { results } = (await server.call('GET', `${path}/${second}/selected-events`)).body.completion_events
    assert.equal(results[0].extra_fields[field], 4.5)
    assert.equal((await server.call('GET', `${path}/${first}`)).body.judge.output.type, 'CLASSIFICATION')
  })
})
