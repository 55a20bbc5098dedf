import { type Kysely, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'

/** A workspace whose lists at Temporal are to be read, by whoever holds this. */
export interface Sweep {
  readonly workspaceId: string
  /** When it was taken, by the database's clock. */
  readonly now: Date
  /** Since when each kind of list has not been read. */
  readonly near: Date
  readonly far: Date
  readonly farthest: Date
}

/** Which kind of list was read, up to the instant at which the reading began. */
export type Reach = 'near' | 'far' | 'farthest'

type SweepRow = { workspace_id: string; now: Date; near_from: Date; far_from: Date; farthest_from: Date }

/** How far Temporal's lists have been read in each workspace, shared by all servers. */
export class SweepStore {
  readonly #database: Kysely<Record<never, never>>

  constructor(database: Database) {
    this.#database = database
  }

  /** From now on the workspace's lists are read; at once if it is new, or `soon`. */
  async follow(workspaceId: string, { soon }: { soon: boolean }): Promise<void> {
    await sql`
      insert into workflow_sweeps (workspace_id) values (${workspaceId})
      on conflict (workspace_id) do update set sweep_at = now() where ${soon} and workflow_sweeps.sweep_at > now()`.execute(
      this.#database,
    )
  }

  /** Takes a workspace that is due; nobody else gets it within `leaseSeconds`. */
  async claim(leaseSeconds: number): Promise<Sweep | undefined> {
    const { rows } = await sql<SweepRow>`
      update workflow_sweeps set sweep_at = now() + make_interval(secs => ${leaseSeconds})
      where workspace_id = (
        select workspace_id from workflow_sweeps where sweep_at <= now()
        order by sweep_at limit 1 for update skip locked
      )
      returning workspace_id, now() as now, near_from, far_from, farthest_from`.execute(this.#database)
    const row = rows[0]
    if (!row) return undefined
    return {
      workspaceId: row.workspace_id,
      now: row.now,
      near: row.near_from,
      far: row.far_from,
      farthest: row.farthest_from,
    }
  }

  /** Keeps it for longer. */
  async extend(workspaceId: string, leaseSeconds: number): Promise<void> {
    await sql`
      update workflow_sweeps set sweep_at = now() + make_interval(secs => ${leaseSeconds})
      where workspace_id = ${workspaceId}`.execute(this.#database)
  }

  /** Notes what was read up to when, and when to read again. */
  async done(sweep: Sweep, reaches: readonly Reach[], againInSeconds: number): Promise<void> {
    const at = (reach: Reach) => (reaches.includes(reach) ? sweep.now : sweep[reach])
    await sql`
      update workflow_sweeps set sweep_at = now() + make_interval(secs => ${againInSeconds}),
        near_from = greatest(near_from, ${at('near')}), far_from = greatest(far_from, ${at('far')}),
        farthest_from = greatest(farthest_from, ${at('farthest')})
      where workspace_id = ${sweep.workspaceId}`.execute(this.#database)
  }

  /** The workspaces that are followed. */
  async workspaces(): Promise<string[]> {
    const { rows } = await sql<{ workspace_id: string }>`select workspace_id from workflow_sweeps`.execute(
      this.#database,
    )
    return rows.map(({ workspace_id }) => workspace_id)
  }

  /** Whether runs of the workspace are open, or have ended just now. */
  async isBusy(workspaceId: string): Promise<boolean> {
    const { rows } = await sql`
      select 1 from workflow_watches where workspace_id = ${workspaceId} limit 1`.execute(this.#database)
    return rows.length > 0
  }
}
