import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { firstUuidAt } from '../../platform/uuid.ts'
import { type EventPartitions, partitionRange } from './event-partitions.ts'

const DAY_MICROS = 24n * 3600n * 1_000_000n
const BATCH = 2_000
const PAUSE_MS = 20

/** Deletes what belongs to events older than the one with this id, at most `limit` rows; gives how many. */
export type DeleteBefore = (eventId: string, limit: number) => Promise<number>

/**
 * Deletes events older than the retention: whole months are dropped, the rest goes in batches small enough to hold
 * nothing up.
 * @param options.now microseconds since 1970
 * @param options.signal leaves off; what is left is deleted the next time
 * @throws what one of the deletions did, after all others
 */
export async function deleteOldEvents(options: {
  days: number
  now: bigint
  partitions: EventPartitions
  deletions: readonly DeleteBefore[]
  logger: Logger
  signal: AbortSignal
}): Promise<void> {
  const { partitions, deletions, logger, signal } = options
  const limit = options.now - BigInt(options.days) * DAY_MICROS
  const firstKept = firstUuidAt(limit < 0n ? 0n : limit)
  for (const suffix of (await partitions.list()).toReversed()) {
    if (partitionRange(suffix)!.to > limit || signal.aborted) break
    if (await partitions.drop(suffix))
      logger.info({ month: suffix }, 'a month past its retention was dropped')
  }
  const failures: unknown[] = []
  for (const remove of deletions) {
    try {
      while (!signal.aborted && (await remove(firstKept, BATCH)) >= BATCH) await delay(PAUSE_MS)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
