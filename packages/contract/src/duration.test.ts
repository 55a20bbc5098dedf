import assert from 'node:assert/strict'
import { it } from 'node:test'
import { duration, durationSeconds } from './duration.ts'

it('a duration is read as seconds, as Python writes it too', () => {
  for (const [text, seconds] of [
    ['PT1H', 3600],
    ['PT1H30M5S', 5405],
    ['PT0.5S', 0.5],
    ['PT0,25S', 0.25],
    ['P1D', 86_400],
    ['P1DT2H', 93_600],
    ['P2W', 1_209_600],
    ['P1Y35D', 400 * 86_400],
    ['P1M', 30 * 86_400],
    ['PT0S', 0],
    ['-PT10S', -10],
    ['+PT10S', 10],
  ] as const)
    assert.equal(durationSeconds(text), seconds, text)
  for (const text of ['', 'P', 'PT', 'P1DT', '1H', 'PT1', 'PT1H ', 'PT-1S', 'P1H', `PT${'9'.repeat(40)}S`])
    assert.equal(durationSeconds(text), undefined, text)
  assert.equal(duration.parse(90), 90)
  assert.equal(duration.parse('PT90S'), 90)
  assert.equal(duration.safeParse('soon').success, false)
})
