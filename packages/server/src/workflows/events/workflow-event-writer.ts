import type { WorkflowEvent } from '@tramontane/contract/workflow-events'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import { answerInTime } from '../../platform/database/answer-in-time.ts'
import { GroupCommit } from '../../platform/database/group-commit.ts'
import { ApiError } from '../../platform/http/errors.ts'
import type { NewEventRow } from './workflow-event-row.ts'
import type { WorkflowEventStore } from './workflow-event-store.ts'

/** What is held in memory while the database stalls. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024
const MAX_BATCH_BYTES = 4 * 1024 * 1024
/** How long an event may wait for its commit until its sender is told to send it again. */
const PATIENCE_MS = 20_000

interface Entry {
  readonly row: NewEventRow
  /** Set when the event itself is at fault, so that the others of its batch are committed without it. */
  error?: unknown
}

/** Events that were sent together: they are committed together, or none of them is. */
interface Request {
  readonly entries: readonly Entry[]
  readonly bytes: number
}

/** Is told of events when they are committed: those that were not there before. */
export type OnStored = (workspaceId: string, events: readonly WorkflowEvent[]) => void

/** Whether the database refused what was to be stored, rather than to work at all. */
function isDataError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(22|23|54)/.test(String(error.code))
}

/** One of several entries that report the same: the first. */
function withoutTwins(entries: readonly Entry[]): NewEventRow[] {
  const seen = new Set<string>()
  const rows: NewEventRow[] = []
  for (const { row } of entries) {
    const names = [`id ${row.event.event_id}`, ...(row.identity === null ? [] : [`identity ${row.identity}`])]
    if (names.some((name) => seen.has(name))) continue
    for (const name of names) seen.add(name)
    rows.push(row)
  }
  return rows
}

/**
 * Writes events, many in one commit, each once. The events of a workspace are written by one transaction after the
 * other, since they wait for each other at its counter anyway; so they are stored in the order in which they came.
 */
export class WorkflowEventWriter {
  readonly #store: WorkflowEventStore
  readonly #onStored: OnStored
  readonly #logger: Logger
  readonly #stored: Counter
  readonly #groups = new Map<string, GroupCommit<Request>>()
  #waitingBytes = 0

  constructor(
    parts: { store: WorkflowEventStore; onStored: OnStored },
    platform: { logger: Logger; metrics: Registry },
  ) {
    this.#store = parts.store
    this.#onStored = parts.onStored
    this.#logger = platform.logger
    this.#stored = new Counter({
      name: 'tramontane_workflow_events_stored_total',
      help: 'Events of workflows committed',
      registers: [platform.metrics],
    })
  }

  /**
   * Stores events in this order; resolves when they are committed, also if they were there already.
   * @param before gives what is to be stored together with them, and before them
   * @returns the places (in `rows`) of events that the database refused, with why
   * @throws ApiError TOO_MANY_REQUESTS while the database is far behind, DATABASE_UNAVAILABLE if it does not answer in
   *   time; the database's error; what `before` throws
   */
  async write(
    workspaceId: string,
    rows: readonly NewEventRow[],
    before?: () => Promise<readonly NewEventRow[]>,
  ): Promise<Map<number, unknown>> {
    if (rows.length === 0) return new Map()
    if (this.#waitingBytes > MAX_WAITING_BYTES)
      throw new ApiError('TOO_MANY_REQUESTS', 'More events wait to be stored than the server can hold.', {
        retryAfter: 1,
      })
    const entries: Entry[] = rows.map((row) => ({ row }))
    await answerInTime(this.#add(workspaceId, entries, before), PATIENCE_MS)
    return new Map(
      entries.flatMap(({ error }, place) => (error === undefined ? [] : [[place, error] as const])),
    )
  }

  async #add(
    workspaceId: string,
    entries: readonly Entry[],
    before?: () => Promise<readonly NewEventRow[]>,
  ): Promise<void> {
    const bytes = entries.reduce((sum, { row }) => sum + row.bytes, 0)
    this.#waitingBytes += bytes
    try {
      // Who has nothing to wait for keeps its place.
      const first = before ? (await before()).map((row): Entry => ({ row })) : []
      await this.#groupOf(workspaceId).add({ entries: [...first, ...entries], bytes })
    } finally {
      this.#waitingBytes -= bytes
    }
  }

  #groupOf(workspaceId: string): GroupCommit<Request> {
    let group = this.#groups.get(workspaceId)
    if (!group) {
      group = new GroupCommit(
        (requests) =>
          this.#writeAll(
            workspaceId,
            requests.flatMap(({ entries }) => entries),
          ),
        { maxBatch: MAX_BATCH_BYTES, maxConcurrent: 1, weigh: ({ bytes }) => bytes },
      )
      this.#groups.set(workspaceId, group)
    }
    return group
  }

  async #writeAll(workspaceId: string, entries: readonly Entry[]): Promise<void> {
    try {
      await this.#insert(workspaceId, entries)
    } catch (error) {
      if (!isDataError(error)) throw error
      for (const entry of entries) await this.#writeAlone(workspaceId, entry)
    }
  }

  async #writeAlone(workspaceId: string, entry: Entry): Promise<void> {
    try {
      await this.#insert(workspaceId, [entry])
    } catch (error) {
      if (!isDataError(error)) throw error
      this.#logger.error({ err: error, event: entry.row.event.event_id }, 'an event cannot be stored')
      entry.error = error
    }
  }

  async #insert(workspaceId: string, entries: readonly Entry[]): Promise<void> {
    const rows = withoutTwins(entries)
    const isNew = await this.#store.insert(workspaceId, rows)
    if (isNew.size === 0) return
    this.#stored.inc(isNew.size)
    this.#onStored(
      workspaceId,
      rows.flatMap(({ event }) => (isNew.has(event.event_id) ? [event] : [])),
    )
  }
}
