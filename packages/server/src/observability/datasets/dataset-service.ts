import type { JudgeDefinition, JudgeOutput } from '@tramontane/contract/judges'
import type { Pool } from 'pg'
import type { Caller } from '../../platform/http/auth.ts'
import { ApiError } from '../../platform/http/errors.ts'
import { Slots } from '../../platform/slots.ts'
import type { WorkItem } from '../../platform/tasks/work-queue.ts'
import { isUuid, newUuid, uuidAt } from '../../platform/uuid.ts'
import type { DatasetNeeds } from './dataset-needs.ts'
import type { Dataset, DatasetStore } from './dataset-store.ts'
import type { ImportRequest } from './import-request.ts'
import type { ImportStore, ImportTask } from './import-store.ts'
import { withExport } from './record-copy.ts'
import type { RecordStore, StoredRecord } from './record-store.ts'
import type { RecordText } from './record-text.ts'

type Page = { readonly page: number; readonly page_size: number }

/** Records that are read into memory together: few, since each may have 8 MiB. */
const CHUNK = 8
/** Exports at a time, each on a connection of its own. */
const EXPORTS = 3
/** Hours after which an export goes, and for which the link that was answered works. */
const EXPORT_HOURS = 7 * 24
const LINK_HOURS = 24

function limits({ page, page_size }: Page): { limit: number; offset: number } {
  return { limit: page_size, offset: (page - 1) * page_size }
}

function datasetNotFound(id: string): ApiError {
  return new ApiError('DATASET_NOT_FOUND', `No dataset has the id ${JSON.stringify(id)}.`)
}

function recordNotFound(id: string): ApiError {
  return new ApiError('DATASET_RECORD_NOT_FOUND', `No dataset record has the id ${JSON.stringify(id)}.`)
}

/** Datasets, their records, and what goes in and out of them. */
export class DatasetService {
  readonly #datasets: DatasetStore
  readonly #records: RecordStore
  readonly #imports: ImportStore
  readonly #pool: Pool
  readonly #needs: DatasetNeeds
  readonly #exports = new Slots(EXPORTS)
  #lastMicros = 0n

  constructor(parts: {
    datasets: DatasetStore
    records: RecordStore
    imports: ImportStore
    pool: Pool
    needs: DatasetNeeds
  }) {
    this.#datasets = parts.datasets
    this.#records = parts.records
    this.#imports = parts.imports
    this.#pool = parts.pool
    this.#needs = parts.needs
  }

  list(caller: Caller, query: Page & { q?: string }): Promise<{ datasets: Dataset[]; count: number }> {
    return this.#datasets.list(caller.workspaceId, query.q, limits(query))
  }

