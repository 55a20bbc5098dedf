import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  ended,
  importQuestions,
  makeJudge,
  ofRun,
  progressOf,
  questionOf,
  startCampaign,
} from '@tramontane/testkit/campaign-scenario'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const path = '/v1/observability/campaigns'
const say = (answer: unknown) => JSON.stringify({ analysis: `It is ${answer}.`, answer })
const SCORES = { min: 0, max: 10, min_description: 'bad', max_description: 'good' }

describe('the analysis of campaigns', () => {
  let provider: ScriptedProvider
  let server: TestServer
  before(async () => {
    provider = await startScriptedProvider()
    server = await startTestServer({ providerUrl: provider.url })
  })
  after(async () => {
    await server.close()
    await provider.close()
  })

  const get = async (target: string) => {
    const { status, body } = await server.call('GET', `${path}/${target}`)
    assert.equal(status, 200, JSON.stringify(body))
    return body
  }

  it('estimates what a campaign would judge and cost, and measures by earlier answers', async () => {
    await importQuestions(server, 'estimate', 30, (n) => (n === 0 ? { response_messages: [] } : {}))
    const judge_id = await makeJudge(server)
    provider.script(() => say('good'))
    const body = { judge_id, search_params: ofRun('estimate'), max_nb_events: 20 }
    const estimate = async (changes = {}) => {
      const answer = await server.call('POST', `${path}/estimate`, { body: { ...body, ...changes } })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      return answer.body
    }
    const first = await estimate()
    assert.deepEqual([first.matching, first.matching_more, first.selected], [30, false, 20])
    assert.equal(first.measured_answers, 0)
    assert.ok(first.input_tokens > 20 * 50)
    assert.equal(first.sample.length, 12)
    assert.ok(first.sample.every((one: { problem: unknown }) => one.problem === null))
    const all = await estimate({ max_nb_events: 100 })
    assert.match(all.sample.at(-1).problem, /no answer/)

    const asked = provider.requests.length
    const campaign = await startCampaign(server, 'estimate', judge_id, { max_nb_events: 20 })
    const spent = await ended(server, campaign)
    assert.equal(provider.requests.length, asked + 20, 'an estimate asks no model')
    const second = await estimate()
    assert.equal(second.measured_answers, 20)
    assert.ok(Math.abs(second.input_tokens - spent.input_tokens) < spent.input_tokens * 0.05)
    assert.equal(second.output_tokens, spent.output_tokens)
    assert.equal((await estimate({ search_params: ofRun('nobody') })).selected, 0)
  })

  it('counts answers, by model and by metadata, and lists the events behind each', async () => {
    const ids = await importQuestions(server, 'distribution', 12, (n) => ({
      model_name: n % 2 === 0 ? 'even' : 'odd',
      metadata: { run: 'distribution', ...(n < 3 ? {} : { tier: n < 6 ? 'free' : 'paid' }) },
    }))
    provider.script((request) => say(questionOf(request) < 4 ? 'bad' : 'good'))
    const campaign = await startCampaign(server, 'distribution', await makeJudge(server))
    await ended(server, campaign)
    const plain = await get(`${campaign}/distribution`)
    assert.equal(plain.answered, 12)
    assert.deepEqual(plain.counts, [
      { answer: 'good', count: 8 },
      { answer: 'bad', count: 4 },
    ])
    assert.deepEqual([plain.scores, plain.groups], [null, []])
    assert.deepEqual(plain.metadata_keys, ['run', 'tier'])
    const byModel = await get(`${campaign}/distribution?group_by=model_name`)
    assert.deepEqual(
      byModel.groups.map((group: { value: string; answered: number }) => [group.value, group.answered]),
      [
        ['even', 6],
        ['odd', 6],
      ],
    )
    const byTier = await get(`${campaign}/distribution?group_by=metadata.tier`)
    assert.deepEqual(
      byTier.groups.map((group: { value: string; counts: { count: number }[] }) => [
        group.value,
        ...group.counts.map(({ count }) => count),
      ]),
      [
        ['paid', 6, 0],
        ['free', 2, 1],
        [null, 0, 3],
      ],
    )
    const refused = await server.call('GET', `${path}/${campaign}/distribution?group_by=password`)
    assert.equal(refused.body.detail.error_code, 'FIELDS_BAD_REQUEST')

    const first = await get(`${campaign}/outcomes?label=good&limit=5`)
    assert.deepEqual(
      first.outcomes.map((one: { event_id: string }) => one.event_id),
      ids.toReversed().slice(0, 5),
    )
    assert.equal(first.outcomes[0].analysis, 'It is good.')
    assert.equal(first.outcomes[0].event.extra_fields.model_name, 'odd')
    const rest = await get(`${campaign}/outcomes?label=good&limit=5&after=${first.next}`)
    assert.deepEqual([rest.outcomes.length, rest.next], [3, null])
  })

  it('puts scores into parts of the range', async () => {
    await importQuestions(server, 'scores', 5)
    provider.script((request) => say([0, 2.4, 2.5, 10, 10][questionOf(request)]))
    const campaign = await startCampaign(server, 'scores', await makeJudge(server, { output: SCORES }))
    await ended(server, campaign)
    const { counts, scores } = await get(`${campaign}/distribution`)
    assert.deepEqual(
      counts.filter(({ count }: { count: number }) => count > 0),
      [
        { answer: 0, count: 1 },
        { answer: 2, count: 1 },
        { answer: 2.5, count: 1 },
        { answer: 9.5, count: 2 },
      ],
    )
    assert.deepEqual({ ...scores, mean: 0 }, { min: 0, max: 10, mean: 0, median: 2.5 })
    assert.ok(Math.abs(scores.mean - 4.98) < 1e-9)
    assert.equal((await get(`${campaign}/outcomes?min_score=9.5&max_score=10`)).outcomes.length, 2)
    assert.equal((await get(`${campaign}/outcomes?min_score=2&max_score=2.5`)).outcomes.length, 1)
  })

  it('tries again what failed for one reason, and judges nothing twice', async () => {
    await importQuestions(server, 'retry', 9)
    const refusal = (message: string) => ({ status: 400, body: { error: { message } } })
    provider.script((request) => {
      const question = questionOf(request)
      if (question < 3) return refusal('the first reason')
      return question < 5 ? refusal('the second reason') : say('good')
    })
    const campaign = await startCampaign(server, 'retry', await makeJudge(server))
    assert.equal((await ended(server, campaign)).failed, 5)
    const { failures } = await get(`${campaign}/failures?page_size=1`)
    assert.deepEqual([failures.count, failures.results[0].count], [2, 3])
    assert.ok(failures.next)
    const { reason } = failures.results[0]
    assert.match(reason, /the first reason/)
    const query = new URLSearchParams({ reason })
    assert.equal((await get(`${campaign}/outcomes?${query}`)).outcomes.length, 3)

    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    provider.requests.length = 0
    provider.script(async () => {
      await opened
      return say('bad')
    })
    const retry = (body: object) => server.call('POST', `${path}/${campaign}/retry`, { body })
    const [one, two] = await Promise.all([retry({ reason }), retry({ reason })])
    assert.deepEqual([one.status, two.status].sort(), [200, 409])
    const refused = one.status === 409 ? one : two
    assert.equal(refused.body.detail.error_code, 'CAMPAIGN_RUNNING')
    assert.deepEqual(
      [(await progressOf(server, campaign)).status, (await progressOf(server, campaign)).pending],
      ['RUNNING', 3],
    )
    open()
    const progress = await ended(server, campaign)
    assert.deepEqual([progress.judged, progress.failed], [7, 2])
    assert.deepEqual(provider.requests.map(questionOf).sort(), [0, 1, 2])
    assert.equal((await retry({ reason })).body.detail.error_code, 'CAMPAIGN_NOTHING_TO_RETRY')
    assert.equal((await retry({})).status, 200)
    assert.equal((await ended(server, campaign)).judged, 9)
    assert.equal(provider.requests.length, 5)
  })

  it('compares two campaigns, and lists the events on which they differ', async () => {
    const ids = await importQuestions(server, 'compare', 10)
    provider.script((request) => say(questionOf(request) < 5 ? 'bad' : 'good'))
    const left = await startCampaign(server, 'compare', await makeJudge(server))
    await ended(server, left)
    provider.script((request) => say(questionOf(request) < 7 ? 'bad' : 'good'))
    const right = await startCampaign(server, 'compare', await makeJudge(server), { max_nb_events: 9 })
    await ended(server, right)
    const comparison = await get(`${left}/comparison/${right}`)
    assert.deepEqual(
      [comparison.both, comparison.only_this, comparison.only_other, comparison.agreeing],
      [9, 1, 0, 7],
    )
    assert.ok(Math.abs(comparison.kappa - 0.5714) < 0.001)
    const cells = Object.fromEntries(
      comparison.cells.map((cell: { this: string; other: string; count: number }) => [
        `${cell.this} ${cell.other}`,
        cell.count,
      ]),
    )
    assert.deepEqual(cells, { 'good good': 3, 'good bad': 2, 'bad bad': 4 })
    const first = await get(`${left}/differences/${right}?limit=1`)
    assert.deepEqual([first.differences[0].event_id, first.next], [ids[6], ids[6]])
    assert.deepEqual(
      [first.differences[0].this.answer, first.differences[0].other.analysis],
      ['good', 'It is bad.'],
    )
    const second = await get(`${left}/differences/${right}?limit=1&after=${first.next}`)
    assert.deepEqual([second.differences[0].event_id, second.next], [ids[5], null])
    const cell = await get(`${left}/differences/${right}?this_answer=bad&other_answer=bad`)
    assert.equal(cell.differences.length, 4)

    provider.script((request) => say(questionOf(request)))
    const scores = await startCampaign(server, 'compare', await makeJudge(server, { output: SCORES }))
    await ended(server, scores)
    const itself = await get(`${scores}/comparison/${scores}`)
    assert.deepEqual([itself.agreeing, itself.mean_difference, itself.kappa], [10, 0, null])
    assert.ok(Math.abs(itself.correlation - 1) < 1e-9)
    assert.equal((await get(`${scores}/differences/${scores}`)).differences.length, 0)
    const mixed = await get(`${left}/comparison/${scores}`)
    assert.deepEqual([mixed.both, mixed.agreeing, mixed.correlation], [10, 0, null])
  })

  it('tells where judges are used', async () => {
    await importQuestions(server, 'usage', 3)
    provider.script(() => say('good'))
    const [used, unused] = [await makeJudge(server), await makeJudge(server)]
    await ended(server, await startCampaign(server, 'usage', used))
    const campaign = await startCampaign(server, 'usage', used)
    await ended(server, campaign)
    const usage = async (key?: string) => {
      const query = new URLSearchParams([
        ['judge_id', used],
        ['judge_id', unused],
      ])
      const target = `/v1/observability/judges/usage?${query}`
      return (await server.call('GET', target, key === undefined ? {} : { key })).body.judges
    }
    const [one, two] = await usage()
    assert.deepEqual([one.judge_id, one.campaigns, one.running, one.answers], [used, 2, 0, 3])
    assert.equal(one.newest_campaigns.length, 2)
    assert.equal(one.newest_campaigns[0].id, campaign)
    assert.deepEqual(two, { judge_id: unused, campaigns: 0, running: 0, newest_campaigns: [], answers: 0 })
    const [foreign] = await usage(await server.makeKey('admin', 'others who use'))
    assert.deepEqual([foreign.campaigns, foreign.answers, foreign.newest_campaigns], [0, 0, []])
  })

  it('is of the own workspace only', async () => {
    await importQuestions(server, 'own', 2)
    provider.script(() => say('good'))
    const judge = await makeJudge(server)
    const campaign = await startCampaign(server, 'own', judge)
    await ended(server, campaign)
    const key = await server.makeKey('admin', 'another team')
    for (const [method, target, body] of [
      ['GET', `${campaign}/distribution`, undefined],
      ['GET', `${campaign}/outcomes`, undefined],
      ['GET', `${campaign}/failures`, undefined],
      ['POST', `${campaign}/retry`, {}],
      ['GET', `${campaign}/comparison/${campaign}`, undefined],
      ['GET', `${campaign}/differences/${campaign}`, undefined],
    ] as const) {
      const refused = await server.call(method, `${path}/${target}`, { key, body })
      assert.equal(refused.body.detail.error_code, 'CAMPAIGN_NOT_FOUND', target)
    }
    const body = { judge_id: judge, search_params: { filters: null }, max_nb_events: 5 }
    const refused = await server.call('POST', `${path}/estimate`, { key, body })
    assert.equal(refused.body.detail.error_code, 'JUDGE_NOT_FOUND')
    const unknown = await server.call('GET', `${path}/${campaign}/comparison/nobody`)
    assert.equal(unknown.body.detail.error_code, 'CAMPAIGN_NOT_FOUND')
  })
})
