import { EventPartitions } from '@tramontane/server/observability/events/event-partitions'
import { type EventRow, toRow } from '@tramontane/server/observability/events/event-row'
import { connect, type DatabaseConnection } from '@tramontane/server/platform/database/connection'
import { variedEvents } from './explorer/varied-events.ts'
import { type Installation, install } from './installation.ts'
import { atLeast, median, type Row, shown } from './row.ts'

const BATCH = 500
const BATCHES_PER_ROUND = 12
const IN_FLIGHT = 3
const ROUNDS = 5
const PAYLOAD_COLUMNS = ['request_messages', 'response_messages', 'enabled_tools'] as const

/** Pads an event's conversation until the record has 3 KB. */
function padded(content: string): string {
  let text = content
  for (let index = 0; text.length < 2_200; index++) text += ` ${(index * 7_919).toString(36)} wind and cold`
  return text
}

type Batch = ReturnType<typeof takeBatch>

function takeBatch(source: ReturnType<typeof variedEvents>) {
  return Array.from({ length: BATCH }, () => {
    const event = source.next().value!
    const [answer] = event.record.response_messages
    const response_messages = [{ role: 'assistant', content: padded(String(answer?.content ?? '')) }]
    return { ...event, record: { ...event.record, response_messages } }
  })
}

async function throughApi(installation: Installation, batches: readonly Batch[]): Promise<number> {
  const began = performance.now()
  const queue = batches.values()
  const sender = async () => {
    for (const batch of queue) {
      const events = batch.map(({ record, timestampMicros }) => ({
        ...record,
        timestamp: new Date(Number(timestampMicros) / 1_000).toISOString(),
      }))
      const answer = await installation.call('POST', '/v1/observability/chat-completion-events', { events })
      if (answer.status !== 201)
        throw new Error(`the import answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender))
  return (batches.length * BATCH * 1_000) / (performance.now() - began)
}

async function insertRows(
  connection: DatabaseConnection,
  table: string,
  columns: readonly (keyof EventRow)[],
  rows: readonly EventRow[],
): Promise<void> {
  const values: unknown[] = []
  const tuples = rows.map((row) => {
    const places = columns.map(
      (column) => `$${values.push(column === 'metadata' ? JSON.stringify(row[column]) : row[column])}`,
    )
    return `(${places.join(',')})`
  })
  await connection.pool.query(
    `insert into ${table} (${columns.join(',')}) values ${tuples.join(',')}`,
    values,
  )
}

/** The rows are made beforehand: only the statements are timed, two tables a batch, as many connections as the API gets requests. */
async function bareInserts(
  connection: DatabaseConnection,
  columns: readonly (keyof EventRow)[],
  batches: readonly (readonly EventRow[])[],
): Promise<number> {
  const began = performance.now()
  const queue = batches.values()
  const sender = async () => {
    for (const rows of queue) {
      await insertRows(connection, 'events', columns, rows)
      await insertRows(connection, 'event_payloads', ['workspace_id', 'event_id', ...PAYLOAD_COLUMNS], rows)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender))
  return (batches.length * BATCH * 1_000) / (performance.now() - began)
}

/** Batches of 3 KB events through the API, against bare multi-row INSERTs into the same tables with the same indexes. */
export async function benchIngest(): Promise<Row[]> {
  const installation = await install()
  const connection = connect(installation.databaseUrl, {
    name: 'bench',
    max: IN_FLIGHT,
    statementTimeoutMs: 0,
    onError: () => {},
  })
  try {
    const { rows: described } = await connection.pool.query<{ name: keyof EventRow }>(
      `select attname as name from pg_attribute where attrelid = 'events'::regclass and attnum > 0 and not attisdropped order by attnum`,
    )
    const columns = described.map(({ name }) => name)
    const { body } = await installation.call('GET', '/v1/workspaces')
    const workspaceId = (body as { workspaces: { id: string }[] }).workspaces[0]!.id
    const source = variedEvents(workspaceId, (ROUNDS + 1) * 2 * BATCHES_PER_ROUND * BATCH + 1, new Date())
    const partitions = new EventPartitions(connection.database)
    const api: number[] = []
    const bare: number[] = []
    let bytes = 0
    for (let round = 0; round <= ROUNDS; round++) {
      const [ours, plain] = [0, 1].map(() =>
        Array.from({ length: BATCHES_PER_ROUND }, () => takeBatch(source)),
      ) as [Batch[], Batch[]]
      bytes = Math.round(JSON.stringify(ours[0]!.map(({ record }) => record)).length / BATCH)
      await partitions.ensure(plain.flat().map(({ timestampMicros }) => BigInt(timestampMicros)))
      const rows = plain.map((batch) => batch.map(toRow))
      const seen = [
        await throughApi(installation, ours),
        await bareInserts(connection, columns, rows),
      ] as const
      // The first round warms up.
      if (round === 0) continue
      api.push(seen[0])
      bare.push(seen[1])
    }
    const share = median(api.map((rate, index) => (100 * rate) / bare[index]!))
    const note = `${bytes} bytes a record, batches of ${BATCH}, ${IN_FLIGHT} at a time, median of ${ROUNDS} rounds`
    return [
      atLeast('batch import, committed', 'events/s', median(api), 3_000, note),
      shown(
        'bare multi-row INSERT into the same tables',
        'events/s',
        median(bare),
        'rows made beforehand; nothing checked',
      ),
      atLeast('batch import against bare INSERT', '%', share, 60, 'median of the ratio of each round'),
    ]
  } finally {
    await connection.close()
    await installation.close()
  }
}

if (import.meta.main) console.table(await benchIngest())
