import { type Kysely, type Selectable, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { addWork } from '../../platform/tasks/work-queue.ts'
import type { DatasetTables } from './dataset-tables.ts'

export type Dataset = Selectable<DatasetTables['datasets']>

const REMOVAL_BATCH = 2_000

/** The kind of work that removes what a deleted dataset leaves behind. */
export const REMOVAL = 'dataset-removal'

/** Datasets in SQL. A deleted one is gone from every read; its rows follow in the background. */
export class DatasetStore {
  readonly #database: Kysely<DatasetTables>

  constructor(database: Database) {
    this.#database = database.withTables<DatasetTables>()
  }

  #live(workspaceId: string) {
    return this.#database
      .selectFrom('datasets')
      .where('workspace_id', '=', workspaceId)
      .where('deleted_at', 'is', null)
  }

  find(workspaceId: string, id: string): Promise<Dataset | undefined> {
    return this.#live(workspaceId).selectAll().where('id', '=', id).executeTakeFirst()
  }

  /** @param q part of the name, in any case */
  async list(
    workspaceId: string,
    q: string | undefined,
    page: { limit: number; offset: number },
  ): Promise<{ datasets: Dataset[]; count: number }> {
    const matching = q
      ? this.#live(workspaceId).where('name', 'ilike', `%${q.replaceAll(/[\\%_]/g, '\\$&')}%`)
      : this.#live(workspaceId)
    const datasets = await matching
      .selectAll()
      .orderBy('id', 'desc')
      .limit(page.limit)
      .offset(page.offset)
      .execute()
    const { count } = await matching
      .select((select) => select.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return { datasets, count }
  }

  add(dataset: Pick<Dataset, 'workspace_id' | 'id' | 'owner_id' | 'name' | 'description'>): Promise<Dataset> {
    return this.#database
      .insertInto('datasets')
      .values({
        ...dataset,
        record_count: 0,
        created_at: sql<Date>`now()`,
        updated_at: sql<Date>`now()`,
        deleted_at: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
  }

  /** Changes what is given. @returns undefined if there is no such dataset */
  update(
    workspaceId: string,
    id: string,
    changes: { name?: string; description?: string },
  ): Promise<Dataset | undefined> {
    return this.#database
      .updateTable('datasets')
      .set({ ...changes, updated_at: sql<Date>`now()` })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .returningAll()
      .executeTakeFirst()
  }

  /** Marks a dataset as deleted, cancels its imports, and leaves the rest to the background. @returns whether there was one */
  delete(workspaceId: string, id: string): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      const deleted = await transaction
        .updateTable('datasets')
        .set({ deleted_at: sql<Date>`now()` })
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .executeTakeFirst()
      if (deleted.numUpdatedRows === 0n) return false
      // Waits for a batch that an import is committing; after this none can be added.
      await transaction
        .updateTable('dataset_import_tasks')
        .set({ status: 'CANCELED', updated_at: sql<Date>`now()` })
        .where('workspace_id', '=', workspaceId)
        .where('dataset_id', '=', id)
        .where('status', '=', 'RUNNING')
        .execute()
      await addWork(transaction, { workspaceId, kind: REMOVAL, id })
      return true
    })
  }

  /** Removes up to a batch of a deleted dataset's records. @returns whether there may be more */
  async removeRecords(workspaceId: string, datasetId: string): Promise<boolean> {
    const removed = await sql`
      delete from dataset_records where workspace_id = ${workspaceId} and id = any(array(
        select id from dataset_records where workspace_id = ${workspaceId} and dataset_id = ${datasetId} limit ${REMOVAL_BATCH}
      ))`.execute(this.#database)
    return removed.numAffectedRows === BigInt(REMOVAL_BATCH)
  }

  /** Removes the row of a deleted dataset, and those of its tasks. */
  async remove(workspaceId: string, id: string): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      await transaction
        .deleteFrom('dataset_import_tasks')
        .where('workspace_id', '=', workspaceId)
        .where('dataset_id', '=', id)
        .execute()
      await transaction
        .deleteFrom('datasets')
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .where('deleted_at', 'is not', null)
        .execute()
    })
  }
}
