import type { Page } from 'playwright-core'
import { Studio, type StudioServer } from './studio.ts'

/** What a reader of a long execution has to wait for, in milliseconds. */
export interface LongExecution {
  /** From the address to the first lines of the timeline, for each time that it was opened. */
  readonly opened: readonly number[]
  /** Until the whole history is there. */
  readonly complete: readonly number[]
  /** Between two frames while the timeline, and then every event of the history, is scrolled, some thousand pixels a second. */
  readonly frames: readonly number[]
  /** What kept the page's thread for more than 50 ms while it was scrolled. */
  readonly longTasks: readonly number[]
  /** Lines that were drawn at most, of all that there are. */
  readonly drawn: number
}

const SCROLL_MS = 3_000
/** A quick turn of the wheel. */
const PX_PER_MS = 5

/**
 * Opens an execution again and again in a browser of its own and scrolls through it.
 * @param options.events that its history has at least
 * @param options.times it is opened
 */
export async function measureLongExecution(
  server: StudioServer,
  executionId: string,
  { events, times }: { events: number; times: number },
): Promise<LongExecution> {
  const studio = await Studio.open(server)
  const { page } = studio
  const opened: number[] = []
  const complete: number[] = []
  try {
    for (let turn = 0; turn < times; turn++) {
      await page.goto('about:blank')
      await page.goto(new URL(`/executions/${encodeURIComponent(executionId)}`, server.url).href, {
        waitUntil: 'commit',
      })
      opened.push(await whenDrawn(page, 1))
      complete.push(await whenDrawn(page, events))
    }
    const timeline = await scroll(page, '[role=tree][aria-label=Timeline]')
    await page.getByRole('tab', { name: /^History/ }).click()
    await page.getByRole('button', { name: 'Full' }).click()
    await page.getByRole('listbox', { name: 'History, every event' }).waitFor()
    const history = await scroll(page, '[role=listbox][aria-label="History, every event"]')
    return {
      opened,
      complete,
      frames: [...timeline.frames, ...history.frames],
      longTasks: [...timeline.longTasks, ...history.longTasks],
      drawn: Math.max(timeline.drawn, history.drawn),
    }
  } finally {
    await studio.close()
  }
}

/** Milliseconds from the begin of the navigation to the frame with the timeline's lines, when so many events are read. */
function whenDrawn(page: Page, events: number): Promise<number> {
  return page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        const look = () => {
          const line = document.querySelector('[role=tree][aria-label=Timeline] [role=treeitem]')
          const read = document.querySelector<HTMLElement>('[data-events-read]')?.dataset.eventsRead
          if (line && Number(read) >= wanted) resolve(performance.now())
          else requestAnimationFrame(look)
        }
        look()
      }),
    events,
  )
}

async function scroll(
  page: Page,
  selector: string,
): Promise<{ frames: number[]; longTasks: number[]; drawn: number }> {
  // What opening has left to do is not scrolling's.
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)))
  return page.evaluate(
    ({ selector, milliseconds, speed }) =>
      new Promise<{ frames: number[]; longTasks: number[]; drawn: number }>((resolve) => {
        const element = document.querySelector(selector)!
        const frames: number[] = []
        const longTasks: number[] = []
        let drawn = 0
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) longTasks.push(entry.duration)
        })
        observer.observe({ type: 'longtask' })
        const way = element.scrollHeight - element.clientHeight
        const from = way / 3
        let begun: number | undefined
        let last: number | undefined
        const step = (now: number) => {
          begun ??= now
          if (last !== undefined) frames.push(now - last)
          last = now
          drawn = Math.max(drawn, element.querySelectorAll('[role=treeitem],[role=option]').length)
          element.scrollTop = from + (now - begun) * speed
          if (now - begun < milliseconds) requestAnimationFrame(step)
          else {
            observer.disconnect()
            resolve({ frames, longTasks, drawn })
          }
        }
        requestAnimationFrame(step)
      }),
    { selector, milliseconds: SCROLL_MS, speed: PX_PER_MS },
  )
}
