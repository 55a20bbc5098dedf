import { sql } from 'kysely'
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client'
import type { DatabaseConnection } from './database/connection.ts'
import { version } from './version.ts'

/** What every installation wants to watch, beside what the features count: the process, the pool, the work. */
export function registerServerMetrics(registry: Registry, connection: DatabaseConnection): void {
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'tramontane_build_info',
    help: 'Always 1; the version is in the label',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1)
  new Gauge({
    name: 'tramontane_database_connections',
    help: 'Connections of the pool by state; waiting: requests for a connection that wait for one',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { totalCount, idleCount, waitingCount } = connection.pool
      this.set({ state: 'busy' }, totalCount - idleCount)
      this.set({ state: 'idle' }, idleCount)
      this.set({ state: 'waiting' }, waitingCount)
    },
  })
  new Gauge({
    name: 'tramontane_work_items',
    help: 'Background work of all servers by kind and state; failing: it failed last time and is tried again',
    labelNames: ['kind', 'state'],
    registers: [registry],
    async collect() {
      const rows = await workStates(connection)
      this.reset()
      for (const { kind, state, count } of rows) this.set({ kind, state }, count)
    },
  })
}

async function workStates({ database }: DatabaseConnection) {
  try {
    const { rows } = await sql<{ kind: string; state: string; count: number }>`
      select kind, count(*) as count,
        case when lease_expires_at > now() then 'running' when failures > 0 then 'failing' else 'waiting' end as state
      from work group by 1, 3`.execute(database)
    return rows
  } catch {
    // Without a database the other metrics are wanted all the more.
    return []
  }
}
