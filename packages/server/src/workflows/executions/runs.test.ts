import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import fc from 'fast-check'
import pg from 'pg'

const STATUSES = ['RUNNING', 'COMPLETED', 'FAILED', 'CANCELED', 'TERMINATED', 'CONTINUED_AS_NEW', 'TIMED_OUT']
const NAMES = ['alpha', 'beta', '__parallel_execution__', 'Invoice Run', '100%_sure']
const START = Date.UTC(2026, 0, 1)
const COUNT = 400

interface Row {
  run_id: string
  execution_id: string
  workflow_name: string
  deployment_name: string
  root_execution_id: string
  status: string
  start: number
  end: number | null
  user_id: string
  keys: Record<string, string>
}

/** The same rows in every run: what looks random is a fixed sequence. */
function rowsOf(userId: string): Row[] {
  let seed = 7
  const pick = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  return Array.from({ length: COUNT }, (_, i): Row => {
    const status = STATUSES[pick(STATUSES.length)]!
    // Many share their times, so that pages must continue in the middle of them.
    const start = START + pick(60) * 60_000
    const hex = (i + 1).toString(16).padStart(12, '0')
    return {
      run_id: `${(pick(65_536) + 65_536).toString(16).slice(1).padStart(8, '0')}-0000-4000-8000-${hex}`,
      // Some as callers give them, some as the server makes them up.
      execution_id:
        pick(4) === 0
          ? `ab12${i.toString(16)}`.padEnd(64, '0')
          : `${['order', 'Order', 'bill'][pick(3)]}-${i}`,
      workflow_name: NAMES[pick(NAMES.length)]!,
      deployment_name: ['one', 'two'][pick(2)]!,
      root_execution_id: `root-${pick(40)}`,
      status,
      start,
      end: status === 'RUNNING' ? null : start + pick(5) * 60_000,
      user_id: pick(3) === 0 ? userId : 'somebody',
      keys: (pick(2) === 0
        ? { customer: `ACME ${pick(4)}`, region: ['eu', 'us'][pick(2)]! }
        : {}) as Row['keys'],
    }
  })
}

