import type { LogReadStore } from './log-read-store.ts'
import type { LogFilter, StoredLogRecord } from './log-record.ts'

/** Records read at once. */
const BATCH = 100
/** Sequences looked through at once: a log of few lines among many of others takes several looks, none of them long. */
const SPAN = 50_000

/** Where a reader of a log begins: after a sequence that it knows, or at the first record from an instant on. */
export type LogStart = { readonly sequence: number } | { readonly after: bigint | null }

/**
 * Follows a log, in batches: first what there is, then what comes, in the order of the commits, nothing twice and
 * nothing left out.
 * @param wait resolves when something new may be there; called before each look
 * @param isOver asked when all that there is has been given out; true ends it
 * @param signal ends it
 */
export async function* followLog(
  store: LogReadStore,
  log: { workspaceId: string; filter: LogFilter; start: LogStart },
  {
    wait,
    isOver,
    signal,
  }: { wait: () => Promise<void>; isOver: () => Promise<boolean>; signal: AbortSignal },
): AsyncGenerator<readonly StoredLogRecord[]> {
  const { workspaceId, filter, start } = log
  const after = 'after' in start ? start.after : null
  let position: number | undefined = 'sequence' in start ? start.sequence : undefined
  while (!signal.aborted) {
    const news = wait()
    const head = await store.head(workspaceId)
    if (position === undefined) {
      const first = await store.first(workspaceId, filter, after)
      // Nothing there: from now on. What is committed meanwhile comes after `head`.
      position = first === undefined ? head : first - 1
    }
    while (position < head && !signal.aborted) {
      const to: number = Math.min(head, position + SPAN)
      const records = await store.between(workspaceId, filter, { from: position, to, after, limit: BATCH })
      if (records.length > 0) yield records
      position = records.length === BATCH ? records.at(-1)!.sequence : to
    }
    if (signal.aborted || (await isOver())) return
    await news
  }
}