  create(caller: Caller, { name, description }: { name: string; description: string }): Promise<Dataset> {
    const { workspaceId, keyId } = caller
    return this.#datasets.add({
      workspace_id: workspaceId,
      id: newUuid(),
      owner_id: keyId,
      name,
      description,
    })
  }

  /** @throws ApiError DATASET_NOT_FOUND */
  async get(caller: Caller, id: string): Promise<Dataset> {
    const dataset = isUuid(id) ? await this.#datasets.find(caller.workspaceId, id) : undefined
    if (!dataset) throw datasetNotFound(id)
    return dataset
  }

  /** Changes what is neither absent nor null. @throws ApiError DATASET_NOT_FOUND */
  async update(
    caller: Caller,
    id: string,
    { name, description }: { name?: string | null; description?: string | null },
  ): Promise<Dataset> {
    const dataset = await this.get(caller, id)
    const changes = { name: name ?? undefined, description: description ?? undefined }
    if (changes.name === undefined && changes.description === undefined) return dataset
    const updated = await this.#datasets.update(caller.workspaceId, id, changes)
    if (!updated) throw datasetNotFound(id)
    return updated
  }

  /** @throws ApiError DATASET_NOT_FOUND */
  async delete(caller: Caller, id: string): Promise<void> {
    if (!isUuid(id) || !(await this.#datasets.delete(caller.workspaceId, id))) throw datasetNotFound(id)
  }

  /** Removes what a deleted dataset left behind. */
  async removeLeftovers({ workspaceId, id, signal }: WorkItem): Promise<void> {
    while (!signal.aborted) {
      if (await this.#datasets.removeRecords(workspaceId, id)) continue
      return this.#datasets.remove(workspaceId, id)
    }
  }

  /**
   * A page of records, some at a time, so that no page is too large for the memory.
   * @throws ApiError DATASET_NOT_FOUND
   */
  async listRecords(
    caller: Caller,
    id: string,
    page: Page,
  ): Promise<{ count: number; records: AsyncGenerator<StoredRecord[]> }> {
    const { workspaceId } = caller
    const { record_count: count } = await this.get(caller, id)
    const ids = await this.#records.idsOfPage(workspaceId, id, limits(page))
    return { count, records: this.#readInChunks(workspaceId, ids) }
  }

  async *#readInChunks(workspaceId: string, ids: readonly string[]): AsyncGenerator<StoredRecord[]> {
    for (let at = 0; at < ids.length; at += CHUNK) {
      const chunk = ids.slice(at, at + CHUNK)
      const found = await this.#records.byIds(workspaceId, chunk)
      yield chunk.map((id) => found.get(id)).filter((record) => record !== undefined)
    }
  }

  /** The ids of up to `limit` records, in the order in which they were added. @throws ApiError DATASET_NOT_FOUND */
  async listRecordIds(
    caller: Caller,
    id: string,
    page: { after?: string; limit: number },
  ): Promise<string[]> {
    await this.get(caller, id)
    return this.#records.idsAfter(caller.workspaceId, id, { after: page.after, limit: page.limit })
  }

  /** @throws ApiError DATASET_NOT_FOUND */
  async createRecord(caller: Caller, datasetId: string, record: RecordText): Promise<StoredRecord> {
    const added = isUuid(datasetId)
      ? await this.#records.add({
          ...record,
          workspaceId: caller.workspaceId,
          datasetId,
          id: this.#nextId(),
          source: 'DIRECT_INPUT',
        })
      : undefined
    if (!added) throw datasetNotFound(datasetId)
    return added
  }

  /** Later than the one before, also within a millisecond: records sort as they came. */
  #nextId(): string {
    const now = BigInt(Date.now()) * 1000n
    this.#lastMicros = now > this.#lastMicros ? now : this.#lastMicros + 1n
    return uuidAt(this.#lastMicros)
  }

  /** @throws ApiError DATASET_RECORD_NOT_FOUND */
  async getRecord(caller: Caller, id: string): Promise<StoredRecord> {
    const found = isUuid(id) ? await this.#records.byIds(caller.workspaceId, [id]) : undefined
    const record = found?.get(id.toLowerCase())
    if (!record) throw recordNotFound(id)
    return record
  }

  /** Deletes all of the records or none. @throws ApiError DATASET_RECORD_NOT_FOUND, naming the first that is missing */
  async deleteRecords(caller: Caller, ids: readonly string[]): Promise<void> {
    const wanted = [...new Set(ids.map((id) => id.toLowerCase()))]
    const missing =
      wanted.find((id) => !isUuid(id)) ?? (await this.#records.delete(caller.workspaceId, wanted))
    if (missing !== undefined) throw recordNotFound(missing)
  }

  /** @throws ApiError DATASET_RECORD_NOT_FOUND */
  async replacePayload(
    caller: Caller,
    id: string,
    payload: Pick<RecordText, 'payload' | 'payloadHasProperties'>,
  ): Promise<void> {
    if (!isUuid(id) || !(await this.#records.replacePayload(caller.workspaceId, id, payload)))
      throw recordNotFound(id)
  }

  /** @throws ApiError DATASET_RECORD_NOT_FOUND */
  async replaceProperties(caller: Caller, id: string, properties: string): Promise<void> {
    if (!isUuid(id) || !(await this.#records.replaceProperties(caller.workspaceId, id, properties)))
      throw recordNotFound(id)
  }

  /** Judges a record at once. @throws ApiError DATASET_RECORD_NOT_FOUND, and the errors of judging */
  async judge(
    caller: Caller,
    id: string,
    definition: JudgeDefinition,
    signal: AbortSignal,
  ): Promise<JudgeOutput> {
    const record = await this.getRecord(caller, id)
    const { messages, tools } = JSON.parse(record.payload)
    const conversation = {
      messages,
      properties: JSON.parse(record.properties),
      enabledTools: Array.isArray(tools) ? tools.filter((tool) => typeof tool === 'object' && tool) : [],
    }
    return this.#needs.judgeConversation(caller.workspaceId, definition, conversation, signal)
  }

  /** Begins an import. @throws ApiError DATASET_NOT_FOUND */
  async import(caller: Caller, datasetId: string, request: ImportRequest): Promise<ImportTask> {
    const { workspaceId, keyId: creatorId } = caller
    const task = isUuid(datasetId)
      ? await this.#imports.add({ workspaceId, id: newUuid(), datasetId, creatorId, request })
      : undefined
    if (!task) throw datasetNotFound(datasetId)
    return task
  }

  /** @throws ApiError DATASET_NOT_FOUND, DATASET_TASK_NOT_FOUND */
  async getTask(caller: Caller, datasetId: string, id: string): Promise<ImportTask> {
    await this.get(caller, datasetId)
    const task = isUuid(id) ? await this.#imports.find(caller.workspaceId, datasetId, id) : undefined
    if (!task)
      throw new ApiError(
        'DATASET_TASK_NOT_FOUND',
        `The dataset has no task with the id ${JSON.stringify(id)}.`,
      )
    return task
  }

  /** @throws ApiError DATASET_NOT_FOUND */
  async listTasks(
    caller: Caller,
    datasetId: string,
    page: Page,
  ): Promise<{ tasks: ImportTask[]; count: number }> {
    await this.get(caller, datasetId)
    return this.#imports.list(caller.workspaceId, datasetId, limits(page))
  }

  /**
   * Writes the dataset into a file of the Files API, which goes after a week.
   * @returns a link to it that needs no key and works for a day
   * @throws ApiError DATASET_NOT_FOUND
   */
  async export(caller: Caller, id: string, signal: AbortSignal): Promise<string> {
    const { workspaceId, keyId: ownerId } = caller
    const { name } = await this.get(caller, id)
    const file = {
      workspaceId,
      ownerId,
      filename: `${name.replaceAll(/[/\\]/g, '-')}.jsonl`,
      mimetype: 'application/jsonl',
      expiryHours: EXPORT_HOURS,
      linkHours: LINK_HOURS,
    }
    const giveBack = await this.#exports.take(signal)
    try {
      return await withExport(this.#pool, { workspaceId, datasetId: id }, signal, (lines) =>
        this.#needs.publishFile(file, lines),
      )
    } finally {
      giveBack()
    }
  }
}
