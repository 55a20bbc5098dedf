import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApiError } from '../api/api-error.ts'
import { answerCounts, judgeAll, type Outcome } from './bulk-judging.ts'

const ids = Array.from({ length: 20 }, (_, index) => `${index}`)
const verdict = (answer: string) => ({ answer, analysis: '' })

describe('judging many records', () => {
  it('judges each once, a few at a time', async () => {
    const outcomes: Outcome[] = []
    let atWork = 0
    let most = 0
    const reason = await judgeAll(
      ids,
      async (id) => {
        most = Math.max(most, ++atWork)
        await new Promise(setImmediate)
        atWork--
        if (id === '3') throw new Error('a bad one')
        return verdict(Number(id) % 2 === 0 ? 'even' : 'odd')
      },
      { signal: new AbortController().signal, onOutcome: (outcome) => outcomes.push(outcome) },
    )
    assert.equal(reason, undefined)
    assert.equal(most, 4)
    assert.deepEqual(new Set(outcomes.map(({ recordId }) => recordId)), new Set(ids))
    assert.deepEqual(answerCounts(outcomes), [
      { answer: 'even', count: 10 },
      { answer: 'odd', count: 9 },
    ])
  })

  it('gives up when nothing can be judged, and says why', async () => {
    let calls = 0
    const missing = new ApiError('set it', { status: 503, code: 'PROVIDER_NOT_CONFIGURED' })
    const options = { signal: new AbortController().signal, onOutcome: () => {} }
    const fail = (error: Error) => () => {
      calls++
      return Promise.reject(error)
    }
    assert.equal(await judgeAll(ids, fail(missing), options), 'set it')
    assert.ok(calls <= 4)
    calls = 0
    assert.equal(await judgeAll(ids, fail(new Error('down')), options), 'down')
    assert.ok(calls < 12)
  })

  it('leaves off when it is told to', async () => {
    const control = new AbortController()
    const outcomes: Outcome[] = []
    await judgeAll(ids, async () => verdict('x'), {
      signal: control.signal,
      onOutcome: (outcome) => {
        outcomes.push(outcome)
        control.abort()
      },
    })
    assert.ok(outcomes.length <= 4)
  })
})
