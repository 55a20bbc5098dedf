import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ALL, panned, partOf, type TimePart, zoomed } from './time-part.ts'
import { type TimeScale, timeScale } from './time-scale.ts'

const HOUR = 3_600_000
const plain = (from: number, to: number) => timeScale(from, to, { moments: [], busy: [], fold: false })
const whole = plain(0, HOUR)
const shownOf = (part: TimePart): TimeScale => plain(part.from ?? whole.from, part.to ?? whole.to)

describe('the part of a timeline', () => {
  it('is nearer around a place, and further again', () => {
    const nearer = zoomed(whole, whole, 2, 0.5)
    assert.deepEqual(nearer, { from: HOUR / 4, to: (HOUR * 3) / 4 })
    assert.deepEqual(zoomed(whole, shownOf(nearer), 1 / 2, 0.5), ALL)
    assert.deepEqual(zoomed(whole, whole, 2, 0), { from: undefined, to: HOUR / 2 })
    assert.deepEqual(zoomed(whole, whole, 4, 1), { from: (HOUR * 3) / 4, to: undefined })
  })

  it('is all again from as far away as before, however long that is', () => {
    for (let length = 100; length < 5_000; length += 7) {
      const all = plain(1_000, 1_000 + length)
      const shown = (part: TimePart) => plain(part.from ?? all.from, part.to ?? all.to)
      const aside = panned(all, shown(zoomed(all, all, 2, 0.5)), 0.25)
      assert.deepEqual(zoomed(all, shown(aside), 1 / 2, 0.5), ALL, `${length} ms`)
    }
  })

  it('keeps what is under the pointer there', () => {
    let shown: TimeScale = whole
    const at = whole.instant(0.3)
    for (let turn = 0; turn < 20; turn++) {
      shown = shownOf(zoomed(whole, shown, 1.2, 0.3))
      assert.ok(Math.abs(shown.place(at) - 0.3) < 0.01, `turn ${turn}: ${shown.place(at)}`)
    }
  })

  it('is never so short that nothing could be told apart', () => {
    let shown: TimeScale = whole
    for (let turn = 0; turn < 100; turn++) shown = shownOf(zoomed(whole, shown, 2, 0.5))
    assert.ok(shown.to - shown.from >= 10 && shown.to - shown.from < 40)
  })

  it('moves to both sides as far as there is something', () => {
    const part = partOf(whole, HOUR / 4, HOUR / 2)
    assert.deepEqual(panned(whole, shownOf(part), 1), { from: HOUR / 2, to: (HOUR * 3) / 4 })
    assert.deepEqual(panned(whole, shownOf(part), -4), { from: undefined, to: HOUR / 4 })
    assert.deepEqual(panned(whole, shownOf(part), 9), { from: (HOUR * 3) / 4, to: undefined })
    assert.deepEqual(panned(whole, whole, 1), ALL)
    // Further away at an end, it grows to the other side.
    assert.deepEqual(zoomed(whole, shownOf(partOf(whole, HOUR / 2, HOUR)), 1 / 2, 0.5), ALL)
  })

  it('is found again where idle time is folded', () => {
    const moments = [10, 20, 30, HOUR, HOUR + 10, HOUR + 20]
    const folded = timeScale(0, HOUR + 30, { moments, busy: [], fold: true })
    // Before the fold only.
    const part = zoomed(folded, folded, 4, 0)
    assert.equal(part.from, undefined)
    assert.ok(part.to! <= 30)
    const shown = timeScale(0, part.to!, { moments, busy: [], fold: true })
    assert.deepEqual(shown.folds, [])
    assert.deepEqual(zoomed(folded, shown, 1 / 100, 0.5), ALL)
  })
})
