import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { needsChromium, Studio } from './harness/studio.ts'

describe('logging in', needsChromium, () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  it('works with a link, once', async () => {
    const { body: link } = await server.call('POST', '/v1/session/links')
    const studio = await Studio.open(server, { key: null })
    await studio.page.goto(link.url)
    await studio.page.getByRole('heading', { name: 'Home' }).waitFor()
    assert.ok(!studio.page.url().includes('#'), 'the token is not left in the address')
    const cookies = await studio.page.context().cookies()
    assert.deepEqual(
      cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite })),
      [{ httpOnly: true, sameSite: 'Strict' }],
    )
    await studio.close()

    const again = await Studio.open(server, { key: null })
    await again.page.goto(link.url)
    await again.page.getByText('was used before or has expired').waitFor()
    await again.close()
  })

  it('works with a key, leads back to where one wanted to go, and out again', async () => {
    const studio = await Studio.open(server, { key: null })
    const { page } = studio
    await studio.goto('/?from=a-bookmark')
    const key = page.getByLabel('Key')
    await key.fill('tmt_wrong')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('This key is unknown or has been revoked.').waitFor()
    await studio.checkAccessibility()
    await key.fill(server.key)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Home' }).waitFor()
    assert.match(page.url(), /from=a-bookmark/)
    await studio.checkAccessibility()

    await page.getByRole('button', { name: 'Appearance and account' }).click()
    await page.getByRole('menuitem', { name: 'Log out' }).click()
    await page.getByLabel('Key').waitFor()
    await studio.goto('/')
    await page.getByLabel('Key').waitFor()
    await studio.close()
  })

  it('says when the server is away, and when it is back', async () => {
    const studio = await Studio.open(server)
    const notice = studio.page.getByText('The server does not answer.')
    // The network is what is away, so that the address stays the same.
    await studio.page.context().setOffline(true)
    await notice.waitFor()
    await studio.page.context().setOffline(false)
    await notice.waitFor({ state: 'detached' })
    await studio.close()
  })

  it('moves by keyboard with the command palette', async () => {
    const studio = await Studio.open(server)
    await studio.page.keyboard.press('Control+k')
    await studio.page.getByPlaceholder(/Where to/).fill('dark')
    await studio.checkAccessibility()
    await studio.page.keyboard.press('Enter')
    await studio.page.locator('html[data-theme=dark]').waitFor()
    await studio.close()
  })
})
