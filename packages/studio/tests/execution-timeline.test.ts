import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startWorkerScenario, type WorkerScenario } from '@tramontane/testkit/worker-scenario'
import { needsChromium, Studio } from './harness/studio.ts'

describe('the timeline of an execution', needsChromium, () => {
  let scenario: WorkerScenario
  let studio: Studio

  before(async () => {
    scenario = await startWorkerScenario()
    await scenario.startWorker()
    studio = await Studio.open(scenario.server)
  })
  after(async () => {
    await studio?.close()
    await scenario?.close()
  })

  const open = async (workflow: string, input: unknown, status?: string) => {
    const { body } = await scenario.execute(workflow, input)
    if (status) await scenario.until(body.execution_id, status)
    await studio.goto(`/executions/${body.execution_id}`)
    await line('Workflow execution started').waitFor()
  }
  const tree = () => studio.page.getByRole('tree', { name: 'Timeline' })
  const line = (name: string | RegExp) => tree().getByRole('treeitem', { name })
  const axis = () => studio.page.getByTitle('Draw over it to see a part of the time')
  const isGone = (name: string) => line(name).waitFor({ state: 'detached' })
  const [FIRST, LAST] = ['Workflow execution started', 'Workflow execution completed']

  it('is seen nearer and further by keyboard, and the address keeps the part', async () => {
    const { page } = studio
    await open('parent', { names: ['Ada', 'Blaise', 'Carl'] }, 'COMPLETED')
    await line(LAST).waitFor()
    assert.ok(await page.getByRole('button', { name: 'Zoom out' }).isDisabled())
    await tree().press('+')
    await page.waitForURL(/from=.*to=/)
    await isGone(FIRST)
    await isGone(LAST)
    await page.getByText(/^\d+ of \d+ lines$/).waitFor()
    await studio.checkAccessibility()
    await page.reload()
    await page.getByText(/^\d+ of \d+ lines$/).waitFor()

    // To the side, as far as there is something.
    await tree().focus()
    for (let step = 0; step < 3; step++) await page.keyboard.press('Shift+ArrowRight')
    await line(LAST).waitFor()
    await page.waitForURL((url) => url.searchParams.has('from') && !url.searchParams.has('to'))
    await page.keyboard.press('-')
    await line(FIRST).waitFor()
    await page.waitForURL((url) => url.search === '')
    await page.keyboard.press('+')
    await isGone(FIRST)
    await page.keyboard.press('0')
    await line(FIRST).waitFor()
    await line(LAST).waitFor()
    await page.getByRole('button', { name: 'Zoom in' }).click()
    await isGone(FIRST)
    await page.getByRole('button', { name: 'All', exact: true }).click()
    await line(FIRST).waitFor()
  })

  it('takes a key that is pressed while the address changes', async () => {
    const { page } = studio
    await open('parent', { names: ['Ada', 'Blaise', 'Carl'] }, 'COMPLETED')
    await line(LAST).waitFor()
    // The moment between the address and what is drawn for it is too short to be met from outside.
    await tree().evaluate((element) => {
      const replaceState = history.replaceState.bind(history)
      history.replaceState = (...state) => {
        replaceState(...state)
        if (location.search === '') return
        history.replaceState = replaceState
        element.dispatchEvent(new KeyboardEvent('keydown', { key: '0', bubbles: true }))
        element.setAttribute('data-pressed', '')
      }
    })
    await tree().press('+')
    await page.locator('[data-pressed]').waitFor()
    await line(FIRST).waitFor()
    await page.waitForURL((url) => url.search === '')
  })

  it('is seen nearer by the wheel, and where it was drawn over', async () => {
    const { page } = studio
    await open('parent', { names: ['Ada', 'Blaise', 'Carl'] }, 'COMPLETED')
    await line(LAST).waitFor()
    const { x, y, width, height } = (await axis().boundingBox())!
    const bars = (await line(FIRST).locator('> div').last().boundingBox())!
    assert.deepEqual([x, width], [bars.x, bars.width], 'the axis stands above the bars')

    await page.mouse.move(x + width / 2, y + height / 2)
    await page.mouse.down()
    await page.mouse.move(x + width * 0.75, y + 60, { steps: 3 })
    await page.mouse.move(x + width + 100, y + height / 2, { steps: 3 })
    await page.mouse.up()
    await isGone(FIRST)
    await line(LAST).waitFor()
    await page.waitForURL(/from=/)
    await page.getByRole('button', { name: 'All', exact: true }).click()
    await line(FIRST).waitFor()
    // A press alone chooses nothing.
    await axis().click({ position: { x: 200, y: 5 } })
    await line(FIRST).waitFor()

    // Without Ctrl the wheel scrolls.
    await page.mouse.move(x, y + 60)
    await page.mouse.wheel(0, -300)
    await page.keyboard.down('Control')
    await page.mouse.wheel(0, -300)
    await isGone(LAST)
    await line(FIRST).waitFor()
    await page.waitForURL((url) => url.searchParams.has('to') && !url.searchParams.has('from'))
    assert.equal(await page.evaluate(() => visualViewport!.scale), 1, 'the page itself is not zoomed')
    await page.mouse.wheel(0, 600)
    await page.keyboard.up('Control')
    await line(LAST).waitFor()
  })

  it('says so where a part has nothing', async () => {
    const { page } = studio
    await open('nap', { ms: 3_600_000 })
    const begin = Date.now() + 60_000
    const at = (ms: number) => encodeURIComponent(new Date(begin + ms).toISOString())
    await studio.goto(`${new URL(page.url()).pathname}?types=%5B"run"%5D&from=${at(0)}&to=${at(1_000)}`)
    await page.getByText('Nothing in this part').waitFor()
    await studio.checkAccessibility()
    await page.getByRole('button', { name: 'Show all of the time' }).click()
    await line(FIRST).waitFor()
    // Keys lead into such a part, and out of it again.
    await tree().press('+')
    await page.getByText('Nothing in this part').waitFor()
    await page.keyboard.press('-')
    await line(FIRST).waitFor()
  })

  it('has a bar for each attempt of an activity, and tells what is not known of it', async () => {
    const { page } = studio
    await open('retries', { failures: 2 }, 'COMPLETED')
    const bars = line(/flaky/).locator('[data-attempt]')
    await eventually(async () => (await bars.count()) === 3)
    assert.match((await bars.nth(0).getAttribute('title'))!, /^Attempt 1 failed after .*: attempt 1 fails$/)
    assert.match(
      (await bars.nth(1).getAttribute('title'))!,
      /^Attempt 2 failed.*not recorded: attempt 2 fails$/,
    )
    assert.match((await bars.nth(2).getAttribute('title'))!, /^Attempt 3, /)
    await line(/flaky/).click()
    const attempts = page.getByRole('list', { name: 'Attempts' })
    await attempts.getByText(/^Attempt 1 failed/).waitFor()
    await studio.checkAccessibility()

    await open('patient', undefined)
    const waiting = line(/flaky.*attempt 2 in 4 min/)
    await waiting.waitFor()
    await eventually(async () => (await waiting.locator('[data-attempt]').count()) === 1)
    await waiting.getByTitle(/of waiting for attempt 2$/).waitFor()
  })

  it('takes to the reset of any line by keyboard alone', async () => {
    const { page } = studio
    await open('hello', { name: 'Ada' }, 'COMPLETED')
    await line(/translate/).waitFor()
    await tree().focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    const panel = page.getByRole('complementary', { name: 'What is selected' })
    await panel.getByRole('heading', { name: 'translate' }).waitFor()
    await panel.getByRole('button', { name: 'Reset to before this…' }).press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio', { checked: true }).waitFor()
    await dialog.getByRole('button', { name: /^Reset to event \d+$/ }).waitFor()
  })
})
