import { type Runner, run, Logger as WorkerLogger } from 'graphile-worker'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Logger } from 'pino'
import type { DatabaseConnection } from '../database/connection.ts'
import type { Migration } from '../database/migrator.ts'

/**
 * Background work that survives every kill. A piece of work is a row of `work`; whoever claims it holds a lease that
 * a heartbeat renews, and when the holder dies, the lease runs out and another server goes on. Progress is the
 * feature's own: a handler that is called again must find in its own rows how far it came.
 *
 * graphile-worker wakes the servers up: `add` enqueues a job in the caller's transaction. Its own locks and attempts
 * decide nothing (it keeps a killed worker's lock for four hours), so a poll finds what no wake-up announced.
 */
export interface WorkHandlers {
  /** Does the work named by `id` to its end, from wherever it was left. Rejecting means: try again later. */
  [kind: string]: (work: WorkItem) => Promise<void>
}

/** What is done on a schedule, by one of all servers at a time: by name, with its crontab pattern. */
export type Cron = Readonly<
  Record<
    string,
    {
      readonly pattern: string
      /** Leaves off when the signal fires; what is left is done the next time. */
      readonly run: (signal: AbortSignal) => Promise<void>
    }
  >
>

export interface WorkItem {
  readonly workspaceId: string
  readonly id: string
  /** Fires when the server stops, or when the lease was lost: leave off at once and write nothing more. */
  readonly signal: AbortSignal
}

type WorkTable = {
  work: {
    workspace_id: string
    kind: string
    id: string
    run_at: Date
    failures: number
    lease_holder: string | null
    lease_expires_at: Date | null
  }
}

const LEASE_SECONDS = 12
const HEARTBEAT_MS = 4_000
const POLL_MS = 2_000
const MAX_BACKOFF_SECONDS = 300
/** After so many failures in a row to fetch a job, which come every two seconds from each of its two workers. */
const FAILURES_OF_A_DEAD_RUNNER = 6

export const workMigration: Migration = {
  name: '0001-work',
  up: async (transaction) => {
    await sql`
      create table work (
        workspace_id uuid not null,
        kind text not null,
        id uuid not null,
        run_at timestamptz not null default now(),
        failures integer not null default 0,
        lease_holder uuid,
        lease_expires_at timestamptz,
        primary key (workspace_id, kind, id)
      )`.execute(transaction)
    await sql`create index work_due on work (run_at)`.execute(transaction)
  },
}

/**
 * Adds a piece of work in the caller's transaction: it exists if and only if the transaction commits.
 * Adding what is already there does nothing.
 */
export async function addWork<DB>(
  transaction: Transaction<DB>,
  work: { workspaceId: string; kind: string; id: string },
): Promise<void> {
  await sql`insert into work (workspace_id, kind, id) values (${work.workspaceId}, ${work.kind}, ${work.id}) on conflict do nothing`.execute(
    transaction,
  )
  await sql`select graphile_worker.add_job('work', max_attempts => 1)`.execute(transaction)
}

/** Claims and runs pieces of work until it is stopped. */
export class WorkQueue {
  readonly #connection: DatabaseConnection
  readonly #database: Kysely<WorkTable>
  readonly #handlers: WorkHandlers
  readonly #concurrency: number
  readonly #logger: Logger
  readonly #running = new Map<string, { controller: AbortController; done: Promise<void> }>()
  /** Leases that are over, by their holders, and how: what could not be written yet, as when the work failed with the database. */
  readonly #over = new Map<string, { failures: number; delaySeconds: number }>()
  readonly #cron: Cron
  readonly #stopping = new AbortController()
  #runner: Runner | undefined
  #poll: NodeJS.Timeout | undefined
  #restart: NodeJS.Timeout | undefined
  #claiming: Promise<void> | undefined
  #wanted = false

  /**
   */
  constructor(
    connection: DatabaseConnection,
    handlers: WorkHandlers,
    options: {
      concurrency: number
      logger: Logger
      cron?: Cron
    },
  ) {
    this.#connection = connection
    this.#database = connection.database.withTables<WorkTable>()
    this.#handlers = handlers
    this.#concurrency = options.concurrency
    this.#logger = options.logger
    this.#cron = options.cron ?? {}
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted
  }

  async start(): Promise<void> {
    await this.#startRunner()
    this.#poll = setInterval(() => this.#wake(), POLL_MS)
    this.#wake()
  }

