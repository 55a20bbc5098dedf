import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  ended,
  importQuestions,
  makeJudge,
  progressOf,
  questionOf,
  startCampaign,
} from '@tramontane/testkit/campaign-scenario'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { needsChromium, Studio } from './harness/studio.ts'

const say = (answer: unknown) => JSON.stringify({ analysis: `Because it is ${answer}.`, answer })
const SCORES = { min: 0, max: 1, min_description: '', max_description: '' }

describe('campaigns in the studio', needsChromium, () => {
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

  it('start from a filter with what they will take, go on live, pause and go on', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto('/campaigns')
    await page.getByText('There is no campaign yet').waitFor()
    await studio.checkAccessibility()

    await importQuestions(server, 'started', 40)
    await importQuestions(server, 'others', 5)
    const judge = await makeJudge(server, { name: 'The judge' })
    let held: (() => void)[] = []
    let isOpen = false
    provider.script(async (request) => {
      if (!isOpen && questionOf(request) < 30) await new Promise<void>((resolve) => held.push(resolve))
      return say(questionOf(request) % 4 === 0 ? 'bad' : 'good')
    })
    const filter = encodeURIComponent('metadata.run = "started"')
    await studio.goto(`/campaigns/new?filter=${filter}`)
    await studio.choose(page.getByLabel('Judge'), 'The judge')
    await page.getByText('all that match').waitFor()
    await page.getByText('A sample').waitFor()
    await studio.checkAccessibility()
    assert.equal(provider.requests.length, 0)
    await page.getByLabel(/At most so many/).fill('36')
    await page.getByText('the newest of 40').waitFor()
    await page.getByLabel('Name').fill('The first campaign')
    await page.getByRole('button', { name: 'Judge 36 events' }).click()

    await page.getByRole('heading', { name: 'The first campaign' }).waitFor()
    await page.getByRole('progressbar').waitFor()
    await page.getByText(/10 of 36 events judged/).waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('paused', { exact: true }).waitFor()
    await studio.checkAccessibility()
    isOpen = true
    for (const open of held) open()
    held = []
    const goOn = page.getByRole('button', { name: /Go on with 26/ })
    // What was pressed has become it, and has the focus still.
    await goOn.and(page.locator(':focus')).waitFor()
    await goOn.click()
    await page.getByText(/36 of 36 events judged/).waitFor()
    await page.getByText('completed', { exact: true }).waitFor()
    const id = /campaigns\/([0-9a-f-]+)/.exec(page.url())![1]!
    assert.deepEqual((await progressOf(server, id)).judged, 36)
    assert.equal((await server.call('GET', `/v1/observability/campaigns/${id}`)).body.judge.id, judge)

    await page.getByRole('button', { name: 'good 27 75%' }).click()
    await page.getByText('Answer: good').waitFor()
    assert.match(page.url(), /label=good/)
    await page.getByRole('button', { name: 'question 39.' }).click()
    await page.getByRole('dialog').getByText('Because it is good.').waitFor()
    await page.getByRole('dialog').getByText('An answer.').waitFor()
    await studio.checkAccessibility()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Remove: Answer: good' }).click()
    await page.getByRole('cell', { name: 'bad', exact: true }).first().waitFor()
    await page.goBack()
    await page.getByText('Answer: good').waitFor()

    await studio.goto('/campaigns')
    await page
      .getByRole('row', { name: /The first campaign/ })
      .getByText('36 of 36 events')
      .waitFor()
    await studio.checkAccessibility()
    await studio.close()
  })

  it('show scores as a histogram, by model and by metadata', async () => {
    await importQuestions(server, 'scored', 20, (n) => ({
      model_name: n < 5 ? 'small' : 'large',
      metadata: { run: 'scored', tier: n % 2 === 0 ? 'free' : 'paid' },
    }))
    provider.script((request) => say(questionOf(request) / 20))
    const judge = await makeJudge(server, { output: SCORES })
    const campaign = await startCampaign(server, 'scored', judge)
    await ended(server, campaign)
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto(`/campaigns/${campaign}`)
    await page.getByText('20 answers').waitFor()
    await page.getByRole('row', { name: /^large 15/ }).waitFor()
    await studio.checkAccessibility()
    await page.getByLabel('Field').selectOption('metadata.tier')
    await page.getByRole('row', { name: /^free 10 0\.45/ }).waitFor()
    assert.match(page.url(), /group=metadata\.tier/)
    await page.getByRole('button', { name: '0.95 to 1: 1 event' }).click()
    await page.getByText('Score from 0.95 to 1').waitFor()
    await page.getByRole('cell', { name: '0.95', exact: true }).waitFor()
    await studio.close()
  })

  it('gather failures by reason, and try again what failed', async () => {
    await importQuestions(server, 'failing', 12)
    const refusal = { status: 400, body: { error: { message: 'the context is too long' } } }
    provider.script((request) => (questionOf(request) < 3 ? refusal : say('good')))
    const campaign = await startCampaign(server, 'failing', await makeJudge(server))
    await ended(server, campaign)
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto(`/campaigns/${campaign}?tab=failures`)
    const row = page.getByRole('row', { name: /the context is too long/ })
    await row.getByRole('link', { name: '3 events' }).waitFor()
    await studio.checkAccessibility()
    provider.requests.length = 0
    const held = Promise.withResolvers<void>()
    provider.script(async () => {
      await held.promise
      return say('good')
    })
    // The page hears of it only when all is over: as many are judged or have failed as before.
    await page.route(`**/campaigns/${campaign}/status`, async (route) => {
      await ended(server, campaign)
      await route.continue()
    })
    await row.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Nothing has failed').waitFor()
    await page.getByRole('tab', { name: 'Answers' }).click()
    await page.getByText('9 answers').waitFor()
    // And what is being asked for the first time is answered with what was true before.
    const late = Promise.withResolvers<void>()
    await page.route(
      '**/distribution?group_by=source',
      async (route) => {
        const response = await route.fetch()
        held.resolve()
        await late.promise
        await route.fulfill({ response })
      },
      { times: 1 },
    )
    await page.getByLabel('Field').selectOption('source')
    await page.getByText(/12 of 12 events judged/).waitFor()
    late.resolve()
    await page.getByText('12 answers').waitFor()
    assert.deepEqual(provider.requests.map(questionOf).sort(), [0, 1, 2], 'nothing is judged twice')
    await page.getByRole('button', { name: 'Delete this campaign' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('heading', { name: 'Campaigns' }).waitFor()
    await studio.goto(`/campaigns/${campaign}`)
    await page.getByText(/No campaign has the id/).waitFor()
    await studio.close()
  })

  it('stand side by side, with the events on which they differ', async () => {
    await importQuestions(server, 'compared', 30)
    provider.script((request) => say(questionOf(request) < 10 ? 'bad' : 'good'))
    const one = await startCampaign(server, 'compared', await makeJudge(server), { name: 'The strict one' })
    await ended(server, one)
    provider.script((request) => say(questionOf(request) < 12 ? 'bad' : 'good'))
    const two = await startCampaign(server, 'compared', await makeJudge(server), { name: 'The strictest' })
    await ended(server, two)
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto(`/campaigns/${one}`)
    await page.getByRole('link', { name: 'Compare' }).click()
    await page.getByText('Choose two campaigns').waitFor()
    await studio.checkAccessibility()
    await studio.choose(page.getByLabel('The other one'), 'The strictest')
    await page.getByText('93.3%').waitFor()
    await page.getByRole('cell', { name: 'good and bad: 2 events' }).waitFor()
    await page.getByRole('button', { name: 'question 11.' }).waitFor()
    assert.equal(await page.getByRole('table', { name: '' }).last().getByRole('row').count(), 3)
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'bad and bad: 10 events' }).click()
    await page.getByRole('heading', { name: 'bad and bad' }).waitFor()
    await page.getByRole('button', { name: 'question 9.' }).click()
    await page.getByRole('dialog').getByText('Because it is bad.').first().waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Show all differences' }).click()
    await page.getByRole('heading', { name: 'Where they differ' }).waitFor()
    await studio.close()
  })
})
