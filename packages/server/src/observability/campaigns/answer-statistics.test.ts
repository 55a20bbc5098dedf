import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JudgeAnswerDefinition } from '@tramontane/contract/judges'
import { correlation, countAnswers, kappa, partOf, summarise } from './answer-statistics.ts'

const scores: JudgeAnswerDefinition = {
  type: 'REGRESSION',
  min: 0,
  max: 1,
  min_description: '',
  max_description: '',
}
const classes: JudgeAnswerDefinition = {
  type: 'CLASSIFICATION',
  options: ['good', 'bad', 'never'].map((value) => ({ value, description: '' })),
}

describe('statistics of answers', () => {
  it('count classes in the order of the judge, also those that nobody gave', () => {
    assert.deepEqual(countAnswers(['bad', 'good', 'bad'], classes), [
      { answer: 'good', count: 1 },
      { answer: 'bad', count: 2 },
      { answer: 'never', count: 0 },
    ])
  })

  it('put scores into equal parts, with both ends of the range', () => {
    const counts = countAnswers([0, 0.049, 0.05, 0.5, 1], scores)
    assert.equal(counts.length, 20)
    assert.deepEqual(
      counts.filter(({ count }) => count > 0),
      [
        { answer: 0, count: 2 },
        { answer: 0.05, count: 1 },
        { answer: 0.5, count: 1 },
        { answer: 0.95, count: 1 },
      ],
    )
    assert.equal(partOf('good', classes), 'good')
  })

  it('summarise scores', () => {
    assert.deepEqual(summarise([3, 1, 2, 10]), { min: 1, max: 10, mean: 4, median: 2.5 })
    assert.equal(summarise([]), null)
    assert.equal(summarise(['good']), null)
  })

  it('tell agreement beyond chance', () => {
    const pair = (a: string, b: string, count: number) =>
      Array.from({ length: count }, () => ({ this: a, other: b }))
    // A known example: 20 and 15 agreeing, 5 and 10 not.
    const pairs = [
      ...pair('yes', 'yes', 20),
      ...pair('yes', 'no', 5),
      ...pair('no', 'yes', 10),
      ...pair('no', 'no', 15),
    ]
    assert.ok(Math.abs(kappa(pairs)! - 0.4) < 1e-9)
    assert.equal(kappa(pair('yes', 'yes', 3)), null)
    assert.equal(kappa([]), null)
  })

  it('tell how scores go together', () => {
    const pairs = [1, 2, 3].map((value) => ({ this: value, other: 10 - 2 * value }))
    assert.ok(Math.abs(correlation(pairs)! + 1) < 1e-9)
    assert.equal(
      correlation([
        { this: 1, other: 2 },
        { this: 1, other: 3 },
      ]),
      null,
    )
    assert.equal(correlation([]), null)
  })
})