  async #startRunner(): Promise<void> {
    const tasks = Object.fromEntries(
      Object.entries(this.#cron).map(([name, { run }]) => [name, () => run(this.#stopping.signal)]),
    )
    const runner = await run({
      pgPool: this.#connection.pool,
      concurrency: 2,
      noHandleSignals: true,
      crontab: Object.entries(this.#cron)
        .map(([name, { pattern }]) => `${pattern} ${name}`)
        .join('\n'),
      logger: new WorkerLogger(
        () => (level, message) => this.#logger[level === 'error' ? 'warn' : 'debug'](message),
      ),
      taskList: { ...tasks, work: async () => this.#wake() },
    })
    this.#runner = runner
    // Stopped while it was being started again.
    if (this.#stopped) return runner.stop()
    this.#watch(runner)
    // A cron entry that cannot be written, as when the database goes away, ends the whole runner.
    runner.promise.then(
      () => this.#runnerEnded(),
      (error) => this.#runnerEnded(error),
    )
  }

  /** A lookup that it makes once and that fails, as when the database goes away just then, fails it for ever: it is replaced. */
  #watch(runner: Runner): void {
    let failures = 0
    const works = () => {
      failures = 0
    }
    runner.events.on('worker:getJob:empty', works)
    runner.events.on('job:start', works)
    runner.events.on('worker:getJob:error', () => {
      if (++failures === FAILURES_OF_A_DEAD_RUNNER) runner.stop('it fetches no jobs').catch(() => {})
    })
  }

  #runnerEnded(error?: Error): void {
    if (this.#stopped) return
    this.#logger.warn({ err: error }, 'graphile-worker has stopped; starting it again')
    this.#restart = setTimeout(() => {
      this.#startRunner().catch((cause) => this.#runnerEnded(cause))
    }, POLL_MS)
  }

  /** Stops claiming, tells running handlers to leave off, and waits for them; their leases are given back. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the server is stopping'))
    clearInterval(this.#poll)
    clearTimeout(this.#restart)
    await this.#claiming
    for (const { controller } of this.#running.values()) controller.abort(new Error('the server is stopping'))
    await Promise.all([...this.#running.values()].map(({ done }) => done))
    // Rejects if it has ended by itself, as it may without a database.
    await this.#runner?.stop().catch(() => {})
  }

  #wake(): void {
    this.#wanted = true
    this.#claiming ??= this.#claimAll().finally(() => {
      this.#claiming = undefined
    })
  }

  async #claimAll(): Promise<void> {
    while (this.#wanted && !this.#stopped) {
      this.#wanted = false
      try {
        await this.#giveBack()
        while (!this.#stopped && this.#running.size < this.#concurrency && (await this.#claimOne()));
      } catch (error) {
        this.#logger.warn({ err: error }, 'background work could not be claimed; trying again')
      }
    }
  }

  async #claimOne(): Promise<boolean> {
    const holder = crypto.randomUUID()
    const claimed = await sql<{ workspace_id: string; kind: string; id: string; failures: number }>`
      update work set lease_holder = ${holder}, lease_expires_at = now() + make_interval(secs => ${LEASE_SECONDS})
      where (workspace_id, kind, id) = (
        select workspace_id, kind, id from work
        where run_at <= now() and (lease_expires_at is null or lease_expires_at < now()) and kind = any(${Object.keys(this.#handlers)})
        order by run_at limit 1 for update skip locked
      ) returning workspace_id, kind, id, failures`.execute(this.#database)
    const row = claimed.rows[0]
    if (!row) return false
    const controller = new AbortController()
    const done = this.#runOne(row, holder, controller).finally(() => {
      this.#running.delete(holder)
      this.#wake()
    })
    this.#running.set(holder, { controller, done })
    return true
  }

  async #runOne(
    row: { workspace_id: string; kind: string; id: string; failures: number },
    holder: string,
    controller: AbortController,
  ): Promise<void> {
    const heartbeat = setInterval(() => this.#renew(holder, controller), HEARTBEAT_MS)
    try {
      await this.#handlers[row.kind]!({
        workspaceId: row.workspace_id,
        id: row.id,
        signal: controller.signal,
      })
      if (!controller.signal.aborted)
        await this.#database.deleteFrom('work').where('lease_holder', '=', holder).execute()
      else await this.#release(holder, { failures: row.failures, delaySeconds: 0 })
    } catch (error) {
      const stopping = controller.signal.aborted
      if (!stopping)
        this.#logger.error(
          { err: error, kind: row.kind, id: row.id },
          'background work failed; it will be tried again',
        )
      const failures = stopping ? row.failures : row.failures + 1
      const delaySeconds = stopping ? 0 : Math.min(2 ** failures, MAX_BACKOFF_SECONDS)
      await this.#release(holder, { failures, delaySeconds }).catch(() => {
        // It is tried again at each poll; of a server that stops, the lease runs out by itself.
      })
    } finally {
      clearInterval(heartbeat)
    }
  }

  async #release(holder: string, how: { failures: number; delaySeconds: number }): Promise<void> {
    this.#over.set(holder, how)
    await this.#giveBack()
  }

  async #giveBack(): Promise<void> {
    for (const [holder, { failures, delaySeconds }] of this.#over) {
      await this.#database
        .updateTable('work')
        .set({
          lease_holder: null,
          lease_expires_at: null,
          failures,
          run_at: sql<Date>`now() + make_interval(secs => ${delaySeconds})`,
        })
        .where('lease_holder', '=', holder)
        .execute()
      this.#over.delete(holder)
    }
  }

  async #renew(holder: string, controller: AbortController): Promise<void> {
    try {
      const renewed = await this.#database
        .updateTable('work')
        .set({ lease_expires_at: sql<Date>`now() + make_interval(secs => ${LEASE_SECONDS})` })
        .where('lease_holder', '=', holder)
        .executeTakeFirst()
      if (renewed.numUpdatedRows === 0n) controller.abort(new Error('the lease was lost'))
    } catch (error) {
      this.#logger.warn({ err: error }, 'a lease could not be renewed')
    }
  }
}
