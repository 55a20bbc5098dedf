import { storableText } from '@tramontane/contract/filter-check'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { counted } from '../../platform/amounts.ts'
import type { DatabaseConnection } from '../../platform/database/connection.ts'
import { addWork } from '../../platform/tasks/work-queue.ts'
import { firstUuidAt, uuidAt } from '../../platform/uuid.ts'
import type { DatasetTables } from './dataset-tables.ts'
import type { ImportBatch, ImportPosition, ImportRequest } from './import-request.ts'
import { copyRecords } from './record-copy.ts'

type TaskRow = Selectable<DatasetTables['dataset_import_tasks']>

/** A task as it is answered. */
export type ImportTask = Omit<TaskRow, 'request' | 'position' | 'steps' | 'records' | 'staged'>

/** A task as it is worked on. */
export interface ImportWork {
  readonly workspaceId: string
  readonly id: string
  readonly datasetId: string
  readonly status: TaskRow['status']
  readonly staged: boolean
  readonly request: ImportRequest
  /** Batches and records that are committed, and where the source stood then; null before the first. */
  readonly steps: number
  readonly records: number
  readonly position: ImportPosition | null
  readonly createdAt: Date
}

/** The kind of work that carries out imports. */
export const IMPORT = 'dataset-import'

const columns = [
  'workspace_id',
  'id',
  'dataset_id',
  'creator_id',
  'status',
  'message',
  'progress',
  'created_at',
  'updated_at',
] as const
const DISCARD_BATCH = 2_000

function microsOf(time: Date): bigint {
  return BigInt(time.getTime()) * 1000n
}

/**
 * Import tasks in SQL. A batch and the note of how far the source was read are one transaction, and it must know the
 * number of the batch before it: whoever lost the task to another server writes nothing more.
 */
export class ImportStore {
  readonly #database: Kysely<DatasetTables>
  readonly #pool: Pool

  constructor({ database, pool }: DatabaseConnection) {
    this.#database = database.withTables<DatasetTables>()
    this.#pool = pool
  }

