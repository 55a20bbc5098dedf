import assert from 'node:assert/strict'
import { eventually } from '@tramontane/testkit/eventually'
import type { Locator, Page } from 'playwright-core'

/** More stops than lie between any two places of a page. */
const MOST_STOPS = 120

const hasFocus = (locator: Locator) =>
  locator.evaluate((element) => element === document.activeElement).catch(() => false)

/** Moves with Tab, or Shift+Tab, to what a locator names, as who has no pointer does. @throws if it is never reached */
export async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await target.waitFor()
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    if (await hasFocus(target)) return
    await page.keyboard.press(key)
  }
  assert.fail(`${key} never comes to ${target}`)
}

/** Goes there and presses Enter. */
export async function press(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press('Enter')
}

/** Goes to a field and writes over what stands in it. */
export async function write(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field)
  await page.keyboard.press('Control+A')
  await page.keyboard.type(text)
}

/**
 * Opens a dialog from a button and leaves it: the focus goes in, stays in however often Tab is pressed, and is on the button
 * again after Escape.
 * @param open what follows the button, such as a choice from its menu
 */
export async function checkDialog(page: Page, button: Locator, open?: () => Promise<void>): Promise<void> {
  await press(page, button)
  await open?.()
  const dialog = page.locator('[role=dialog],[role=alertdialog]')
  await dialog.waitFor()
  const isInside = () => dialog.evaluate((element) => element.contains(document.activeElement))
  await eventually(isInside)
  for (const key of ['Shift+Tab', ...Array(30).fill('Tab')]) {
    await page.keyboard.press(key)
    assert.ok(await isInside(), `${key} leads out of the dialog of ${button}`)
  }
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await eventually(async () => await hasFocus(button)).catch(async () =>
    assert.fail(
      `after Escape ${button} has not the focus, but ${await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))}`,
    ),
  )
}
