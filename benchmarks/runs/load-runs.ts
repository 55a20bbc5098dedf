import pg from 'pg'

/** Days over which the runs are spread, evenly, up to now. */
export const DAYS = 90
/** Of so many names; the first ones are run most, and the last one was not run for a month. */
export const NAMES = 40

/**
 * Loads runs in bulk, past the server: what is measured is listing them. Nine in ten have succeeded; one deployment, one
 * workflow and one key are of long ago; a tenth are children; a fifth have search keys.
 */
export async function loadRuns(databaseUrl: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(
      `select indexname as name, indexdef as definition from pg_indexes
       where tablename in ('workflow_runs', 'workflow_search_keys') and indexname not like '%_pkey'`,
    )
    for (const { name } of indexes) await client.query(`drop index ${name}`)
    await client.query('select setseed(0.5)')
    await client.query(
      `insert into workflow_runs (workspace_id, run_id, execution_id, workflow_name, workflow_id, deployment_name,
         parent_execution_id, root_execution_id, status, start_time, end_time, result, user_id, schedule_id)
       select (select id from workspaces limit 1), gen_random_uuid(), id, 'workflow-' || name, null,
         case when is_old then 'retired' else 'deployment-' || i % 4 end,
         case when i % 10 = 0 then root end, case when i % 10 = 0 then root else id end,
         status, started,
         case when status = 'RUNNING' then 'infinity' else started + make_interval(secs => case when i % 20 = 0 then random() * 172800 else -ln(random()) * 30 end) end,
         '{"done":true,"text":"something that came of it"}'::json,
         case when is_old then 'gone' else 'user-' || i % 50 end, null
       from (
         select i, md5(i::text) || md5((-i)::text) as id, 'root-' || i / 1000 as root, i < $1 / 10 as is_old,
           case when i < $1 / 10 then ${NAMES - 1} else floor(power(random(), 3) * ${NAMES - 1}) end as name,
           case when i > $1 - 200 then 'RUNNING'
             else (array['COMPLETED','COMPLETED','COMPLETED','COMPLETED','COMPLETED','COMPLETED','COMPLETED','COMPLETED','COMPLETED','FAILED'])[1 + i % 10] end as common,
           now() - make_interval(secs => (($1 - i)::float8 / $1) * ${DAYS * 86_400}) as started
         from generate_series(1, $1::int) i
       ) made, lateral (
         select case when common = 'COMPLETED' and i % 101 = 0 then 'TERMINATED' when common = 'COMPLETED' and i % 307 = 0 then 'TIMED_OUT'
           when common = 'COMPLETED' and i % 211 = 0 then 'CANCELED' else common end as status
       ) told`,
      [count],
    )
    await client.query(
      `insert into workflow_search_keys (workspace_id, run_id, key, value)
       select workspace_id, run_id, key, value from (
         select workspace_id, run_id, row_number() over (order by start_time) as i from workflow_runs
       ) r, lateral (values ('customer', 'customer ' || i % 1000), ('order', 'order-' || i)) k(key, value) where i % 5 = 0`,
    )
    await client.query("set maintenance_work_mem = '512MB'")
    for (const { definition } of indexes) await client.query(definition)
    await client.query('vacuum analyze workflow_runs')
    await client.query('vacuum analyze workflow_search_keys')
  } finally {
    await client.end()
  }
}
