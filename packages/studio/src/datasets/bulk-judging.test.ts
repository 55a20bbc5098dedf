import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApiError } from '../api/api-error.ts'
import { PageJob } from '../jobs/page-job.ts'
import { answerCounts, judgeEach, type Outcome } from './bulk-judging.ts'

const ids = Array.from({ length: 20 }, (_, index) => `${index}`)
const verdict = (answer: string) => ({ answer, analysis: '' })
const jobOf = (judge: Parameters<typeof judgeEach>[1]) =>
  new PageJob<Outcome>({ title: '', total: ids.length, work: judgeEach(ids, judge), View: () => null })

describe('judging many records', () => {
  it('judges each once, a few at a time', async () => {
    let atWork = 0
    let most = 0
    const job = jobOf(async (id) => {
      most = Math.max(most, ++atWork)
      await new Promise(setImmediate)
      atWork--
      if (id === '3') throw new Error('a bad one')
      return verdict(Number(id) % 2 === 0 ? 'even' : 'odd')
    })
    await job.run()
    const { state, done, failed, results } = job.progress
    assert.deepEqual([state, done, failed, most], ['finished', 20, 1, 4])
    assert.deepEqual(new Set(results.map(({ recordId }) => recordId)), new Set(ids))
    assert.deepEqual(answerCounts(results), [
      { answer: 'even', count: 10 },
      { answer: 'odd', count: 9 },
    ])
  })

  it('gives up when nothing can be judged, says why, and goes on with the others', async () => {
    let calls = 0
    const missing = new ApiError('set it', { status: 503, code: 'PROVIDER_NOT_CONFIGURED' })
    const fail = (error: Error) => () => {
      calls++
      return Promise.reject(error)
    }
    const first = jobOf(fail(missing))
    await first.run()
    assert.equal(first.progress.state, 'interrupted')
    assert.match(first.progress.error!.message, /given up: set it/)
    assert.ok(calls <= 4)
    calls = 0
    let isDown = true
    const second = jobOf(async () => {
      calls++
      if (isDown) throw new Error('down')
      return verdict('x')
    })
    await second.run()
    assert.match(second.progress.error!.message, /down/)
    assert.ok(calls < 12)
    isDown = false
    await second.run()
    assert.deepEqual([second.progress.state, second.progress.done], ['finished', 20])
  })

  it('leaves off when it is told to, and goes on with what was under way', async () => {
    let isSlow = true
    const job = jobOf(async (id, signal) => {
      if (id === '0') queueMicrotask(() => job.stop())
      else if (isSlow)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
      return verdict('x')
    })
    await job.run()
    assert.deepEqual([job.progress.state, job.progress.done], ['stopped', 1])
    isSlow = false
    await job.run()
    assert.deepEqual([job.progress.state, job.progress.done, job.progress.failed], ['finished', 20, 0])
  })
})
