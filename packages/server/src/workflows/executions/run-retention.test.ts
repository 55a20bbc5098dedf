import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startTestServer } from '@tramontane/testkit/test-server'
import pg from 'pg'

const DAYS = 10

describe('the retention of runs', () => {
  it('deletes what ended before it, with its search keys, and keeps what is open however old', async () => {
    const server = await startTestServer({ retentionDays: String(DAYS) })
    const client = new pg.Client({ connectionString: server.databaseUrl })
    await client.connect()
    try {
      // From now on the workspace is one with runs.
      await server.call('GET', '/v1/workflows/runs')
      const {
        rows: [{ workspace_id: workspace }],
      } = await client.query('select id as workspace_id from workspaces')
      const add = async (name: string, startedDaysAgo: number, endedDaysAgo: number | null) => {
        await client.query(
          `with run as (
            insert into workflow_runs (workspace_id, run_id, execution_id, workflow_name, root_execution_id, status, start_time, end_time)
            values ($1, gen_random_uuid(), $2, 'w', $2, $3, now() - make_interval(days => $4),
              coalesce(now() - make_interval(days => $5), 'infinity'))
            returning workspace_id, run_id
          ) insert into workflow_search_keys (workspace_id, run_id, key, value) select workspace_id, run_id, 'customer', $2 from run`,
          [workspace, name, endedDaysAgo === null ? 'RUNNING' : 'COMPLETED', startedDaysAgo, endedDaysAgo],
        )
      }
      await add('old', DAYS + 5, DAYS + 1)
      await add('long', DAYS + 5, DAYS - 1)
      await add('open', DAYS + 5, null)
      await client.query("select graphile_worker.add_job('delete-old-runs')")
      const left = async (table: string) => {
        const { rows } = await client.query(`select count(*)::int as count from ${table}`)
        return rows[0].count as number
      }
      await eventually(async () => (await left('workflow_runs')) === 2)
      assert.equal(await left('workflow_search_keys'), 2)
      const { body } = await server.call('GET', '/v1/workflows/runs')
      assert.deepEqual(body.executions.map((run: { execution_id: string }) => run.execution_id).sort(), [
        'long',
        'open',
      ])
    } finally {
      await client.end()
      await server.close()
    }
  })
})
