import type { Page } from 'playwright-core'

/** More stops than any page has. */
const MOST_STOPS = 400

/** What the page remembers of where the focus was. */
interface KeyboardWalk {
  readonly stops: Set<Element>
  first?: Element
  isRound: boolean
}

/**
 * What on a page answers to the pointer and cannot be reached by keyboard. Within lists, tabs, trees and tables the arrow
 * keys move, so one stop is enough for all of it.
 * @returns the beginning of each such element, as HTML
 */
export async function outOfReach(page: Page): Promise<string[]> {
  await page.evaluate(() => {
    const walk: KeyboardWalk = { stops: new Set(), isRound: false }
    ;(globalThis as unknown as { keyboardWalk: KeyboardWalk }).keyboardWalk = walk
    ;(document.activeElement as HTMLElement | null)?.blur()
    addEventListener('focusin', ({ target }) => {
      const stop = target as Element
      walk.isRound ||= stop === walk.first && walk.stops.size > 1
      walk.first ??= stop
      walk.stops.add(stop)
      // What takes the only child's place later, as an editor does that was waited for, is reached by the same key.
      if (stop.parentElement?.childElementCount === 1) walk.stops.add(stop.parentElement)
    })
  })
  // From the page's beginning until the focus has been everywhere and comes back, or leaves. A few steps too many do no harm.
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await page.keyboard.press('Tab')
    if (stop % 4 < 3) continue
    const isRound = await page.evaluate(() => {
      const { keyboardWalk } = globalThis as unknown as { keyboardWalk: KeyboardWalk }
      const at = document.activeElement
      const hasLeft = at === null || at === document.body
      return keyboardWalk.isRound || (hasLeft && keyboardWalk.stops.size > 0)
    })
    if (isRound) break
  }
  return page.evaluate(() => {
    const { keyboardWalk } = globalThis as unknown as { keyboardWalk: KeyboardWalk }
    const COMPOSITE =
      '[role=tablist],[role=listbox],[role=menu],[role=tree],[role=treegrid],[role=grid],[role=radiogroup],[role=toolbar],[role=table],table'
    const reached = [...keyboardWalk.stops].filter((element) => element.isConnected)
    const isReached = (element: Element) =>
      reached.some((stop) => stop === element || stop.contains(element) || element.contains(stop))
    const isVisible = (element: Element) =>
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
      element.getBoundingClientRect().width > 0
    /** React keeps handlers beside the element, not as attributes. */
    const handles = (element: Element) => {
      const key = Object.keys(element).find((name) => name.startsWith('__reactProps$'))
      const props = key ? (element as unknown as Record<string, Record<string, unknown>>)[key] : undefined
      return typeof props?.onClick === 'function'
    }
    return [...document.querySelectorAll('body *')]
      .filter(
        (element) =>
          (element.matches('a[href],button,input,select,textarea,summary,[contenteditable=true]') ||
            handles(element)) &&
          !element.matches(
            ':disabled,[aria-disabled=true],[aria-hidden=true],[aria-hidden=true] *,[inert] *',
          ) &&
          !element.closest('label')?.querySelector('input') &&
          isVisible(element) &&
          !isReached(element),
      )
      .filter((element) => {
        const composite = element.closest(COMPOSITE)
        return !composite || !reached.some((stop) => composite.contains(stop) || stop.contains(composite))
      })
      .map((element) => element.outerHTML.slice(0, 200))
  })
}
