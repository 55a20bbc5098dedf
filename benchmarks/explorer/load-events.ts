import { once } from 'node:events'
import type { CapturedEvent } from '@tramontane/server/observability/captured-event'
import { EventPartitions } from '@tramontane/server/observability/events/event-partitions'
import { type EventRow, toRow } from '@tramontane/server/observability/events/event-row'
import { connect } from '@tramontane/server/platform/database/connection'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

const PAYLOAD_COLUMNS = ['request_messages', 'response_messages', 'enabled_tools'] as const

function cell(value: unknown): string {
  if (value === null || value === undefined) return '\\N'
  const text = Array.isArray(value)
    ? `{${value.map((item) => JSON.stringify(item)).join(',')}}`
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value)
  return text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
}

async function columnsOf(client: pg.PoolClient, table: string): Promise<string[]> {
  const { rows } = await client.query<{ attname: string }>(
    'select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum',
    [table],
  )
  return rows.map(({ attname }) => attname)
}

/** Each day from then until now, in microseconds since 1970. */
function* days(from: Date): Generator<bigint> {
  for (let time = from.getTime(); time <= Date.now(); time += 86_400_000) yield BigInt(time) * 1_000n
  yield BigInt(Date.now()) * 1_000n
}

/**
 * Loads events in bulk, past the server: what is measured is searching them. Indexes are made afterwards, which gives the
 * same indexes in a fraction of the time.
 * @param from when the oldest event was made
 */
export async function loadEvents(
  databaseUrl: string,
  events: Iterable<CapturedEvent>,
  metadataKeys: readonly string[],
  from: Date,
): Promise<void> {
  const connection = connect(databaseUrl, {
    name: 'bench load',
    max: 3,
    statementTimeoutMs: 0,
    onError: () => {},
  })
  const [main, payloads] = await Promise.all([connection.pool.connect(), connection.pool.connect()])
  try {
    const { rows: indexes } = await main.query<{ name: string; definition: string }>(
      `select indexname as name, indexdef as definition from pg_indexes where schemaname = 'public' and tablename = 'events' and indexname <> 'events_pkey'`,
    )
    for (const { name } of indexes) await main.query(`drop index ${name}`)
    // Before COPY begins: it does not see partitions that are made while it runs.
    await new EventPartitions(connection.database).ensure(days(from))
    const names = (await columnsOf(main, 'events')) as (keyof EventRow)[]
    const copies = [
      main.query(copyFrom(`copy events (${names.join(',')}) from stdin`)),
      payloads.query(
        copyFrom(`copy event_payloads (workspace_id, event_id, ${PAYLOAD_COLUMNS.join(',')}) from stdin`),
      ),
    ] as const
    let batches: [string, string] = ['', '']
    const flush = async () => {
      for (const [index, copy] of copies.entries()) if (!copy.write(batches[index])) await once(copy, 'drain')
      batches = ['', '']
    }
    let workspaceId = ''
    for (const event of events) {
      const row = toRow(event)
      workspaceId = row.workspace_id
      batches[0] += `${names.map((name) => cell(row[name])).join('\t')}\n`
      batches[1] += `${['workspace_id' as const, 'event_id' as const, ...PAYLOAD_COLUMNS].map((name) => cell(row[name])).join('\t')}\n`
      if (batches[0].length > 1 << 20) await flush()
    }
    await flush()
    for (const copy of copies) copy.end()
    await Promise.all(copies.map((copy) => once(copy, 'finish')))
    await main.query("set maintenance_work_mem = '512MB'")
    for (const { definition } of indexes) await main.query(definition.replace(' ON ONLY ', ' ON '))
    for (const key of metadataKeys)
      await main.query('insert into metadata_keys values ($1, $2) on conflict do nothing', [workspaceId, key])
    await main.query('vacuum analyze events')
    await main.query('vacuum analyze event_payloads')
  } finally {
    main.release()
    payloads.release()
    await connection.close()
  }
}
