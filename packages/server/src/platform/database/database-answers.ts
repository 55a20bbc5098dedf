import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import type { ReadinessCheck } from '../http/health-routes.ts'
import type { DatabaseConnection } from './connection.ts'

/** How long the database may take to say that it is there. */
const READY_MS = 2_000

/** A database that has stalled answers nothing, not even that it has: who asks whether we are ready is not kept waiting. */
export function databaseAnswers({ database }: DatabaseConnection): ReadinessCheck {
  return () => {
    const no = 'the database does not answer'
    const answer = sql`select 1`.execute(database).then(
      () => undefined,
      () => no,
    )
    return Promise.race([answer, delay(READY_MS, no, { ref: false })])
  }
}