  /** Adds a task and the work for it; undefined if the dataset is not there. */
  add(task: {
    workspaceId: string
    id: string
    datasetId: string
    creatorId: string
    request: ImportRequest
  }): Promise<ImportTask | undefined> {
    const { workspaceId, id } = task
    return this.#database.transaction().execute(async (transaction) => {
      if (!(await lockDataset(transaction, workspaceId, task.datasetId, sql`for share`))) return undefined
      await addWork(transaction, { workspaceId, kind: IMPORT, id })
      return transaction
        .insertInto('dataset_import_tasks')
        .values({
          workspace_id: workspaceId,
          id,
          dataset_id: task.datasetId,
          creator_id: task.creatorId,
          request: JSON.stringify(task.request),
          status: 'RUNNING',
          staged: true,
          progress: 0,
          steps: 0,
          records: 0,
          created_at: sql<Date>`now()`,
          updated_at: sql<Date>`now()`,
        })
        .returning(columns)
        .executeTakeFirstOrThrow()
    })
  }

  find(workspaceId: string, datasetId: string, id: string): Promise<ImportTask | undefined> {
    return this.#database
      .selectFrom('dataset_import_tasks')
      .select(columns)
      .where('workspace_id', '=', workspaceId)
      .where('dataset_id', '=', datasetId)
      .where('id', '=', id)
      .executeTakeFirst()
  }

  async list(
    workspaceId: string,
    datasetId: string,
    page: { limit: number; offset: number },
  ): Promise<{ tasks: ImportTask[]; count: number }> {
    const ofDataset = this.#database
      .selectFrom('dataset_import_tasks')
      .where('workspace_id', '=', workspaceId)
      .where('dataset_id', '=', datasetId)
    const tasks = await ofDataset
      .select(columns)
      .orderBy('id', 'desc')
      .limit(page.limit)
      .offset(page.offset)
      .execute()
    const { count } = await ofDataset
      .select((select) => select.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return { tasks, count }
  }

  /** A task with what is needed to go on with it. */
  async load(workspaceId: string, id: string): Promise<ImportWork | undefined> {
    const row = await this.#database
      .selectFrom('dataset_import_tasks')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) return undefined
    return {
      workspaceId,
      id,
      datasetId: row.dataset_id,
      status: row.status,
      staged: row.staged,
      // The driver parses `json`.
      request: row.request as unknown as ImportRequest,
      steps: row.steps,
      records: row.records,
      position: row.position as unknown as ImportPosition | null,
      createdAt: row.created_at,
    }
  }

  /**
   * Commits a batch as hidden records.
   * @param work as it was before this batch
   * @returns the work after it; undefined if the task is no longer ours: cancelled, or taken over by another server
   */
  async stage(
    work: ImportWork,
    { records, position, progress }: ImportBatch,
  ): Promise<ImportWork | undefined> {
    const total = work.records + records.length
    const values = [
      work.workspaceId,
      work.id,
      work.steps,
      total,
      JSON.stringify(position),
      progress,
      `${counted(total, 'record')} read`,
    ]
    const isOurs = await inTransaction(this.#pool, async (client) => {
      const taken = await client.query(
        `update dataset_import_tasks
         set steps = steps + 1, records = $4, position = $5, progress = $6, message = $7, updated_at = now()
         where workspace_id = $1 and id = $2 and steps = $3 and status = 'RUNNING'`,
        values,
      )
      if (taken.rowCount === 0) return false
      // Ids from the task's time on, in the order of the source: they sort as they were read.
      const rows = records.map((record, index) => ({
        ...record,
        id: uuidAt(
          microsOf(work.createdAt) + BigInt(work.records + index),
          `${work.id} ${work.records + index}`,
        ),
      }))
      await copyRecords(
        client,
        { workspaceId: work.workspaceId, datasetId: work.datasetId, taskId: work.id },
        rows,
      )
      return true
    })
    return isOurs ? { ...work, steps: work.steps + 1, records: total, position } : undefined
  }

  /** Makes all records of a task visible, at once. */
  async complete(work: ImportWork, message: string): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      // The dataset before its tasks, as its deletion locks them.
      if (!(await lockDataset(transaction, work.workspaceId, work.datasetId, sql`for update`))) return
      const done = await sql`
        update dataset_import_tasks
        set status = 'COMPLETED', staged = false, progress = 100, message = ${storableText(message)}, updated_at = now()
        where workspace_id = ${work.workspaceId} and id = ${work.id} and steps = ${work.steps} and status = 'RUNNING'
        `.execute(transaction)
      if (done.numAffectedRows === 0n) return
      await sql`
        update datasets set record_count = record_count + ${work.records}
        where workspace_id = ${work.workspaceId} and id = ${work.datasetId}`.execute(transaction)
    })
  }

  /** Notes that a task cannot succeed; its records stay hidden until `discard` removes them. */
  async fail(work: ImportWork, message: string): Promise<void> {
    await sql`
      update dataset_import_tasks set status = 'FAILED', message = ${storableText(message)}, updated_at = now()
      where workspace_id = ${work.workspaceId} and id = ${work.id} and steps = ${work.steps} and status = 'RUNNING'
      `.execute(this.#database)
  }

  /** Removes up to a batch of the records of a task that failed. @returns whether there may be more */
  async discard(work: ImportWork): Promise<boolean> {
    const removed = await sql`
      delete from dataset_records where workspace_id = ${work.workspaceId} and id = any(array(
        select id from dataset_records
        where workspace_id = ${work.workspaceId} and dataset_id = ${work.datasetId} and task_id = ${work.id}
          and id >= ${firstUuidAt(microsOf(work.createdAt))}
        limit ${DISCARD_BATCH}))`.execute(this.#database)
    if (removed.numAffectedRows === BigInt(DISCARD_BATCH)) return true
    await sql`
      update dataset_import_tasks set staged = false
      where workspace_id = ${work.workspaceId} and id = ${work.id} and status <> 'RUNNING'`.execute(
      this.#database,
    )
    return false
  }
}

async function lockDataset(
  transaction: Transaction<DatasetTables>,
  workspaceId: string,
  id: string,
  strength: ReturnType<typeof sql>,
): Promise<boolean> {
  const found = await sql`
    select from datasets where workspace_id = ${workspaceId} and id = ${id} and deleted_at is null ${strength}`.execute(
    transaction,
  )
  return found.rows.length > 0
}

/** A transaction on a connection of its own, for COPY. A connection on which anything failed is thrown away. */
async function inTransaction(pool: Pool, work: (client: PoolClient) => Promise<boolean>): Promise<boolean> {
  const client = await pool.connect()
  let isSound = false
  try {
    await client.query('begin')
    const isDone = await work(client)
    await client.query(isDone ? 'commit' : 'rollback')
    isSound = true
    return isDone
  } finally {
    client.release(!isSound)
  }
}
