import { counted } from '../../platform/amounts.ts'
import type { WorkItem } from '../../platform/tasks/work-queue.ts'
import { type ImportBatch, ImportError, START } from './import-request.ts'
import type { ImportSources } from './import-sources.ts'
import type { ImportStore, ImportWork } from './import-store.ts'

/** SQLSTATE classes that the data itself causes: it is refused whenever it is tried. */
const REFUSED = /^(22|54)/

/** Carries out imports, from wherever they were left. */
export class ImportRunner {
  readonly #store: ImportStore
  readonly #sources: ImportSources

  constructor(store: ImportStore, sources: ImportSources) {
    this.#store = store
    this.#sources = sources
  }

  /** Brings an import to its end: all records visible at once, or none left. */
  async run({ workspaceId, id, signal }: WorkItem): Promise<void> {
    const work = await this.#store.load(workspaceId, id)
    if (!work) return
    if (work.status === 'RUNNING') await this.#import(work, signal)
    const after = await this.#store.load(workspaceId, id)
    if (after?.status !== 'FAILED' || !after.staged) return
    while (!signal.aborted && (await this.#store.discard(after)));
  }

  async #import(start: ImportWork, signal: AbortSignal): Promise<void> {
    // While one batch is being committed, the next one is read.
    let committed: Promise<ImportWork | undefined> = Promise.resolve(start)
    try {
      const from = start.position ?? START
      for await (const batch of this.#sources.read(start.workspaceId, start.request, from)) {
        const work = await committed
        if (!work || signal.aborted) return
        committed = this.#stage(work, batch)
        // Awaited in the next round; a batch that fails while the next is being read is no unhandled rejection.
        committed.catch(() => {})
      }
      const work = await committed
      if (work && !signal.aborted) await this.#store.complete(work, summary(work))
    } catch (error) {
      if (!(error instanceof ImportError)) throw error
      const work = await committed.catch(() => start)
      const last = work && (await this.#store.load(work.workspaceId, work.id))
      if (last && !signal.aborted) await this.#store.fail(last, error.message)
    }
  }

  async #stage(work: ImportWork, batch: ImportBatch): Promise<ImportWork | undefined> {
    try {
      return await this.#store.stage(work, batch)
    } catch (cause) {
      if (!REFUSED.test(String((cause as { code?: unknown }).code))) throw cause
      const first = work.records + 1
      throw new ImportError(
        `The database refuses one of the records ${first} to ${work.records + batch.records.length}: ${(cause as Error).message}. Nothing was imported.`,
        { cause },
      )
    }
  }
}

function summary({ records, position }: ImportWork): string {
  const leftOut = position?.leftOut ?? 0
  const imported = `${counted(records, 'record')} imported`
  return leftOut === 0
    ? imported
    : `${imported}; left out: ${counted(leftOut, 'event')} of the campaign, without an annotation or gone`
}
