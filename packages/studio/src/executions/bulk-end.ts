import type { Work } from '../jobs/page-job.ts'

/** What came of one execution, as the batch operations answer it. */
export interface BatchResult {
  readonly status: 'success' | 'failure'
  readonly error: string | null
}

export interface BulkFailure {
  readonly executionId: string
  readonly error: string
}

/**
 * Ends many executions, in batches, one after the other. It leaves off between two batches; a batch whose call failed comes first
 * when it goes on.
 * @param batches the ids of executions, each list no longer than a call takes
 * @param end makes the call
 */
export function endInBatches(
  batches: AsyncIterable<readonly string[]>,
  end: (ids: readonly string[]) => Promise<Readonly<Record<string, BatchResult>>>,
): Work<BulkFailure> {
  const left = batches[Symbol.asyncIterator]()
  let pending: readonly string[] | undefined
  return async (report, signal) => {
    while (!signal.aborted) {
      pending ??= await next(left)
      if (!pending || signal.aborted) return
      const results = await end(pending)
      const failures = Object.entries(results)
        .filter(([, { status }]) => status === 'failure')
        .map(([executionId, { error }]) => ({ executionId, error: error ?? 'It failed.' }))
      report({ done: pending.length, failed: failures.length, results: failures })
      pending = undefined
    }
  }
}

async function next(batches: AsyncIterator<readonly string[]>): Promise<readonly string[] | undefined> {
  const { done, value } = await batches.next()
  return done ? undefined : value
}

/** Lists as long as a call takes. */
export async function* inBatches(ids: readonly string[], size: number): AsyncGenerator<readonly string[]> {
  for (let at = 0; at < ids.length; at += size) yield ids.slice(at, at + size)
}

/** A page of a list: the ids of executions, and the token of the page after it. */
export interface IdPage {
  readonly ids: readonly string[]
  readonly next: string | null
}

/** The ids on all pages of a list, each once; a page whose reading failed is read again when it is asked for again. */
export function pagesOf(
  read: (token: string | undefined) => Promise<IdPage>,
): AsyncIterable<readonly string[]> {
  const seen = new Set<string>()
  let token: string | null | undefined
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        for (;;) {
          if (token === null) return { done: true, value: undefined }
          const page = await read(token)
          token = page.next
          const ids = page.ids.filter((id) => !seen.has(id))
          for (const id of ids) seen.add(id)
          if (ids.length > 0) return { done: false, value: ids }
        }
      },
    }),
  }
}
