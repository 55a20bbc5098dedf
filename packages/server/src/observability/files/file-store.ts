import type { file as fileSchema, fileSource, fileVisibility, sampleType } from '@tramontane/contract/files'
import { type ExpressionBuilder, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { z } from 'zod'
import type { Database } from '../../platform/database/connection.ts'

type FileTable = {
  workspace_id: string
  id: string
  owner_id: string
  filename: string
  bytes: number
  purpose: z.output<typeof fileSchema>['purpose']
  sample_type: z.output<typeof sampleType>
  source: z.output<typeof fileSource>
  mimetype: string | null
  num_lines: number | null
  visibility: z.output<typeof fileVisibility>
  created_at: Date
  expires_at: Date | null
}

type Tables = {
  files: FileTable
  file_leftovers: { workspace_id: string; id: string; remove_at: Date }
  file_signing_secret: { only_one: boolean; secret: Buffer }
}

export type StoredFile = Selectable<FileTable>

/** Whose eyes the files are read with. */
export interface FileViewer {
  readonly workspaceId: string
  /** The key whose own `user` files are seen; null sees those of every key. */
  readonly keyId: string | null
}

export interface FileFilter {
  readonly sampleTypes?: readonly string[]
  readonly sources?: readonly string[]
  readonly search?: string
  readonly purpose?: string
  readonly mimetypes?: readonly string[]
}

/** Files and leftover bytes in SQL. Expired files are not there any more. */
export class FileStore {
  readonly #database: Kysely<Tables>

  constructor(database: Database) {
    this.#database = database.withTables<Tables>()
  }

  find(viewer: FileViewer, id: string): Promise<StoredFile | undefined> {
    return this.#database
      .selectFrom('files')
      .selectAll()
      .where('id', '=', id)
      .where(visibleTo(viewer))
      .executeTakeFirst()
  }

  list(
    viewer: FileViewer,
    filter: FileFilter,
    page: { limit: number; offset: number },
  ): Promise<StoredFile[]> {
    return this.#database
      .selectFrom('files')
      .selectAll()
      .where(visibleTo(viewer))
      .where(matching(filter))
      .orderBy('id', 'desc')
      .limit(page.limit)
      .offset(page.offset)
      .execute()
  }

  count(viewer: FileViewer, filter: FileFilter): Promise<number> {
    return this.#database
      .selectFrom('files')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where(visibleTo(viewer))
      .where(matching(filter))
      .executeTakeFirstOrThrow()
      .then(({ count }) => count)
  }

  /** Notes that bytes are about to be written, which are left over unless `add` comes within `seconds`. */
  async announce(workspaceId: string, id: string, seconds: number): Promise<void> {
    await this.#database
      .insertInto('file_leftovers')
      .values({ workspace_id: workspaceId, id, remove_at: secondsFromNow(seconds) })
      .execute()
  }

  /** Adds a file whose bytes are in place; undefined if they were given up as left over in the meantime. */
  add(file: Omit<FileTable, 'created_at'>): Promise<StoredFile | undefined> {
    return this.#database.transaction().execute(async (transaction) => {
      const taken = await transaction
        .deleteFrom('file_leftovers')
        .where('workspace_id', '=', file.workspace_id)
        .where('id', '=', file.id)
        .executeTakeFirst()
      if (taken.numDeletedRows === 0n) return undefined
      return transaction
        .insertInto('files')
        .values({ ...file, created_at: sql<Date>`now()` })
        .returningAll()
        .executeTakeFirstOrThrow()
    })
  }

  /** Removes a file; its bytes are left over from then on. @returns whether there was one */
  remove(viewer: FileViewer, id: string): Promise<boolean> {
    return this.#database.transaction().execute(async (transaction) => {
      const removed = await transaction
        .deleteFrom('files')
        .where('id', '=', id)
        .where(visibleTo(viewer))
        .returning(['workspace_id', 'id'])
        .execute()
      await leaveOver(transaction, removed)
      return removed.length > 0
    })
  }

  /** Removes up to `limit` expired files; their bytes are left over. @returns how many */
  removeExpired(limit: number): Promise<number> {
    return this.#database.transaction().execute(async (transaction) => {
      const removed = await sql<{ workspace_id: string; id: string }>`
        delete from files where ctid = any(array(
          select ctid from files where expires_at <= now() order by expires_at limit ${limit} for update skip locked
        )) returning workspace_id, id`.execute(transaction)
      await leaveOver(transaction, removed.rows)
      return removed.rows.length
    })
  }

  /** Bytes that are due to go. */
  leftovers(limit: number): Promise<{ workspace_id: string; id: string }[]> {
    return this.#database
      .selectFrom('file_leftovers')
      .select(['workspace_id', 'id'])
      .where('remove_at', '<=', sql<Date>`now()`)
      .orderBy('remove_at')
      .limit(limit)
      .execute()
  }

  /** Puts bytes off that could not be removed, so that they hold no others up. */
  async postpone(workspaceId: string, id: string, seconds: number): Promise<void> {
    await this.#database
      .updateTable('file_leftovers')
      .set({ remove_at: secondsFromNow(seconds) })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .execute()
  }

  /**
   * Removes bytes by `removeBytes` while no one can turn them into a file any more: whoever would add it waits for
   * this transaction, and then finds that they are gone.
   */
  async clear(workspaceId: string, id: string, removeBytes: () => Promise<void>): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      const due = await transaction
        .deleteFrom('file_leftovers')
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .executeTakeFirst()
      if (due.numDeletedRows > 0n) await removeBytes()
    })
  }

  /** What links are signed with; `fresh` becomes it if there is none yet. */
  async signingSecret(fresh: Buffer): Promise<Buffer> {
    await this.#database
      .insertInto('file_signing_secret')
      .values({ only_one: true, secret: fresh })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    return (await this.#database.selectFrom('file_signing_secret').select('secret').executeTakeFirstOrThrow())
      .secret
  }
}

function secondsFromNow(seconds: number) {
  return sql<Date>`now() + make_interval(secs => ${seconds})`
}

function visibleTo({ workspaceId, keyId }: FileViewer) {
  return (where: ExpressionBuilder<Tables, 'files'>) =>
    where.and([
      where('workspace_id', '=', workspaceId),
      where.or([where('expires_at', 'is', null), where('expires_at', '>', sql<Date>`now()`)]),
      ...(keyId === null
        ? []
        : [where.or([where('visibility', '=', 'workspace'), where('owner_id', '=', keyId)])]),
    ])
}

function matching({ sampleTypes, sources, search, purpose, mimetypes }: FileFilter) {
  return (where: ExpressionBuilder<Tables, 'files'>) =>
    where.and([
      ...(sampleTypes ? [sql<boolean>`sample_type = any(${sampleTypes})`] : []),
      ...(sources ? [sql<boolean>`source = any(${sources})`] : []),
      ...(search ? [where('filename', 'ilike', `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`)] : []),
      ...(purpose ? [where('purpose', '=', purpose)] : []),
      ...(mimetypes ? [sql<boolean>`mimetype = any(${mimetypes})`] : []),
    ])
}

async function leaveOver(
  transaction: Transaction<Tables>,
  files: readonly { workspace_id: string; id: string }[],
): Promise<void> {
  if (files.length === 0) return
  await transaction
    .insertInto('file_leftovers')
    .values(files.map((file) => ({ ...file, remove_at: secondsFromNow(0) })))
    .execute()
}
