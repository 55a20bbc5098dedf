import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pino } from 'pino'
import type { EventPartitions } from './event-partitions.ts'
import { type DeleteBefore, deleteOldEvents } from './retention.ts'

/** With deletions that count instead of deleting; what they do in the database is in `event-import.test.ts`. */
describe('deleting old events', () => {
  const deleteOld = (deletions: readonly DeleteBefore[], signal = new AbortController().signal) =>
    deleteOldEvents({
      days: 1,
      now: BigInt(Date.now()) * 1_000n,
      partitions: { list: async () => [] } as unknown as EventPartitions,
      deletions,
      logger: pino({ level: 'silent' }),
      signal,
    })

  it('leaves off between two batches when the server stops', async () => {
    const stopping = new AbortController()
    let batches = 0
    const endless: DeleteBefore = async (_id, limit) => {
      if (++batches === 3) stopping.abort()
      return limit
    }
    const never: DeleteBefore = () => assert.fail('it was told to stop')
    await deleteOld([endless, never], stopping.signal)
    assert.equal(batches, 3)
  })

  it('goes on with the others when one of them fails, and tells of it', async () => {
    let done = 0
    const fails: DeleteBefore = async () => {
      throw new Error('canceling statement due to statement timeout')
    }
    const works: DeleteBefore = async () => {
      done++
      return 0
    }
    await assert.rejects(deleteOld([fails, works, works]), /statement timeout/)
    assert.equal(done, 2)
  })
})
