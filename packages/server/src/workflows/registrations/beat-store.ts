import type { DeploymentLocation } from '@tramontane/contract/workers'
import { type Kysely, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { GroupCommit } from '../../platform/database/group-commit.ts'
import type { RegistrationTables } from './registration-tables.ts'

/** A sign of life of a worker. */
export interface Beat {
  readonly workspaceId: string
  readonly deploymentName: string
  readonly workerName: string
  readonly runsHash: string
}

/** A worker that is known. */
export interface KnownWorker {
  readonly location: DeploymentLocation | null
}

interface PendingBeat extends Beat {
  known?: KnownWorker
}

/** A worker that was seen within this time is not written again: it does not count as gone for long after. */
const FRESH_SECONDS = 4

/** Notes the heartbeats of all workers, many in one statement. */
export class BeatStore {
  readonly #database: Kysely<RegistrationTables>
  readonly #commits: GroupCommit<PendingBeat>

  constructor(database: Database) {
    this.#database = database.withTables<RegistrationTables>()
    this.#commits = new GroupCommit((beats) => this.#write(beats), { maxBatch: 500, maxConcurrent: 1 })
  }

  /** Notes that a worker is there. @returns undefined if no such worker is known with what it runs */
  async note(beat: Beat): Promise<KnownWorker | undefined> {
    const pending: PendingBeat = { ...beat }
    await this.#commits.add(pending)
    return pending.known
  }

  async #write(beats: PendingBeat[]): Promise<void> {
    const column = (name: keyof Beat) => beats.map((beat) => beat[name])
    // A row that somebody else is writing is skipped: it is being noted, or made, at this moment.
    const { rows } = await sql<{ number: number; location: DeploymentLocation | null }>`
      with beats as (
        select b.number, w.workspace_id, w.deployment_id, w.name, w.runs_hash, w.location, w.last_seen_at
        from unnest(${column('workspaceId')}::uuid[], ${column('deploymentName')}::text[],
          ${column('workerName')}::text[], ${column('runsHash')}::text[])
          with ordinality as b (workspace_id, deployment_name, name, runs_hash, number)
        join workflow_deployments d on d.workspace_id = b.workspace_id and d.name = b.deployment_name
        join deployment_workers w on w.workspace_id = b.workspace_id and w.deployment_id = d.id
          and w.name = b.name and w.runs_hash = b.runs_hash
      ), free as (
        select w.workspace_id, w.deployment_id, w.name, w.runs_hash from deployment_workers w
        where (w.workspace_id, w.deployment_id, w.name, w.runs_hash) in (
          select workspace_id, deployment_id, name, runs_hash from beats
          where last_seen_at < now() - make_interval(secs => ${FRESH_SECONDS})
        )
        for no key update skip locked
      ), noted as (
        update deployment_workers w set last_seen_at = clock_timestamp() from free f
        where w.workspace_id = f.workspace_id and w.deployment_id = f.deployment_id and w.name = f.name
          and w.runs_hash = f.runs_hash
      )
      select number, location from beats`.execute(this.#database)
    for (const { number, location } of rows) beats[number - 1]!.known = { location }
  }
}
