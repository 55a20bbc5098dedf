import { type RefObject, useEffect, useRef } from 'react'
import type { TimelineZoom } from './use-zoom.ts'

/** How much nearer a pixel of the wheel brings things; a notch of most mice has a hundred. */
const PER_PX = 0.003
/** Some browsers count lines. */
const LINE_PX = 33

/** Ctrl and the wheel (or two fingers) zoom around the pointer; sideways the wheel moves the part. */
export function useWheel(
  lines: RefObject<HTMLElement | null>,
  axis: RefObject<HTMLElement | null>,
  zoom: TimelineZoom,
): void {
  const latest = useRef(zoom)
  useEffect(() => {
    latest.current = zoom
  })
  useEffect(() => {
    let [nearer, sideways, x] = [0, 0, 0]
    let frame: number | undefined
    // The wheel tells more often than can be drawn.
    const apply = () => {
      frame = undefined
      const { left, width } = axis.current!.getBoundingClientRect()
      if (nearer !== 0)
        latest.current.by(Math.exp(nearer * PER_PX), Math.max(0, Math.min(1, (x - left) / width)))
      else latest.current.pan(sideways / width)
      ;[nearer, sideways] = [0, 0]
    }
    const onWheel = (event: WheelEvent) => {
      const px = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1
      const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) && !latest.current.isAll
      if (event.ctrlKey) nearer -= event.deltaY * px
      else if (isSideways) sideways += event.deltaX * px
      else return
      event.preventDefault()
      x = event.clientX
      frame ??= requestAnimationFrame(apply)
    }
    const elements = [lines.current!, axis.current!]
    // React's own listeners cannot keep the page from being zoomed.
    for (const element of elements) element.addEventListener('wheel', onWheel, { passive: false })
    return () => {
      if (frame !== undefined) cancelAnimationFrame(frame)
      for (const element of elements) element.removeEventListener('wheel', onWheel)
    }
  }, [lines, axis])
}
