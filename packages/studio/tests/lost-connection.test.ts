import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { importQuestions, makeJudge, questionOf, startCampaign } from '@tramontane/testkit/campaign-scenario'
import { eventually } from '@tramontane/testkit/eventually'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import type { Page } from 'playwright-core'
import { needsChromium, Studio } from './harness/studio.ts'

const O = '/v1/observability'
const GOOD = JSON.stringify({ analysis: 'It is.', answer: 'good' })

describe('a lost connection', needsChromium, () => {
  let provider: ScriptedProvider
  let server: TestServer
  let studio: Studio
  let page: Page
  before(async () => {
    provider = await startScriptedProvider(() => GOOD)
    server = await startTestServer({ providerUrl: provider.url })
    studio = await Studio.open(server)
    page = studio.page
  })
  after(async () => {
    await studio.close()
    await server.close()
    await provider.close()
  })

  const notice = () => page.getByText('The server does not answer. What you see may be old')
  const lose = async () => {
    await page.context().setOffline(true)
    await notice().waitFor()
    assert.equal(await page.getByRole('alert').count(), 0, 'what was there is still there')
  }
  const comeBack = async () => {
    await page.context().setOffline(false)
    await notice().waitFor({ state: 'detached' })
  }

  it('does not take from home what it shows, and home goes on', async () => {
    await importQuestions(server, 'before', 3, () => ({ timestamp: new Date().toISOString() }))
    await studio.goto('/')
    const calls = page.getByRole('link', { name: 'Calls', exact: true }).locator('xpath=..')
    await calls.getByText('3', { exact: true }).waitFor()
    await lose()
    await importQuestions(server, 'meanwhile', 2, () => ({ timestamp: new Date().toISOString() }))
    await calls.getByText('3', { exact: true }).waitFor()
    await comeBack()
    await calls.getByText('5', { exact: true }).waitFor()
  })

  it('is told on the page of a running campaign, whose progress goes on afterwards', async () => {
    await importQuestions(server, 'judged', 20)
    const judge = await makeJudge(server, { name: 'A slow judge' })
    let letGo = () => {}
    const gate = new Promise<void>((resolve) => {
      letGo = resolve
    })
    provider.script(async (request) => {
      if (questionOf(request) < 15) await gate
      return GOOD
    })
    const id = await startCampaign(server, 'judged', judge, { name: 'Through thick and thin' })
    await studio.goto(`/campaigns/${id}`)
    await page.getByText('5 of 20 events judged').waitFor()
    await lose()
    letGo()
    await eventually(
      async () => (await server.call('GET', `${O}/campaigns/${id}/status`)).body.status === 'COMPLETED',
    )
    await page.getByText('5 of 20 events judged').waitFor()
    await page.getByText('running', { exact: true }).waitFor()
    await comeBack()
    await page.getByText('20 of 20 events judged').waitFor()
    await page.getByText('completed', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'good 20 100%' }).waitFor()
  })

  it('costs no list its rows, and new ones come by themselves', async () => {
    provider.script(() => GOOD)
    await studio.goto('/judges')
    await page.getByRole('link', { name: 'A slow judge' }).waitFor()
    await lose()
    await makeJudge(server, { name: 'A judge made meanwhile' })
    await page.getByRole('link', { name: 'A slow judge' }).waitFor()
    await comeBack()
    await page.getByRole('link', { name: 'A judge made meanwhile' }).waitFor()
  })

  it('takes nothing of what is being written', async () => {
    const judge = await makeJudge(server, { name: 'Being rewritten' })
    await studio.goto(`/judges/${judge}`)
    const name = page.getByLabel('Name', { exact: true })
    await name.fill('Half written')
    await lose()
    await page.getByRole('button', { name: 'Save as a new revision' }).click()
    await page
      .getByText(/The server does not answer. Is it running/)
      .first()
      .waitFor()
    await comeBack()
    assert.equal(await name.inputValue(), 'Half written')
    await page.getByRole('button', { name: 'Save as a new revision' }).click()
    await page.getByRole('heading', { name: 'Half written' }).waitFor()
  })

  it('leaves the records of a dataset, and says what could not be done', async () => {
    const { body: dataset } = await server.call('POST', `${O}/datasets`, {
      body: { name: 'Kept in sight', description: '' },
    })
    const add = (content: string) =>
      server.call('POST', `${O}/datasets/${dataset.id}/records`, {
        body: { payload: { messages: [{ role: 'user', content }] }, properties: {} },
      })
    await add('the first record')
    await studio.goto(`/datasets/${dataset.id}`)
    await page.getByRole('row', { name: /the first record/ }).waitFor()
    await page.getByRole('button', { name: 'New record' }).click()
    await page.getByLabel('Content of message 1').fill('written in a tunnel')
    await lose()
    await page.getByRole('button', { name: 'Add the record' }).click()
    await page
      .getByText(/The server does not answer. Is it running/)
      .first()
      .waitFor()
    await add('a record of somebody else')
    await comeBack()
    await page.getByRole('button', { name: 'Add the record' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('row', { name: /a record of somebody else/ }).waitFor()
    await page.getByRole('row', { name: /written in a tunnel/ }).waitFor()
    await page.getByRole('row', { name: /the first record/ }).waitFor()
  })

  it('lets one go to another page, which comes when the server is back', async () => {
    await studio.goto('/judges')
    await page.getByRole('link', { name: 'A slow judge' }).waitFor()
    await lose()
    await page.getByRole('link', { name: 'Datasets', exact: true }).click()
    await page.waitForURL(/\/datasets$/)
    await comeBack()
    await page.getByRole('link', { name: 'Kept in sight' }).waitFor()
  })
})
