import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { ALL, panned, partOf, type TimePart, zoomed } from './time-part.ts'
import type { TimeScale } from './time-scale.ts'
import { useExecutionSearch } from './use-execution.ts'

/** A wheel turns quicker than addresses may change. */
const REST_MS = 200
const STEP = 2
/** How much of the part a key moves it. */
const PAN = 0.25

/** The part of a timeline that is looked at, and ways to another one. */
export interface TimelineZoom {
  readonly whole: TimeScale
  readonly shown: TimeScale
  readonly isAll: boolean
  nearer(): void
  further(): void
  all(): void
  /** @param place what stays where it is, from 0 to 1 */
  by(factor: number, place: number): void
  /** @param by of the part's length; less than 0: earlier */
  pan(by: number): void
  choose(from: number, to: number): void
  /** @returns whether a key meant the zoom */
  takesKey(event: KeyboardEvent): boolean
}

/** Ways from the part that is shown to another one. */
export function timelineZoom(
  whole: TimeScale,
  shown: TimeScale,
  isAll: boolean,
  setPart: (part: TimePart) => void,
): TimelineZoom {
  const by = (factor: number, place: number) => setPart(zoomed(whole, shown, factor, place))
  const pan = (length: number) => setPart(panned(whole, shown, length))
  const nearer = () => by(STEP, 0.5)
  const further = () => by(1 / STEP, 0.5)
  const all = () => setPart(ALL)
  const keys: Readonly<Record<string, () => void>> = {
    '+': nearer,
    '=': nearer,
    '-': further,
    '0': all,
    'Shift ArrowLeft': () => pan(-PAN),
    'Shift ArrowRight': () => pan(PAN),
  }
  return {
    whole,
    shown,
    isAll,
    nearer,
    further,
    all,
    by,
    pan,
    choose: (from, to) => setPart(partOf(whole, from, to)),
    takesKey: ({ key, shiftKey, ctrlKey, metaKey, altKey }) => {
      const act = keys[shiftKey && key.startsWith('Arrow') ? `Shift ${key}` : key]
      if (!act || ctrlKey || metaKey || altKey) return false
      act()
      return true
    },
  }
}

/**
 * The part of the timeline that is looked at: followed at once, and kept in the address once the hand rests. An address
 * that comes back from here must not undo what was chosen since; one that comes from elsewhere counts.
 */
export function useTimePart(): [TimePart, (part: TimePart) => void] {
  const [{ from, to }, change] = useExecutionSearch()
  const [chosen, choose] = useState<TimePart>()
  const onItsWay = useRef<TimePart>(undefined)
  const kept = useMemo(() => ({ from: millisecondsOf(from), to: millisecondsOf(to) }), [from, to])
  useEffect(() => {
    if (!onItsWay.current || !isSame(onItsWay.current, kept)) choose(undefined)
    onItsWay.current = undefined
  }, [kept])
  // biome-ignore lint/correctness/useExhaustiveDependencies: `change` is another one each time, and does the same
  useEffect(() => {
    if (!chosen || onItsWay.current || isSame(chosen, kept)) return
    const timer = setTimeout(() => {
      onItsWay.current = chosen
      change({ from: instantOf(chosen.from), to: instantOf(chosen.to) }, { replace: true })
    }, REST_MS)
    return () => clearTimeout(timer)
  }, [chosen, kept])
  return [chosen ?? kept, choose]
}

function isSame(one: TimePart, other: TimePart): boolean {
  return one.from === other.from && one.to === other.to
}

function millisecondsOf(instant: string | undefined): number | undefined {
  return instant === undefined ? undefined : Date.parse(instant)
}

function instantOf(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString()
}
