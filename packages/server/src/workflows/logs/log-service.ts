import type { LogRecord as WireRecord } from '@tramontane/contract/logs'
import { GroupCommit } from '../../platform/database/group-commit.ts'
import { isoOfNanos } from '../../platform/nanos.ts'
import type { Intake } from './log-intake.ts'
import type { LogReadStore } from './log-read-store.ts'
import { type LogFilter, type LogRecord, topicOf } from './log-record.ts'
import { type LogWindow, toCursor } from './log-window.ts'
import type { LogWriteStore } from './log-write-store.ts'

/** Exports that are stored at a time. */
const AT_ONCE = 4

interface LogExport {
  readonly workspaceId: string
  readonly hash: Buffer
  readonly records: readonly LogRecord[]
}

/** A record on the wire. */
export function toWire(record: LogRecord): WireRecord {
  return {
    timestamp: isoOfNanos(record.timeNanos),
    trace_id: record.traceId ?? '',
    span_id: record.spanId ?? '',
    severity_text: record.severityText,
    body: record.body,
    log_attributes: Object.fromEntries(record.attributes),
  }
}

/** The rules of logs: what is taken is stored once, and read by time. */
export class LogService {
  readonly #writes: LogWriteStore
  readonly #line: GroupCommit<LogExport>
  readonly #reads: LogReadStore

  /** @param announce is told of which logs records were committed */
  constructor(writes: LogWriteStore, reads: LogReadStore, announce: (topics: Iterable<string>) => void) {
    this.#writes = writes
    // Exports of a workspace wait for each other in the database: few of them may do it with its connections.
    this.#line = new GroupCommit(
      async ([sent]) => {
        if (await writes.add(sent!.workspaceId, sent!.hash, sent!.records))
          announce(topicsOf(sent!.workspaceId, sent!.records))
      },
      { maxBatch: 1, maxConcurrent: AT_ONCE },
    )
    this.#reads = reads
  }

  /**
   * Stores the records of an export; resolves when they are committed.
   * @param hash of the export's body: an exporter that had no answer sends the same bytes again, which changes nothing
   */
  async add(workspaceId: string, hash: Buffer, { records }: Intake): Promise<void> {
    await this.#line.add({ workspaceId, hash, records })
  }

  /** A page of the log that `filter` means. */
  async page(
    workspaceId: string,
    filter: LogFilter,
    window: LogWindow,
    limit: number,
  ): Promise<{ results: WireRecord[]; next_cursor: string | null }> {
    const found = await this.#reads.page(workspaceId, filter, window, limit + 1)
    const records = found.slice(0, limit)
    const last = records.at(-1)
    return {
      results: records.map(toWire),
      next_cursor: found.length > limit && last ? toCursor(window, last) : null,
    }
  }

  /** Deletes the records that are older than the configured days. */
  async deleteExpired(retentionDays: number): Promise<void> {
    const before = BigInt(Date.now() - retentionDays * 86_400_000) * 1_000_000n
    while ((await this.#writes.deleteSomeBefore(before)) > 0);
  }

  /** Forgets exports that nobody sends again any more. */
  forgetExports(): Promise<void> {
    return this.#writes.forgetExports()
  }
}

function topicsOf(workspaceId: string, records: readonly LogRecord[]): Set<string> {
  const topics = new Set<string>()
  for (const { executionId, deploymentName } of records) {
    if (executionId !== null) topics.add(topicOf(workspaceId, { executionId }))
    if (deploymentName !== null) topics.add(topicOf(workspaceId, { deploymentName }))
  }
  return topics
}