describe('runs', () => {
  let server: TestServer
  let database: pg.Client
  let rows: Row[]
  before(async () => {
    server = await startTestServer()
    database = new pg.Client({ connectionString: server.databaseUrl })
    await database.connect()
    const { rows: keys } = await database.query('select id, workspace_id from keys limit 1')
    const { id: userId, workspace_id: workspaceId } = keys[0]
    rows = rowsOf(userId)
    for (const row of rows) {
      await database.query(
        `insert into workflow_runs (workspace_id, run_id, execution_id, workflow_name, deployment_name, root_execution_id,
           status, start_time, end_time, result, user_id) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,'"done"',$10)`,
        [
          workspaceId,
          row.run_id,
          row.execution_id,
          row.workflow_name,
          row.deployment_name,
          row.root_execution_id,
          row.status,
          new Date(row.start),
          row.end === null ? 'infinity' : new Date(row.end),
          row.user_id,
        ],
      )
      for (const [key, value] of Object.entries(row.keys))
        await database.query('insert into workflow_search_keys values ($1,$2,$3,$4)', [
          workspaceId,
          row.run_id,
          key,
          value,
        ])
    }
    const register = await server.call('POST', '/v1/workflows/register', {
      body: {
        definitions: [
          { name: 'alpha', display_name: 'The First', input_schema: {} },
          { name: 'beta', is_technical: true, input_schema: {} },
        ],
        deployment_name: 'one',
        worker_name: 'w',
      },
    })
    assert.equal(register.status, 200, JSON.stringify(register.body))
    await server.call('PUT', '/v1/workflows/alpha', { body: { tags: ['x', 'y'] } })
  })
  after(async () => {
    await database.end()
    await server.close()
  })

  /** All pages of a list. */
  const list = async (query: [string, string][], pageSize: number): Promise<string[]> => {
    const found: string[] = []
    for (let token: string | null = null; ; ) {
      const search = new URLSearchParams([...query, ['page_size', String(pageSize)]])
      if (token !== null) search.set('next_page_token', token)
      const { status, body } = await server.call('GET', `/v1/workflows/runs?${search}`)
      assert.equal(status, 200, `${search}: ${JSON.stringify(body)}`)
      assert.deepEqual(body.runs, body.executions)
      assert.ok(body.runs.length <= pageSize)
      found.push(...body.runs.map((run: { run_id: string }) => run.run_id))
      token = body.next_page_token
      if (token === null) return found
      assert.ok(found.length <= COUNT, 'a list that goes on for ever')
    }
  }

  const iso = (minutes: number) => new Date(START + minutes * 60_000).toISOString()
  const filters: Record<string, { values: string[]; keeps: (row: Row, value: string) => boolean }> = {
    workflow_identifier: {
      values: ['alpha', '100%_sure', 'unknown'],
      keeps: (row, value) => row.workflow_name === value,
    },
    root_execution_id: {
      values: ['root-1', 'root-2'],
      keeps: (row, value) => row.root_execution_id === value,
    },
    deployment_name: {
      values: ['one', 'two', 'three'],
      keeps: (row, value) => row.deployment_name === value,
    },
    user_id: {
      values: ['current', 'somebody'],
      keeps: (row, value) => (row.user_id === 'somebody') === (value === 'somebody'),
    },
    include_internal: {
      values: ['true', 'false'],
      keeps: (row, value) =>
        value === 'true' || !['beta', '__parallel_execution__'].includes(row.workflow_name),
    },
    workflow_tags: {
      values: ['x', 'z'],
      keeps: (row, value) => value === 'x' && row.workflow_name === 'alpha',
    },
    search: {
      values: ['ORDER', 'first', 'invoice', '%', '12', 'bill-3', 'nothing at all', 'order-1_', 'ab12', 'b12'],
      keeps: (row, value) => {
        const text = value.toLowerCase()
        const shown = row.workflow_name === 'alpha' ? 'the first' : ''
        const id = row.execution_id.toLowerCase()
        const isMadeUp = id.length === 64
        const inId =
          row.execution_id.startsWith(value) || (text.length >= 3 && !isMadeUp && id.includes(text))
        return inId || row.workflow_name.toLowerCase().includes(text) || shown.includes(text)
      },
    },
    start_time_after: { values: [iso(20)], keeps: (row) => row.start >= START + 20 * 60_000 },
    start_time_before: { values: [iso(40)], keeps: (row) => row.start <= START + 40 * 60_000 },
    end_time_after: { values: [iso(25)], keeps: (row) => row.end !== null && row.end >= START + 25 * 60_000 },
    end_time_before: {
      values: [iso(45)],
      keeps: (row) => row.end !== null && row.end <= START + 45 * 60_000,
    },
    search_key: {
      values: ['customer:acme', 'customer:ACME 2', 'region:us', 'nothing:x'],
      keeps: (row, value) => {
        const [key, part] = value.split(':') as [string, string]
        return row.keys[key]?.toLowerCase().includes(part.toLowerCase()) ?? false
      },
    },
  }

  it('are listed by any filter, in any order, in pages of any size', async () => {
    const anyFilter = fc
      .constantFrom(...Object.keys(filters))
      .chain((name) => fc.tuple(fc.constant(name), fc.constantFrom(...filters[name]!.values)))
    const query = fc.record({
      chosen: fc.uniqueArray(anyFilter, { maxLength: 3, selector: ([name]) => name }),
      statuses: fc.option(fc.subarray(STATUSES, { minLength: 1 })),
      sortBy: fc.constantFrom('start_time' as const, 'end_time' as const),
      order: fc.constantFrom('asc' as const, 'desc' as const),
      pageSize: fc.constantFrom(7, 50, 1000),
    })
    await fc.assert(
      fc.asyncProperty(query, async ({ chosen, statuses, sortBy, order, pageSize }) => {
        const time = (row: Row) => (sortBy === 'start_time' ? row.start : (row.end ?? Infinity))
        const sign = order === 'asc' ? 1 : -1
        const expected = rows
          .filter((row) => chosen.every(([name, value]) => filters[name]!.keeps(row, value)))
          .filter((row) => !statuses || statuses.includes(row.status))
          .sort((a, b) => {
            const [left, right] = [time(a), time(b)]
            if (left !== right) return left < right ? -sign : sign
            return a.run_id < b.run_id ? -sign : sign
          })
        const found = await list(
          [
            ...chosen,
            ...(statuses ?? []).map((status): [string, string] => ['status', status]),
            ['sort_by', sortBy],
            ['order', order],
          ],
          pageSize,
        )
        assert.deepEqual(
          found,
          expected.map((row) => row.run_id),
        )
      }),
      { numRuns: 150 },
    )
  })

  it('are counted by status, as they are listed', async () => {
    const anyFilter = fc
      .constantFrom(...Object.keys(filters))
      .chain((name) => fc.tuple(fc.constant(name), fc.constantFrom(...filters[name]!.values)))
    const query = fc.record({
      chosen: fc.uniqueArray(anyFilter, { maxLength: 3, selector: ([name]) => name }),
      statuses: fc.option(fc.subarray(STATUSES, { minLength: 1 })),
    })
    await fc.assert(
      fc.asyncProperty(query, async ({ chosen, statuses }) => {
        const search = new URLSearchParams([
          ...chosen,
          ...(statuses ?? []).map((status): [string, string] => ['status', status]),
        ])
        const { status, body } = await server.call('GET', `/v1/workflows/runs/counts?${search}`)
        assert.equal(status, 200, `${search}: ${JSON.stringify(body)}`)
        const kept = rows.filter((row) => chosen.every(([name, value]) => filters[name]!.keeps(row, value)))
        const counts: { status: string; count: number; is_exact: boolean }[] = body.counts
        const expected = (statuses ?? STATUSES).map((one) => kept.filter((row) => row.status === one).length)
        assert.deepEqual(
          counts.map((one) => one.status),
          statuses ?? STATUSES,
        )
        const total = expected.reduce((sum, one) => sum + one, 0)
        // With a search key, as many as 200 are looked at.
        const hasMore = total > 200 && chosen.some(([name]) => name === 'search_key')
        for (const [i, one] of counts.entries()) {
          assert.equal(one.is_exact, !hasMore, String(search))
          assert.ok(
            hasMore ? one.count <= expected[i]! : one.count === expected[i],
            `${search} ${one.status}`,
          )
        }
        if (hasMore)
          assert.equal(
            counts.reduce((sum, { count }) => sum + count, 0),
            200,
          )
      }),
      { numRuns: 150 },
    )
    const malformed = await server.call('GET', '/v1/workflows/runs/counts?status=NOPE')
    assert.equal(malformed.status, 422)
    const stranger = await server.makeKey('read', 'another')
    const { body } = await server.call('GET', '/v1/workflows/runs/counts', { key: stranger })
    assert.ok(body.counts.every((one: { count: number }) => one.count === 0))
  })

  it('are found by their own id, and by the id of their workflow', async () => {
    const run = rows[5]!
    assert.deepEqual(await list([['search', run.run_id.toUpperCase()]], 10), [run.run_id])
    const { body } = await server.call('GET', '/v1/workflows/alpha')
    const alphas = rows.filter((row) => row.workflow_name === 'alpha').length
    assert.equal((await list([['workflow_identifier', body.workflow.id]], 1000)).length, alphas)
    assert.equal((await list([['search', body.workflow.id]], 1000)).length, alphas)
  })

  it('are not listed for a malformed question', async () => {
    for (const query of [
      'next_page_token=nonsense',
      `next_page_token=${Buffer.from('["start_time","asc",1,"x"]').toString('base64url')}`,
      'page_size=0',
      'page_size=1001',
      'status=NOPE',
      'sort_by=name',
      'order=up',
      'start_time_after=yesterday',
      'search_key=nokey',
      'search_key=a:b&search_key=a:b&search_key=a:b&search_key=a:b',
      'search=%00',
      'workflow_identifier=%00',
    ]) {
      const { status, body } = await server.call('GET', `/v1/workflows/runs?${query}`)
      assert.equal(status, 422, query)
      assert.ok(Array.isArray(body.detail), query)
    }
    const { body } = await server.call('GET', '/v1/workflows/runs?page_size=1')
    const other = await server.call(
      'GET',
      `/v1/workflows/runs?order=asc&next_page_token=${body.next_page_token}`,
    )
    assert.equal(other.status, 422, 'a token is for the order in which it was given')
  })

  it('are counted', async () => {
    const { body } = await server.call('GET', '/v1/workflows/alpha/metrics')
    const alphas = rows.filter((row) => row.workflow_name === 'alpha')
    const done = alphas.filter((row) => row.status === 'COMPLETED')
    assert.equal(body.execution_count.value, alphas.length)
    assert.equal(body.success_count.value, done.length)
    assert.equal(
      body.error_count.value,
      alphas.filter((row) => ['FAILED', 'TERMINATED', 'TIMED_OUT'].includes(row.status)).length,
    )
    const average = done.reduce((sum, row) => sum + (row.end! - row.start), 0) / done.length
    assert.ok(Math.abs(body.average_latency_ms.value - average) < 1)
    assert.ok(body.latency_over_time.value.length > 3)
    for (const [at, latency] of body.latency_over_time.value) {
      assert.ok(Number.isInteger(at) && at >= START / 1000 && at <= START / 1000 + 3_600)
      assert.ok(latency >= 0)
    }
    assert.equal(body.retry_rate.value, 0)
    const none = await server.call('GET', `/v1/workflows/alpha/metrics?start_time=2030-01-01T00:00:00Z`)
    assert.deepEqual(
      [
        none.body.execution_count.value,
        none.body.average_latency_ms.value,
        none.body.latency_over_time.value,
      ],
      [0, 0, []],
    )
    const unknown = await server.call('GET', '/v1/workflows/nobody-has-it/metrics')
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'WORKFLOW_NOT_FOUND'])
  })
})

