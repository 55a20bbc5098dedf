import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ticks, timeScale } from './time-scale.ts'

const HOUR = 3_600_000

describe('the scale of a timeline', () => {
  it('folds the time in which nothing happens', () => {
    const moments = [10, 20, 30, HOUR, HOUR + 10, HOUR + 20]
    const scale = timeScale(0, HOUR + 30, { moments, busy: [], fold: true })
    assert.equal(scale.folds.length, 1)
    assert.deepEqual([scale.folds[0]!.from, scale.folds[0]!.to], [30, HOUR])
    assert.ok(scale.place(30) > 0.4 && scale.place(HOUR) < 0.6)
    assert.deepEqual(
      [scale.place(-5), scale.place(0), scale.place(HOUR + 30), scale.place(2 * HOUR)],
      [0, 0, 1, 1],
    )
  })

  it('leaves time in which something is at work as it is, and all of it when asked', () => {
    const moments = [10, 20, 30, HOUR]
    const busy = [[25, HOUR + 5]] as const
    assert.deepEqual(timeScale(0, HOUR + 30, { moments, busy, fold: true }).folds, [])
    assert.deepEqual(timeScale(0, HOUR + 30, { moments, busy: [], fold: false }).folds, [])
  })

  it('folds nothing where events come evenly', () => {
    const moments = Array.from({ length: 100 }, (_, index) => index * HOUR)
    assert.deepEqual(timeScale(0, 100 * HOUR, { moments, busy: [], fold: true }).folds, [])
  })

  it('keeps the order, and finds back from places to instants', () => {
    const moments = [5, 10, HOUR, HOUR + 4, 3 * HOUR, 3 * HOUR + 7]
    const scale = timeScale(0, 4 * HOUR, { moments, busy: [], fold: true })
    let before = -1
    for (const at of [0, 5, 10, HOUR / 2, HOUR, HOUR + 4, 2 * HOUR, 3 * HOUR, 4 * HOUR]) {
      const place = scale.place(at)
      assert.ok(place > before, `${at} comes after what was before`)
      assert.ok(Math.abs(scale.instant(place) - at) < 1)
      before = place
    }
  })

  it('marks a handful of instants, and none in a fold', () => {
    const scale = timeScale(0, HOUR + 100, { moments: [50, 100, HOUR, HOUR + 50], busy: [], fold: true })
    const marked = ticks(scale, 8)
    assert.ok(marked.length >= 2 && marked.length <= 12, String(marked))
    for (const at of marked) assert.ok(at <= 100 || at >= HOUR, String(at))
  })

  it('marks the instants of a part as they are counted from the beginning of all', () => {
    const part = timeScale(1_234, 5_678, { moments: [], busy: [], fold: false })
    const marked = ticks(part, 8, 0)
    assert.deepEqual(marked, [2_000, 3_000, 4_000, 5_000])
  })

  it('stands a run without any duration', () => {
    const scale = timeScale(5, 5, { moments: [], busy: [], fold: true })
    assert.equal(scale.place(5), 0)
    assert.ok(ticks(scale, 5).length > 0)
  })
})
