import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answerLabel, partEnd, searchOf } from './answer-labels.ts'

const output = { type: 'REGRESSION' as const, min: 0, max: 1, min_description: '', max_description: '' }

describe('the names of answers', () => {
  it('are classes, or parts of the range, each ending where the next begins', () => {
    assert.equal(partEnd(0, output), 0.05)
    assert.equal(partEnd(0.95, output), 1)
    assert.equal(partEnd(0.1, output), 0.15)
    assert.equal(answerLabel(0.95, output), '0.95 to 1')
    assert.deepEqual(searchOf(0.05, output), { from: 0.05, to: 0.1 })
    const classes = { type: 'CLASSIFICATION' as const, options: [] }
    assert.equal(answerLabel('good', classes), 'good')
    assert.deepEqual(searchOf('good', classes), { label: 'good' })
  })
})
