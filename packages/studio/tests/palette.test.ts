import { after, before, describe, it } from 'node:test'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { needsChromium, Studio } from './harness/studio.ts'

const O = '/v1/observability'

describe('the command palette', needsChromium, () => {
  let server: TestServer
  let eventId: string
  let dataset: { id: string; name: string }
  before(async () => {
    server = await startTestServer()
    const events = await server.call('POST', `${O}/chat-completion-events`, {
      body: {
        events: [
          {
            model_name: 'a-model',
            correlation_id: 'a-correlation',
            request_messages: [{ role: 'user', content: 'hello' }],
            response_messages: [{ role: 'assistant', content: 'hi' }],
          },
        ],
      },
    })
    eventId = events.body.event_ids[0]
    dataset = (
      await server.call('POST', `${O}/datasets`, { body: { name: 'Prices of May', description: '' } })
    ).body
  })
  after(() => server.close())

  it('finds a dataset by a part of its name and an event by its id, and goes there', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    const open = async (text: string) => {
      await page.keyboard.press('Control+k')
      await page.getByPlaceholder(/Where to/).fill(text)
    }
    await open('of may')
    await page.getByRole('option', { name: /Prices of May/ }).waitFor()
    await studio.checkAccessibility()
    // What was found for less than this is not what is meant.
    await page.getByPlaceholder(/Where to/).fill('of may and june')
    await page.keyboard.press('Enter')
    await page.getByText('Nothing has this name or id.').waitFor()
    await page.getByPlaceholder(/Where to/).fill('of may')
    await page.getByRole('option', { name: /Prices of May/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/datasets/${dataset.id}**`)

    await studio.goto('/')
    await page.getByRole('heading', { name: 'Home' }).waitFor()
    await open(eventId)
    await page.getByRole('option', { name: new RegExp(eventId) }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(new RegExp(eventId))

    await studio.goto('/')
    await page.getByRole('heading', { name: 'Home' }).waitFor()
    await open('nothing is called so')
    await page.getByText('Nothing has this name or id.').waitFor()
    await page.keyboard.press('Escape')
    await studio.close()
  })

  it('is a button too, and knows pages by other words', async () => {
    const studio = await Studio.open(server)
    const { page } = studio
    await page.getByRole('button', { name: 'Find' }).click()
    await page
      .locator(':focus')
      .and(page.getByPlaceholder(/Where to/))
      .waitFor()
    await page.keyboard.type('health')
    await page.getByRole('option', { name: 'What the doctor says' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'What the doctor says' }).waitFor()
    await studio.close()
  })
})
