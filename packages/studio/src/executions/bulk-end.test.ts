import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PageJob } from '../jobs/page-job.ts'
import { endInBatches, inBatches, pagesOf } from './bulk-end.ts'

const jobOf = (...parts: Parameters<typeof endInBatches>) =>
  new PageJob({ title: '', total: null, work: endInBatches(...parts), View: () => null })
const ids = (count: number) => Array.from({ length: count }, (_, i) => `e${i}`)
const success = { status: 'success', error: null } as const
const succeed = async (batch: readonly string[]) => Object.fromEntries(batch.map((id) => [id, success]))

describe('ending many executions', () => {
  it('goes in batches, tells how far it is, and of each failure', async () => {
    const sizes: number[] = []
    const told: number[] = []
    const bulk = jobOf(inBatches(ids(250), 100), async (batch) => {
      sizes.push(batch.length)
      return {
        ...(await succeed(batch)),
        ...(batch.includes('e120') ? { e120: { status: 'failure', error: 'has ended' } } : {}),
      }
    })
    bulk.subscribe(() => told.push(bulk.progress.done))
    await bulk.run()
    assert.deepEqual(sizes, [100, 100, 50])
    assert.deepEqual(told, [0, 100, 200, 250, 250])
    assert.deepEqual(bulk.progress, {
      state: 'finished',
      done: 250,
      failed: 1,
      results: [{ executionId: 'e120', error: 'has ended' }],
      error: null,
    })
  })

  it('can be stopped, and goes on', async () => {
    const bulk = jobOf(inBatches(ids(30), 10), async (batch) => {
      if (bulk.progress.done === 10) bulk.stop()
      return succeed(batch)
    })
    await bulk.run()
    assert.deepEqual([bulk.progress.state, bulk.progress.done], ['stopped', 20])
    await bulk.run()
    assert.deepEqual([bulk.progress.state, bulk.progress.done], ['finished', 30])
  })

  it('loses no batch and no page whose call failed', async () => {
    let calls = 0
    const tokens: (string | undefined)[] = []
    const ended: string[] = []
    const pages = pagesOf(async (token) => {
      tokens.push(token)
      if (calls++ === 1) throw new Error('the server is away')
      return token === undefined ? { ids: ['a', 'b'], next: 't' } : { ids: ['b', 'c'], next: null }
    })
    let isRefused = false
    const bulk = jobOf(pages, async (batch) => {
      if (batch.includes('c') && !isRefused) {
        isRefused = true
        throw new Error('busy')
      }
      ended.push(...batch)
      return succeed(batch)
    })
    await bulk.run()
    assert.deepEqual(
      [bulk.progress.state, bulk.progress.error?.message],
      ['interrupted', 'the server is away'],
    )
    await bulk.run()
    assert.deepEqual([bulk.progress.state, bulk.progress.error?.message], ['interrupted', 'busy'])
    await bulk.run()
    assert.deepEqual(bulk.progress, { state: 'finished', done: 3, failed: 0, results: [], error: null })
    assert.deepEqual(ended, ['a', 'b', 'c'])
    assert.deepEqual(tokens, [undefined, 't', 't'])
  })
})
