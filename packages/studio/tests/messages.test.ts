import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import type { Page } from 'playwright-core'
import { needsChromium, Studio } from './harness/studio.ts'

/** Longer than any message stays by itself. */
const LONG_MS = 30_000

describe('messages', needsChromium, () => {
  let server: TestServer
  let studio: Studio
  let page: Page
  before(async () => {
    server = await startTestServer()
    studio = await Studio.open(server)
    page = studio.page
    await page.clock.install()
    await page.route('**/v1/session/links', (route) =>
      route.fulfill({ status: 400, json: { detail: 'It was not to be.' } }),
    )
  })
  after(async () => {
    await studio.close()
    await server.close()
  })

  const message = () => page.getByRole('region', { name: 'Notifications' }).getByText('It was not to be.')
  /** Without the pointer, which stays where it is. */
  const beTold = async () => {
    await page.getByRole('button', { name: 'Make a link' }).press('Enter')
    await message().waitFor()
  }

  it('stay as long as the pointer is on them, and no later one stays because of it', async () => {
    await studio.goto('/settings?tab=browser')
    await beTold()
    await message().hover()
    await page.clock.runFor(LONG_MS)
    assert.ok(await message().isVisible())
    for (const isMovedAway of [true, false]) {
      await page.getByRole('button', { name: 'Dismiss' }).click()
      await message().waitFor({ state: 'detached' })
      if (isMovedAway) await page.mouse.move(5, 5)
      await beTold()
      await page.clock.runFor(LONG_MS)
      await message().waitFor({ state: 'detached' })
      await beTold()
    }
  })

  it('stay when Escape has something to clear', async () => {
    for (const [section, label] of [
      ['Workflows', /^Search/],
      ['Judges', 'Search by name'],
    ] as const) {
      await studio.goto('/settings?tab=browser')
      await beTold()
      await page.getByRole('link', { name: section, exact: true }).click()
      const field = page.getByRole('searchbox', { name: label })
      await field.fill('wind')
      await field.press('Escape')
      await eventually(async () => (await field.inputValue()) === '')
      assert.ok(await message().isVisible())
      await field.press('Escape')
      await message().waitFor({ state: 'detached' })
    }
  })
})
