import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { firstUuidAt } from '../../platform/uuid.ts'
import { type EventPartitions, partitionRange } from './event-partitions.ts'

const DAY_MICROS = 24n * 3600n * 1_000_000n
const BATCH = 2_000

/** Deletes what belongs to events older than the one with this id, at most `limit` rows; gives how many. */
export type DeleteBefore = (eventId: string, limit: number) => Promise<number>

/**
 * Deletes events older than the retention: whole months are dropped, the rest goes in batches small enough to hold
 * nothing up.
 * @param options.now microseconds since 1970
 */
export async function deleteOldEvents(options: {
  days: number
  now: bigint
  partitions: EventPartitions
  deletions: readonly DeleteBefore[]
  logger: Logger
}): Promise<void> {
  const { partitions, deletions, logger } = options
  const limit = options.now - BigInt(options.days) * DAY_MICROS
  const firstKept = firstUuidAt(limit < 0n ? 0n : limit)
  for (const suffix of (await partitions.list()).toReversed()) {
    if (partitionRange(suffix)!.to > limit) break
    if (await partitions.drop(suffix))
      logger.info({ month: suffix }, 'a month past its retention was dropped')
  }
  for (const remove of deletions) {
    while ((await remove(firstKept, BATCH)) >= BATCH) await delay(20)
  }
}
