import type { Page } from 'playwright-core'

/** What the studio promises to fit into. */
export const SMALLEST_WINDOW = { width: 1024, height: 768 }

/**
 * What does not fit into the window as it is: a page that is wider, each control that is cut off at a side or lies under
 * something else, and each table that has to be scrolled sideways. What scrolls otherwise, by itself or within a part of the
 * page, is brought into view first, as a reader would.
 * @returns a sentence for each
 */
export async function misfits(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    // What goes by its own size hears of another one as the next frame is made.
    for (let frame = 0; frame < 2; frame++) await new Promise((resolve) => requestAnimationFrame(resolve))
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})))
    const INSET = 3
    const root = document.documentElement
    ;(document.activeElement as HTMLElement | null)?.blur()
    // Parts of the page scroll, the window does not.
    const { scrollWidth, scrollHeight } = root
    const found =
      scrollWidth > innerWidth || scrollHeight > innerHeight
        ? [`the page takes ${scrollWidth} × ${scrollHeight} px`]
        : []

    const scrollers = (element: Element) => {
      const all: Element[] = []
      for (let at = element.parentElement; at; at = at.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(at)
        if (/auto|scroll/.test(overflowX + overflowY)) all.push(at)
      }
      return all
    }
    /** Only what a reader can scroll: `scrollIntoView` would also move what is merely cut off. */
    const bringIntoView = (element: Element) => {
      for (const scroller of scrollers(element)) {
        const at = element.getClientRects()[0]!
        const port = scroller.getBoundingClientRect()
        scroller.scrollBy({
          left: at.x + at.width / 2 - (port.x + scroller.clientWidth / 2),
          top: at.y + at.height / 2 - (port.y + scroller.clientHeight / 2),
          behavior: 'instant',
        })
      }
    }
    const isThere = (element: Element) =>
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
      element.getBoundingClientRect().width > 1 &&
      getComputedStyle(element).pointerEvents !== 'none' &&
      !element.closest('[aria-hidden=true],[inert]')

    const controls =
      'a[href],button,input,select,textarea,summary,[role=tab],[role=switch],[contenteditable=true]'
    for (const element of document.querySelectorAll(controls)) {
      if (!isThere(element)) continue
      bringIntoView(element)
      const { x, y, width, height } = element.getClientRects()[0]!
      const port = Math.min(innerWidth, ...scrollers(element).map(({ clientWidth }) => clientWidth))
      const wanted = width > port ? ['middle' as const] : (['middle', 'left', 'right'] as const)
      for (const place of wanted) {
        const at = { left: x + INSET, middle: x + width / 2, right: x + width - INSET }[place]
        const hit = document.elementFromPoint(at, y + height / 2)
        if (hit && (element.contains(hit) || hit.closest('label')?.contains(element))) continue
        const by = hit ? hit.outerHTML.slice(0, 120) : 'the edge of the window'
        found.push(`the ${place} of ${element.outerHTML.slice(0, 160)} is hidden by ${by}`)
        break
      }
    }
    for (const table of document.querySelectorAll('table[aria-label]')) {
      const [port] = scrollers(table)
      if (port && table.getBoundingClientRect().width > port.clientWidth + 1)
        found.push(
          `the table ${table.ariaLabel} takes ${table.getBoundingClientRect().width} px of ${port.clientWidth}`,
        )
    }
    return found
  })
}
