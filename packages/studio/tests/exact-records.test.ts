import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { makeJudge } from '@tramontane/testkit/campaign-scenario'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { needsChromium, Studio } from './harness/studio.ts'

const O = '/v1/observability'
const PAYLOAD =
  '{"messages":[{"role":"user","content":"Which order?"},{"role":"tool","content":[{"order":12345678901234567890,"price":1.0}]},{"role":"assistant","content":"That one."}],"seed":9007199254740995}'
const PROPERTIES = '{"id":9007199254740993}'

describe('numbers of records that JavaScript does not have', needsChromium, () => {
  let server: TestServer
  let provider: ScriptedProvider
  let dataset: string
  let id: string
  before(async () => {
    provider = await startScriptedProvider(() => JSON.stringify({ analysis: 'It is.', answer: 'good' }))
    server = await startTestServer({ providerUrl: provider.url })
    const made = await server.call('POST', `${O}/datasets`, {
      body: { name: 'exact numbers', description: '' },
    })
    dataset = made.body.id
    const response = await fetch(`${server.url}${O}/datasets/${dataset}/records`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
      body: `{"payload":${PAYLOAD},"properties":${PROPERTIES}}`,
    })
    id = ((await response.json()) as { id: string }).id
  })
  after(async () => {
    await server.close()
    await provider.close()
  })

  /** The record as text: reading it as JSON would round. */
  const stored = async () => {
    const headers = { authorization: `Bearer ${server.key}` }
    const text = await (await fetch(`${server.url}${O}/dataset-records/${id}`, { headers })).text()
    return text.slice(text.indexOf('"payload"'))
  }

  it('stay as they are when something else is saved', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await studio.goto(`/datasets/${dataset}?record=${id}`)
    const panel = page.getByRole('dialog', { name: 'Record' })
    await panel.getByText('"id": 9007199254740993').waitFor()
    await panel.getByText('"seed": 9007199254740995').waitFor()
    await panel.getByText('12345678901234567890').waitFor()
    await panel.getByRole('tab', { name: 'Edit' }).click()
    await panel.getByLabel('Content of message 1').fill('Which one?')
    const properties = panel.getByRole('textbox', { name: 'Properties' })
    await properties.click()
    await page.keyboard.press('Control+Home')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.insertText('"parent": 9007199254740997,')
    await panel.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The record was saved.', { exact: true }).waitFor()
    const edited = PAYLOAD.replace('Which order?', 'Which one?')
    const kept = '{"parent":9007199254740997,"id":9007199254740993}'
    assert.equal(await stored(), `"payload":${edited},"properties":${kept}}`)

    // All of it as JSON, and the answer of a judge among the properties.
    await panel.getByRole('button', { name: 'Edit as JSON' }).click()
    await panel.getByText('12345678901234567890').first().waitFor()
    await panel.getByRole('button', { name: 'Edit message by message' }).click()
    assert.equal(await panel.getByRole('button', { name: 'Save' }).isDisabled(), true)
    await makeJudge(server, { name: 'The judge' })
    await studio.goto(`/datasets/${dataset}`)
    await page.getByRole('checkbox', { name: 'Select all records' }).click()
    await page.getByRole('button', { name: 'Judge…' }).click()
    await studio.choose(page.getByRole('combobox', { name: 'Judge' }), 'The judge')
    await page.getByRole('dialog').getByRole('button', { name: 'Judge' }).click()
    await page.getByText('1 of 1 record: 1 judged').waitFor()
    await page.getByRole('button', { name: 'Keep the answers as properties' }).click()
    await page.getByText('The answers were written into the properties.', { exact: true }).waitFor()
    assert.ok((await stored()).includes(`"properties":${kept.slice(0, -1)},"judge_id"`))
    await studio.close()
  })

  it('are not saved by a browser that would round them, which says so', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await page.addInitScript(() => {
      delete (JSON as { rawJSON?: unknown }).rawJSON
    })
    await studio.goto(`/datasets/${dataset}?record=${id}&side=edit`)
    await page
      .getByText(/would change the number 12345678901234567890 of “order”, so it saves nothing/)
      .waitFor()
    assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0)
    await studio.checkAccessibility()
    await studio.close()
  })
})
