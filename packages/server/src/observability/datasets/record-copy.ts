import { finished } from 'node:stream/promises'
import type { Pool, PoolClient } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { exportLines } from './export-lines.ts'
import type { ImportedRecord } from './import-request.ts'

// JSON text holds no control character but space between tokens, and ours is on one line. With two of the others as
// delimiter and quote, COPY in CSV neither escapes nor quotes anything: rows are the text itself, in and out.
const DELIMITER = '\u0001'
const FORMAT = "(format csv, delimiter e'\\x01', quote e'\\x02')"

/** Adds records by COPY, on a client in a transaction. */
export async function copyRecords(
  client: PoolClient,
  { workspaceId, datasetId, taskId }: { workspaceId: string; datasetId: string; taskId: string },
  records: readonly (ImportedRecord & { id: string })[],
): Promise<void> {
  if (records.length === 0) return
  const copy = client.query(
    copyFrom(`copy dataset_records
      (workspace_id, dataset_id, task_id, id, payload, properties, payload_has_properties, source) from stdin with ${FORMAT}`),
  )
  const common = [workspaceId, datasetId, taskId].join(DELIMITER)
  const rows = records.map(({ id, payload, properties, payloadHasProperties, source }) =>
    [common, id, payload, properties, payloadHasProperties ? 't' : 'f', source].join(DELIMITER),
  )
  copy.end(Buffer.from(`${rows.join('\n')}\n`))
  await finished(copy)
}

/**
 * Runs `consume` on the lines of a dataset's export: each record a JSON object with the payload's keys and `properties`,
 * or, if the payload has a key `properties` of its own, with `payload` and `properties`. All of one snapshot, without a time limit.
 * @param ids of workspace and dataset; UUIDs
 */
export async function withExport<T>(
  pool: Pool,
  { workspaceId, datasetId }: { workspaceId: string; datasetId: string },
  signal: AbortSignal,
  consume: (lines: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let isSound = false
  try {
    signal.throwIfAborted()
    const [workspace, dataset] = [client.escapeLiteral(workspaceId), client.escapeLiteral(datasetId)]
    await client.query('begin transaction read only')
    await client.query('set local statement_timeout = 0')
    const copy = client.query(
      copyTo(`copy (
        select payload_has_properties, payload, properties
        from dataset_records
        where workspace_id = ${workspace} and dataset_id = ${dataset} and (task_id is null or not task_id = any(array(
          select id from dataset_import_tasks where workspace_id = ${workspace} and dataset_id = ${dataset} and staged)))
        order by id) to stdout with ${FORMAT}`),
    )
    // A caller who hung up: the connection is thrown away, which ends the query.
    signal.addEventListener('abort', () => copy.destroy(signal.reason as Error), { once: true })
    const result = await consume(exportLines(copy))
    await client.query('commit')
    isSound = true
    return result
  } finally {
    client.release(!isSound)
  }
}