describe('the figures of a workflow that was just run very often', () => {
  it('are there at once, though the database knows nothing of its runs', async () => {
    const server = await startTestServer()
    const database = new pg.Client({ connectionString: server.databaseUrl })
    await database.connect()
    await database.query('alter table workflow_runs set (autovacuum_enabled = false)')
    await database.query(
      `insert into workflow_runs (workspace_id, run_id, execution_id, workflow_name, root_execution_id, status, start_time, end_time)
       select (select workspace_id from keys limit 1), gen_random_uuid(), 'e' || i, 'often', 'e' || i, 'COMPLETED', started,
         started + interval '2 seconds'
       from (select i, date_trunc('milliseconds', now()) - make_interval(secs => i) as started from generate_series(1, 20000) i) made`,
    )
    // When each run looked at all the others, this took a minute; the limit is 5 seconds.
    const { status, body } = await server.call('GET', '/v1/workflows/often/metrics')
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal(body.execution_count.value, 20_000)
    assert.equal(body.average_latency_ms.value, 2_000)
    assert.ok(body.latency_over_time.value.length > 90)
    await database.end()
    await server.close()
  })
})

describe('what workers say of runs', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())
  const register = (body: unknown) =>
    server.call('POST', '/v1/workflows/executions/register', { body: body as object })

  it('is taken, whatever it is', async () => {
    const run = {
      temporal_workflow_id: 'child-1',
      temporal_run_id: '01a213df-24ca-70f7-962b-3885fdb3b630',
      workflow_name: 'w',
      task_queue: 'q',
      execution_token_hash: 'x',
      temporal_parent_workflow_id: 'parent',
      temporal_root_workflow_id: 'root',
      search_key_metadata: { customer: 'acme', empty: null },
    }
    const first = await register(run)
    assert.deepEqual(first.body, { execution_id: 'child-1', created: true, metadata_status: 'ok' })
    assert.deepEqual((await register(run)).body.created, false)
    const { body } = await server.call('GET', '/v1/workflows/runs?search_key=customer:ACM')
    assert.equal(body.runs.length, 1)
    assert.equal(body.runs[0].parent_execution_id, 'parent')
    assert.equal(body.runs[0].root_execution_id, 'root')
    assert.equal(body.runs[0].start_time, '2026-11-25T18:02:00.778Z')
    for (const odd of [
      {},
      [],
      null,
      'text',
      { ...run, temporal_run_id: 5 },
      { ...run, temporal_run_id: 'no uuid' },
      { ...run, temporal_workflow_id: 'x'.repeat(1000) },
      { ...run, temporal_run_id: crypto.randomUUID(), workflow_name: 'a\0b', task_queue: null },
      { ...run, temporal_run_id: crypto.randomUUID(), search_key_metadata: { a: 1, 'b\ud800': 'c\0' } },
      { ...run, temporal_run_id: crypto.randomUUID(), search_key_metadata: [1] },
    ])
      assert.equal((await register(odd)).status, 200, JSON.stringify(odd))
  })

  it('does not move the start of a run that is known', async () => {
    const run = {
      temporal_workflow_id: 'twice',
      temporal_run_id: crypto.randomUUID(),
      workflow_name: 'w',
      task_queue: 'q',
    }
    const start = async () =>
      (await server.call('GET', '/v1/workflows/runs?root_execution_id=twice')).body.runs[0].start_time
    await register(run)
    const first = await start()
    const since = Date.now()
    await eventually(() => Date.now() - since > 200)
    await register({ ...run, search_key_metadata: { late: 'x' } })
    assert.equal(await start(), first)
  })

  it('may be search keys, as many as a run may have', async () => {
    const temporal_run_id = crypto.randomUUID()
    const path = '/v1/workflows/executions/search_keys/keyed'
    await register({ temporal_workflow_id: 'keyed', temporal_run_id, workflow_name: 'w', task_queue: 'q' })
    const set = (search_key_metadata: object) =>
      server.call('PATCH', path, { body: { temporal_run_id, search_key_metadata } })
    assert.deepEqual((await set({ a: 'one' })).body, {
      metadata_status: 'ok',
      dropped_keys: [],
      truncated_keys: [],
    })
    const long = await set({ a: 'two', ['k'.repeat(257)]: 'x', big: 'y'.repeat(9_000) })
    assert.equal(long.body.metadata_status, 'partial')
    assert.deepEqual(long.body.dropped_keys, ['k'.repeat(257)])
    assert.deepEqual(long.body.truncated_keys, ['big'])
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`n${i}`, 'v']))
    const more = await set(many)
    assert.deepEqual(more.body.dropped_keys, ['n18', 'n19'])
    assert.equal((await set({ ...many, another: 'x' })).status, 422)
    const deleted = await server.call('DELETE', path, { body: { temporal_run_id, keys: ['a', 'nope'] } })
    assert.deepEqual(deleted.body, { deleted_keys: ['a'] })
    const unknown = await server.call('PATCH', path, {
      body: { temporal_run_id: crypto.randomUUID(), search_key_metadata: {} },
    })
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'WF_1100'])
  })
})
