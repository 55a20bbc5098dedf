import type pg from 'pg'
import { MaintenanceError } from './maintenance-error.ts'
import type { Manifest } from './manifest.ts'

/** A name as SQL takes it. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Our tables: not partitions, not those of extensions, not the list of migrations, which a restore writes itself. */
const OUR_TABLES = `
  select c.oid, c.relname as name from pg_class c
  where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and c.relpersistence = 'p'
    and not c.relispartition and c.relname <> 'tramontane_migrations'
    and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e')`

/** The tables with their columns (generated ones cannot be written), what is referenced before what refers to it. */
export async function listTables(client: pg.ClientBase): Promise<Manifest['tables']> {
  const { rows } = await client.query<{ name: string; columns: string[]; needs: string[] }>(`
    with tables as (${OUR_TABLES})
    select t.name,
      (select json_agg(a.attname order by a.attnum) from pg_attribute a
        where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
      (select coalesce(json_agg(distinct o.name), '[]') from pg_constraint f join tables o on o.oid = f.confrelid
        where f.conrelid = t.oid and f.contype = 'f' and o.oid <> t.oid) as needs
    from tables t order by t.name`)
  const ordered: Manifest['tables'] = []
  const placed = new Set<string>()
  while (placed.size < rows.length) {
    const next = rows.find(({ name, needs }) => !placed.has(name) && needs.every((need) => placed.has(need)))
    if (!next)
      throw new MaintenanceError('tables refer to each other in a circle, which a backup cannot order')
    ordered.push({ name: next.name, columns: next.columns })
    placed.add(next.name)
  }
  return ordered
}

/** Every partition, parents before their own partitions. */
export async function listPartitions(client: pg.ClientBase): Promise<Manifest['partitions']> {
  const { rows } = await client.query(`
    with recursive roots as (${OUR_TABLES}), tree as (
      select oid, null::oid as parent, 0 as depth from roots
      union all
      select i.inhrelid, tree.oid, depth + 1 from tree join pg_inherits i on i.inhparent = tree.oid
    )
    select c.relname as name, p.relname as parent, pg_get_expr(c.relpartbound, c.oid) as bound
    from tree join pg_class c on c.oid = tree.oid join pg_class p on p.oid = tree.parent order by depth, c.relname`)
  return rows
}

export async function listSequences(client: pg.ClientBase): Promise<Manifest['sequences']> {
  const { rows } = await client.query(
    'select sequencename as name, last_value::text from pg_sequences where schemaname = current_schema() order by 1',
  )
  return rows
}

/** The names of the steps that the schema has; undefined if it is none of ours. */
export async function appliedMigrations(client: pg.ClientBase): Promise<string[] | undefined> {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regclass('tramontane_migrations') is not null as there",
  )
  if (!rows[0]!.there) return undefined
  const applied = await client.query<{ name: string }>('select name from tramontane_migrations order by name')
  return applied.rows.map(({ name }) => name)
}
