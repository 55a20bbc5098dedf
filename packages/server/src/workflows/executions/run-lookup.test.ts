import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Run } from './run.ts'
import { RunLookup } from './run-lookup.ts'

const DEADLINE_EXCEEDED = 4

/** A Temporal that does not answer in time, or is known to be away. */
describe('the newest run of an execution, while Temporal does not answer', () => {
  const lookup = (row: Partial<Run>, unavailable: string | null) => {
    const late = Object.assign(new Error('late'), { code: DEADLINE_EXCEEDED, details: 'late' })
    return new RunLookup({
      temporal: {
        unavailable,
        of: async () => ({ withDeadline: () => Promise.reject(late) }),
      },
      store: { findNewest: async () => row },
      started: { written: async () => {} },
    } as unknown as ConstructorParameters<typeof RunLookup>[0])
  }
  const ended = { runId: 'a run', endTime: new Date(), nextRunId: null }

  it('is one that has ended, and in whose place none goes on', async () => {
    for (const unavailable of [null, 'away']) {
      const run = await lookup({ ...ended, status: 'COMPLETED' }, unavailable).newest('workspace', 'id')
      assert.equal(run.status, 'COMPLETED')
    }
  })

  it('cannot be told if another goes on in its place, or it is open', async () => {
    const rows: Partial<Run>[] = [
      { ...ended, status: 'CONTINUED_AS_NEW' },
      { ...ended, status: 'FAILED', nextRunId: 'the next try' },
      { ...ended, status: 'RUNNING', endTime: null },
    ]
    for (const row of rows)
      for (const unavailable of [null, 'away'])
        await assert.rejects(lookup(row, unavailable).newest('workspace', 'id'), { code: 'WF_1103' })
  })
})
