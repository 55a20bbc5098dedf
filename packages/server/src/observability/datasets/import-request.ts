import type { ConversationSource } from '@tramontane/contract/datasets'
import type { RecordText } from './record-text.ts'

/** What an import was asked for; kept with its task. */
export type ImportRequest =
  | { readonly kind: 'file'; readonly fileId: string }
  | { readonly kind: 'campaign'; readonly campaignId: string }
  | { readonly kind: 'explorer' | 'playground' | 'dataset'; readonly ids: readonly string[] }

/** How far an import has read. Kept with its task, in the transaction that keeps the records read up to there. */
export interface ImportPosition {
  /** Bytes of a file, or ids. */
  readonly at: number
  /** Lines of a file that have been read. */
  readonly lines?: number
  /** Events of a campaign that had nothing to import. */
  readonly leftOut?: number
}

/** The start of every import. */
export const START: ImportPosition = { at: 0 }

export type ImportedRecord = RecordText & { readonly source: ConversationSource }

/** Records that are committed together, with where the source stands after them. */
export interface ImportBatch {
  readonly records: readonly ImportedRecord[]
  readonly position: ImportPosition
  /** 0…99: an import is at 100 when it has completed. */
  readonly progress: number
}

/** Why an import cannot succeed, whoever tries again; the sentence becomes the task's message. */
export class ImportError extends Error {
  override readonly name = 'ImportError'
}

/** Records, or their bytes, after which a batch is committed. */
const BATCH_RECORDS = 2_000
const BATCH_BYTES = 4 * 1024 * 1024

/** Gathers records until they are worth a transaction. */
export class BatchBuilder {
  #records: ImportedRecord[] = []
  #size = 0

  get isFull(): boolean {
    return this.#records.length >= BATCH_RECORDS || this.#size >= BATCH_BYTES
  }

  add(record: ImportedRecord): void {
    this.#records.push(record)
    this.#size += record.payload.length + record.properties.length
  }

  /** What was gathered, and begins anew. @param done how much of the whole has been read, 0…1 */
  take(position: ImportPosition, done: number): ImportBatch {
    const records = this.#records
    this.#records = []
    this.#size = 0
    return { records, position, progress: Math.min(99, Math.floor(done * 100)) }
  }
}
