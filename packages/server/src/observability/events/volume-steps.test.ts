import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bucketsOf } from './volume-steps.ts'

const micros = (text: string) => BigInt(Date.parse(text)) * 1000n

describe('buckets of time', () => {
  it('begin at round times and cover the span', () => {
    const { stepSeconds, bounds } = bucketsOf(
      micros('2026-05-01T10:07:00Z'),
      micros('2026-05-01T13:00:00Z'),
      20,
    )
    assert.equal(stepSeconds, 600)
    assert.equal(bounds[0], micros('2026-05-01T10:07:00Z'))
    assert.equal(bounds[1], micros('2026-05-01T10:10:00Z'))
    assert.equal(bounds.at(-1), micros('2026-05-01T13:00:00Z'))
  })

  it('are never more than asked for', () => {
    for (const max of [1, 2, 7, 60, 200])
      for (const span of [1n, 999n, 1_000_000n, 86_400_000_000n, 40_000_000_000_000_000n]) {
        const from = 1_770_000_000_123_456n
        const { bounds } = bucketsOf(from, from + span, max)
        assert.ok(bounds.length - 1 <= max, `${max} ${span}`)
        assert.equal(bounds.at(-1), from + span)
        assert.ok(bounds.every((bound, index) => index === 0 || bound > bounds[index - 1]!))
      }
  })
})
