import type { Page } from 'playwright-core'
import { Studio, type StudioServer } from './studio.ts'

/** How long it took until a changed filter was on the screen, in milliseconds. */
export interface FilterTime {
  readonly filter: string
  /** From Enter to the events being drawn. */
  readonly shown: number
  /** From Enter to the histogram being there; null: it could not be counted in time. */
  readonly counted: number | null
  /** The search was given up with advice. */
  readonly isGivenUp: boolean
}

const PATIENCE_MS = 20_000

/** Writes filters into Explorer's editor in a browser of its own, one after the other, over all time. */
export async function measureFilters(
  server: StudioServer,
  filters: readonly string[],
): Promise<FilterTime[]> {
  const studio = await Studio.open(server)
  const { page } = studio
  try {
    await studio.goto('/explorer?range=all')
    await page.locator('[data-counted=""]').waitFor()
    // The editor comes when somebody comes near; it is not what is measured.
    await page.getByRole('textbox', { name: 'Filter' }).focus()
    await page.locator('.cm-content').waitFor()
    const times: FilterTime[] = []
    for (const filter of filters) times.push(await measure(page, filter))
    return times
  } finally {
    await studio.close({ expectProblems: true })
  }
}

async function measure(page: Page, filter: string): Promise<FilterTime> {
  const editor = page.getByRole('textbox', { name: 'Filter' })
  await editor.fill(filter)
  // The list of suggestions would take Enter for itself.
  await editor.press('Escape')
  const measured = page.evaluate(
    ({ wanted, patience }) =>
      new Promise<{ shown: number; counted: number | null; isGivenUp: boolean }>((resolve, reject) => {
        addEventListener(
          'keydown',
          () => {
            const began = performance.now()
            let shown: number | undefined
            const look = () => {
              const table = document.querySelector<HTMLElement>('[data-shown]')
              const now = performance.now() - began
              const isGivenUp = table?.dataset.failed !== undefined
              if (table?.dataset.shown === wanted) shown ??= now
              const isCounted =
                document.querySelector<HTMLElement>('[data-counted]')?.dataset.counted === wanted
              if (shown !== undefined && (isCounted || isGivenUp || now - shown > 3_000))
                return resolve({ shown, counted: isCounted ? now : null, isGivenUp })
              if (now > patience) return reject(new Error(`nothing is shown for ${wanted}`))
              requestAnimationFrame(look)
            }
            requestAnimationFrame(look)
          },
          { capture: true, once: true },
        )
      }),
    { wanted: filter, patience: PATIENCE_MS },
  )
  // The listener is there before the key is pressed: both go through the same connection, in order.
  const [times] = await Promise.all([measured, editor.press('Enter')])
  return { filter, ...times }
}
