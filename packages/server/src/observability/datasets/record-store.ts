import type { ConversationSource } from '@tramontane/contract/datasets'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { type DatasetTables, isVisibleIn } from './dataset-tables.ts'
import type { RecordText } from './record-text.ts'

/** A record with payload and properties as JSON texts. */
export type StoredRecord = Omit<Selectable<DatasetTables['dataset_records']>, 'task_id'>

const columns = sql`
  r.workspace_id, r.id, r.dataset_id, r.payload::text as payload, r.properties::text as properties,
  r.payload_has_properties, r.source, r.created_at, r.updated_at`

/** Records in SQL: of datasets that are not deleted, and of no import that has not completed. */
export class RecordStore {
  readonly #database: Kysely<DatasetTables>

  constructor(database: Database) {
    this.#database = database.withTables<DatasetTables>()
  }

  /** The ids of a page of a dataset's records, in the order in which they were added. */
  async idsOfPage(
    workspaceId: string,
    datasetId: string,
    page: { limit: number; offset: number },
  ): Promise<string[]> {
    const found = await sql<{ id: string }>`
      select r.id from dataset_records r
      where r.workspace_id = ${workspaceId} and r.dataset_id = ${datasetId} and ${isVisibleIn(workspaceId, datasetId)}
      order by r.id limit ${page.limit} offset ${page.offset}`.execute(this.#database)
    return found.rows.map(({ id }) => id)
  }

  /** The ids that follow one (undefined: the first ones), in the order in which the records were added. */
  async idsAfter(
    workspaceId: string,
    datasetId: string,
    { after, limit }: { after: string | undefined; limit: number },
  ): Promise<string[]> {
    const found = await sql<{ id: string }>`
      select r.id from dataset_records r
      where r.workspace_id = ${workspaceId} and r.dataset_id = ${datasetId} and ${isVisibleIn(workspaceId, datasetId)}
        and (${after ?? null}::uuid is null or r.id > ${after ?? null})
      order by r.id limit ${limit}`.execute(this.#database)
    return found.rows.map(({ id }) => id)
  }

  /** The records with these ids, by id. Ask for few: each may have 8 MiB. */
  async byIds(workspaceId: string, ids: readonly string[]): Promise<Map<string, StoredRecord>> {
    const found = await sql<StoredRecord>`
      select ${columns} from dataset_records r
      join datasets d on d.workspace_id = r.workspace_id and d.id = r.dataset_id and d.deleted_at is null
      where r.workspace_id = ${workspaceId} and r.id = any(${ids}::uuid[]) and ${isVisible}`.execute(
      this.#database,
    )
    return new Map(found.rows.map((record) => [record.id, record]))
  }

  /** Adds a record; undefined if the dataset is not there (any more). */
  add(
    record: RecordText & { workspaceId: string; datasetId: string; id: string; source: ConversationSource },
  ): Promise<StoredRecord | undefined> {
    return this.#database.transaction().execute(async (transaction) => {
      const counted = await sql`
        update datasets set record_count = record_count + 1
        where workspace_id = ${record.workspaceId} and id = ${record.datasetId} and deleted_at is null`.execute(
        transaction,
      )
      if (counted.numAffectedRows === 0n) return undefined
      const added = await sql<StoredRecord>`
        insert into dataset_records as r (workspace_id, id, dataset_id, payload, properties, payload_has_properties, source)
        values (${record.workspaceId}, ${record.id}, ${record.datasetId}, ${record.payload}, ${record.properties},
          ${record.payloadHasProperties}, ${record.source})
        returning ${columns}`.execute(transaction)
      return added.rows[0]
    })
  }

  /** @returns whether there was such a record */
  async replacePayload(
    workspaceId: string,
    id: string,
    { payload, payloadHasProperties }: Pick<RecordText, 'payload' | 'payloadHasProperties'>,
  ): Promise<boolean> {
    const updated = await sql`
      update dataset_records r set payload = ${payload}, payload_has_properties = ${payloadHasProperties}, updated_at = now()
      where r.workspace_id = ${workspaceId} and r.id = ${id} and ${isInDataset} and ${isVisible}`.execute(
      this.#database,
    )
    return updated.numAffectedRows === 1n
  }

  /** @returns whether there was such a record */
  async replaceProperties(workspaceId: string, id: string, properties: string): Promise<boolean> {
    const updated = await sql`
      update dataset_records r set properties = ${properties}, updated_at = now()
      where r.workspace_id = ${workspaceId} and r.id = ${id} and ${isInDataset} and ${isVisible}`.execute(
      this.#database,
    )
    return updated.numAffectedRows === 1n
  }

  /**
   * Deletes records, all or none.
   * @param ids each once
   * @returns the first id that is not there; undefined if all were deleted
   */
  async delete(workspaceId: string, ids: readonly string[]): Promise<string | undefined> {
    return this.#database.transaction().execute(async (transaction) => {
      // Locked in one order: two deletions that overlap wait for each other instead of deadlocking.
      const locked = await sql<{ id: string; dataset_id: string }>`
        select r.id, r.dataset_id from dataset_records r
        where r.workspace_id = ${workspaceId} and r.id = any(${ids}::uuid[]) and ${isInDataset} and ${isVisible}
        order by r.id for update of r`.execute(transaction)
      const found = new Set(locked.rows.map(({ id }) => id))
      const missing = ids.find((id) => !found.has(id))
      if (missing !== undefined) return missing
      await sql`delete from dataset_records where workspace_id = ${workspaceId} and id = any(${ids}::uuid[])`.execute(
        transaction,
      )
      const byDataset = Map.groupBy(locked.rows, ({ dataset_id }) => dataset_id)
      for (const [datasetId, records] of [...byDataset].sort(([a], [b]) => (a < b ? -1 : 1))) {
        await sql`
          update datasets set record_count = record_count - ${records.length}
          where workspace_id = ${workspaceId} and id = ${datasetId}`.execute(transaction)
      }
      return undefined
    })
  }
}

const isVisible = sql`not exists (
  select from dataset_import_tasks t where t.workspace_id = r.workspace_id and t.id = r.task_id and t.staged)`
const isInDataset = sql`exists (
  select from datasets d where d.workspace_id = r.workspace_id and d.id = r.dataset_id and d.deleted_at is null)`
