import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { registerWorkflows, workflowSpec } from '@tramontane/testkit/registered-workflows'
import { startSecondServer } from '@tramontane/testkit/second-server'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import pg from 'pg'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('registering workers', () => {
  let server: TestServer
  let database: pg.Client
  before(async () => {
    server = await startTestServer({ temporalAddress: 'none' })
    database = new pg.Client({ connectionString: server.databaseUrl })
    await database.connect()
  })
  after(async () => {
    await database.end()
    await server.close()
  })

  const register = (
    definitions: readonly Record<string, unknown>[],
    options?: Parameters<typeof registerWorkflows>[2],
  ) => registerWorkflows(server, definitions, options)

  const beat = (
    refs: readonly unknown[],
    { deployment = 'test-deployment', worker = 'test-worker', key }: Record<string, string> = {},
  ) =>
    server.call('POST', '/v1/workflows/workers/heartbeat', {
      ...(key ? { key } : {}),
      body: { workflow_registration_refs: refs, deployment_name: deployment, worker_name: worker },
    })

  const isActive = async (name: string) =>
    (await server.call('GET', `/v1/workflows/${name}`)).body.workflow.active

  /** Time passes for workers: they were seen last so many seconds ago. Below zero, they are there for longer. */
  const age = (seconds: number, deployment: string) =>
    database.query(
      `update deployment_workers set last_seen_at = now() - make_interval(secs => $1)
       where deployment_id = (select id from workflow_deployments where name = $2)`,
      [seconds, deployment],
    )

  const definitionNow = async (name: string, deployment: string) => {
    const { workflow } = (await server.call('GET', `/v1/workflows/${name}`)).body
    const listed = await server.call(
      'GET',
      `/v1/workflows/registrations?workflow_id=${workflow.id}&task_queue=${deployment}`,
    )
    return listed.body.workflow_registrations
  }

  it('the same definitions have the same ids, in the order in which they are sent', async () => {
    const specs = [workflowSpec('order-b'), workflowSpec('order-a'), workflowSpec('__parallel_execution__')]
    const first = await register(specs, { deployment: 'ids' })
    assert.equal(first.has_conflicts, false)
    assert.deepEqual(first.warnings, [])
    assert.equal(first.workflow_registration_refs.length, 3)
    for (const ref of first.workflow_registration_refs) {
      assert.match(ref.workflow_id, UUID)
      assert.match(ref.workflow_registration_id, UUID)
    }
    const again = await register(specs.toReversed(), { deployment: 'ids' })
    assert.deepEqual(again.workflow_registration_refs, first.workflow_registration_refs.toReversed())
    const [ref] = first.workflow_registration_refs
    const { body } = await server.call('GET', `/v1/workflows/registrations/${ref!.workflow_registration_id}`)
    assert.equal(body.workflow_registration.workflow_id, ref!.workflow_id)
    assert.equal((await server.call('GET', '/v1/workflows/order-b')).body.workflow.id, ref!.workflow_id)
    // The order of an object's members is no content.
    const { name, ...rest } = specs[0]!
    const shuffled = { ...Object.fromEntries(Object.entries(rest).reverse()), name }
    assert.deepEqual((await register([shuffled], { deployment: 'ids' })).workflow_registration_refs, [ref])
  })

  it('answers what older and newer workers read', async () => {
    const { status, body } = await server.call('POST', '/v1/workflows/register', {
      body: {
        definitions: [{ name: 'bare', input_schema: {}, from_the_future: { a: 1 } }],
        deployment_name: 'lenient',
        worker_name: 'w',
        deployment_location: { location_type: 'the moon', k8s_cluster: null },
        also_unknown: true,
      },
    })
    assert.equal(status, 200)
    const [ref] = body.workflow_registration_refs
    assert.equal(ref.workflow_version_id, ref.workflow_registration_id)
    assert.deepEqual(body.workflow_version_refs, body.workflow_registration_refs)
    assert.deepEqual(body.workflow_registration_ids, [ref.workflow_registration_id])
    assert.deepEqual(body.workflow_version_ids, [ref.workflow_registration_id])
    const [kept] = await definitionNow('bare', 'lenient')
    assert.deepEqual(kept.definition, {
      input_schema: {},
      output_schema: null,
      signals: [],
      queries: [],
      updates: [],
      enforce_determinism: false,
      on_behalf_of: false,
      execution_timeout: 3600,
      plugin_metadata: null,
    })
    const olderBeat = await server.call('POST', '/v1/workflows/workers/heartbeat', {
      body: {
        workflow_version_refs: [
          { workflow_id: ref.workflow_id, workflow_version_id: ref.workflow_version_id },
        ],
        deployment_name: 'lenient',
        worker_name: 'w',
        unknown: 1,
      },
    })
    assert.deepEqual(olderBeat.body, { all_active: true })
  })

  it('keeps what the code declares', async () => {
    const handler = { name: 'approve', description: 'Say yes.', input_schema: { type: 'object', b: 1, a: 2 } }
    const spec = workflowSpec('declared', {
      display_name: 'Declared by code',
      description: 'What it does.\0',
      signals: [handler],
      queries: [{ ...handler, name: 'status', output_schema: { type: 'string' } }],
      updates: [{ ...handler, name: 'change', description: null }],
      on_behalf_of: true,
      execution_timeout: 'P1DT1M',
      plugin_metadata: { connectors: ['github'] },
    })
    const { warnings } = await register([spec], { deployment: 'declares' })
    assert.equal(warnings.length, 1)
    assert.match(warnings[0]!, /knows no users/)
    const { workflow } = (await server.call('GET', '/v1/workflows/declared')).body
    assert.equal(workflow.display_name, 'Declared by code')
    assert.equal(workflow.description, 'What it does.\ufffd')
    assert.equal(workflow.type, 'code')
    assert.match(workflow.customer_id, /^[0-9a-f-]{36}$/)
    const [kept] = await definitionNow('declared', 'declares')
    assert.equal(kept.definition.execution_timeout, 86_460)
    assert.equal(kept.definition.on_behalf_of, true)
    assert.equal(kept.definition.enforce_determinism, true)
    assert.deepEqual(kept.definition.plugin_metadata, { connectors: ['github'] })
    assert.deepEqual(kept.definition.signals, [handler])
    assert.deepEqual(kept.definition.queries, [
      { ...handler, name: 'status', output_schema: { type: 'string' } },
    ])
    assert.deepEqual(kept.definition.updates, [
      { ...handler, name: 'change', description: null, output_schema: null },
    ])
    assert.deepEqual(Object.keys(kept.definition.signals[0].input_schema), ['type', 'b', 'a'])
    assert.deepEqual([kept.deployment_name, kept.task_queue], ['declares', 'declares'])
  })

  it('a changed definition has an id of its own under the same workflow; the earlier one comes back with it', async () => {
    const one = workflowSpec('changing', { display_name: 'One' })
    const two = workflowSpec('changing', { display_name: 'Two', input_schema: { type: 'object' } })
    const start = async (spec: Record<string, unknown>) =>
      (await register([spec], { deployment: 'changes' })).workflow_registration_refs[0]!
    const shown = async () => (await server.call('GET', '/v1/workflows/changing')).body.workflow.display_name
    const first = await start(one)
    const second = await start(two)
    assert.equal(second.workflow_id, first.workflow_id)
    assert.notEqual(second.workflow_registration_id, first.workflow_registration_id)
    assert.equal(await shown(), 'Two')
    assert.deepEqual(await start(one), first)
    assert.equal(await shown(), 'One')
    assert.equal((await definitionNow('changing', 'changes')).length, 2)
    const elsewhere = await register([one], { deployment: 'changes-elsewhere' })
    assert.equal(elsewhere.workflow_registration_refs[0]!.workflow_id, first.workflow_id)
    assert.notEqual(
      elsewhere.workflow_registration_refs[0]!.workflow_registration_id,
      first.workflow_registration_id,
    )
  })

  it('tells a worker of others that run the same workflows in its deployment', async () => {
    const specs = [workflowSpec('shared')]
    const conflicts = async (worker: string, deployment = 'conflicts') =>
      (await register(specs, { deployment, worker })).has_conflicts
    assert.equal(await conflicts('first'), false)
    assert.equal(await conflicts('first'), false)
    assert.equal(await conflicts('second'), true)
    assert.equal(await conflicts('first'), true)
    assert.equal(await conflicts('third', 'conflicts-elsewhere'), false)
    assert.equal(
      (await register([workflowSpec('unshared')], { deployment: 'conflicts', worker: 'fourth' }))
        .has_conflicts,
      false,
    )
    await age(31, 'conflicts')
    assert.equal(await conflicts('fifth'), false)
  })

  it('a worker is there for 30 seconds after its last sign of life', async () => {
    const options = { deployment: 'beating', worker: 'heart' }
    const { workflow_registration_refs: refs } = await register([workflowSpec('beaten')], options)
    assert.equal(await isActive('beaten'), true)
    // Asked within a second; again on a machine that stalls for so long.
    await eventually(async () => {
      await age(29, 'beating')
      return isActive('beaten')
    })
    await age(31, 'beating')
    assert.equal(await isActive('beaten'), false)
    assert.deepEqual((await beat(refs, options)).body, { all_active: true })
    assert.equal(await isActive('beaten'), true)
    await age(31, 'beating')
    await register([workflowSpec('beaten')], options)
    assert.equal(await isActive('beaten'), true)
  })

  it('a heartbeat of what is not registered is refused, so that the worker registers again', async () => {
    const { workflow_registration_refs: refs } = await register([workflowSpec('known')], {
      deployment: 'knows',
    })
    const unknown = { ...refs[0], workflow_registration_id: '01890000-0000-7000-8000-000000000000' }
    for (const [sent, options] of [
      [refs, { deployment: 'other' }],
      [[...refs, unknown], { deployment: 'knows' }],
      [[{ workflow_id: 'x', workflow_registration_id: 'y' }], { deployment: 'knows' }],
      [[{ workflow_id: refs[0]!.workflow_id }], { deployment: 'knows' }],
      [refs, { deployment: 'knows', key: await server.makeKey('worker', 'beats elsewhere') }],
    ] as const) {
      const refused = await beat(sent, options)
      assert.equal(refused.status, 409, JSON.stringify(refused.body))
      assert.equal(refused.body.code, 'WORKER_NOT_REGISTERED')
    }
    // A worker that is no longer known, with registrations that are, is taken up again.
    await database.query('delete from deployment_workers where name = $1', ['test-worker'])
    assert.equal((await beat(refs, { deployment: 'knows' })).status, 200)
    assert.equal(await isActive('known'), true)
    assert.equal((await beat([], { deployment: 'knows', worker: 'only activities' })).status, 200)
  })

  it('processes that share a name and run other workflows are active side by side', async () => {
    const options = { deployment: 'one-machine', worker: 'laptop' }
    const left = await register([workflowSpec('left')], options)
    const right = await register([workflowSpec('right')], options)
    await age(31, 'one-machine')
    await beat(left.workflow_registration_refs, options)
    assert.deepEqual([await isActive('left'), await isActive('right')], [true, false])
    await beat(right.workflow_registration_refs, options)
    assert.deepEqual([await isActive('left'), await isActive('right')], [true, true])
    const { workers } = (await server.call('GET', '/v1/workflows/deployments/one-machine/workers')).body
    assert.deepEqual(
      workers.map((worker: { name: string }) => worker.name),
      ['laptop'],
    )
  })

  it('writes nothing when nothing is new', async () => {
    const specs = Array.from({ length: 20 }, (_, n) => workflowSpec(`steady-${n}`))
    const options = { deployment: 'steady', worker: 'w' }
    const { workflow_registration_refs: refs } = await register(specs, options)
    const rows = async () => {
      const found = []
      for (const table of [
        'workflows',
        'workflow_deployments',
        'workflow_registrations',
        'deployment_workers',
      ])
        found.push((await database.query(`select xmin::text, * from ${table} order by 2, 3, 4`)).rows)
      return found
    }
    const [workflows, deployments, registrations] = await rows()
    // Only who was seen in the last seconds is not written again: once more on a machine that stalls for so long.
    await eventually(async () => {
      await age(0, 'steady')
      const before = await rows()
      for (let round = 0; round < 3; round++) {
        await register(specs, options)
        await beat(refs, options)
      }
      assert.deepEqual(await rows(), before)
      return true
    })
    await age(10, 'steady')
    await register(specs, options)
    assert.deepEqual((await rows()).slice(0, 3), [workflows, deployments, registrations])
    assert.equal(await isActive('steady-7'), true)
  })

  it('ten workers that start at once make nothing twice, and none is refused', async () => {
    const specs = Array.from({ length: 30 }, (_, n) => workflowSpec(`crowd-${n}`))
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        register(n % 2 ? specs : specs.toReversed(), {
          deployment: `crowd-${n % 4}`,
          worker: `w${n}`,
        }),
      ),
    )
    const workflowIds = new Set(
      answers.flatMap((answer) => answer.workflow_registration_refs.map((ref) => ref.workflow_id)),
    )
    const registrationIds = new Set(
      answers.flatMap((answer) =>
        answer.workflow_registration_refs.map((ref) => ref.workflow_registration_id),
      ),
    )
    assert.equal(workflowIds.size, 30)
    assert.equal(registrationIds.size, 4 * 30)
    const { rows } = await database.query(
      `select count(*)::int as count from workflow_registrations where workflow_id = any($1)`,
      [[...workflowIds]],
    )
    assert.equal(rows[0].count, 4 * 30)
    const changed = specs.map((spec) => ({ ...spec, description: 'Changed.' }))
    const beats = answers.map((answer, n) =>
      beat(answer.workflow_registration_refs, { deployment: `crowd-${n % 4}`, worker: `w${n}` }),
    )
    const restarted = answers.map((_, n) =>
      register(changed, { deployment: `crowd-${n % 4}`, worker: `w${n}` }),
    )
    for (const { status } of await Promise.all(beats)) assert.equal(status, 200)
    assert.equal(
      new Set(
        (await Promise.all(restarted))
          .flatMap((answer) => answer.workflow_registration_refs)
          .map((ref) => ref.workflow_registration_id),
      ).size,
      4 * 30,
    )
  })

  it('two servers that are asked at once make nothing twice either', async () => {
    const second = await startSecondServer(server)
    try {
      const specs = Array.from({ length: 10 }, (_, n) => workflowSpec(`twin-${n}`))
      const send = async (url: string, n: number) => {
        const answer = await fetch(`${url}/v1/workflows/register`, {
          method: 'POST',
          headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            definitions: n % 2 ? specs : specs.toReversed(),
            deployment_name: `twin-${n % 3}`,
            worker_name: `w${n}`,
          }),
        })
        assert.equal(answer.status, 200, await answer.clone().text())
        return ((await answer.json()) as { workflow_registration_refs: Record<string, string>[] })
          .workflow_registration_refs
      }
      const refs = (
        await Promise.all(Array.from({ length: 20 }, (_, n) => send(n < 10 ? server.url : second.url, n)))
      ).flat()
      assert.equal(new Set(refs.map((ref) => ref.workflow_id)).size, 10)
      assert.equal(new Set(refs.map((ref) => ref.workflow_registration_id)).size, 30)
    } finally {
      await second.close()
    }
  })

  it('where a worker runs is kept; the mark of the vendor’s cloud is understood', async () => {
    const at = async (deployment: string, location: unknown) => {
      await register([workflowSpec('placed')], { deployment, location })
      return (await server.call('GET', `/v1/workflows/deployments/${deployment}`)).body
    }
    const local = { location_type: 'local', k8s_cluster: null, k8s_namespace: null }
    const first = await at('place-a', { location_type: 'local' })
    assert.deepEqual(first.location, local)
    assert.deepEqual(first.locations, ['local'])
    assert.deepEqual(first.workers[0].location, local)
    const k8s = { location_type: 'k8s', k8s_cluster: 'c', k8s_namespace: 'n' }
    assert.deepEqual((await at('place-a', k8s)).workers[0].location, k8s)
    const managed = await at('place-b', { location_type: 'k8s', k8s_cluster: '__mistral_managed__' })
    assert.deepEqual(managed.location, { location_type: 'managed', k8s_cluster: null, k8s_namespace: null })
    assert.deepEqual((await at('place-c', { location_type: 'orbit' })).location, null)
  })

  it('refuses what is beyond a limit, and says which', async () => {
    const send = (body: Record<string, unknown>) =>
      server.call('POST', '/v1/workflows/register', {
        body: { deployment_name: 'limits', worker_name: 'w', definitions: [workflowSpec('fine')], ...body },
      })
    const large = workflowSpec('large', { input_schema: { description: 'x'.repeat(513 * 1024) } })
    for (const [body, pattern] of [
      [{ definitions: [] }, /definitions/],
      [{ definitions: Array.from({ length: 1001 }, (_, n) => workflowSpec(`n${n}`)) }, /1000/],
      [{ definitions: [workflowSpec('x'.repeat(256))] }, /255/],
      [{ definitions: [workflowSpec('')] }, /name/],
      [{ definitions: [large] }, /large are larger than 512 KiB/],
      [{ definitions: [workflowSpec('s', { schedules: [{ input: 'x'.repeat(513 * 1024) }] })] }, /schedules/],
      [{ definitions: [workflowSpec('s', { schedules: Array(101).fill({ input: {} }) })] }, /100/],
      [{ definitions: [workflowSpec('t', { execution_timeout: 'soon' })] }, /ISO 8601/],
      [{ definitions: [workflowSpec('t', { execution_timeout: 'PT0S' })] }, /above 0/],
      [{ definitions: [workflowSpec('t', { execution_timeout: 'P11Y' })] }, /ten years/],
      [{ definitions: [workflowSpec('twice'), workflowSpec('twice')] }, /declared twice/],
      [{ definitions: 'none' }, /definitions/],
      [{ deployment_name: '' }, /deployment_name/],
      [{ worker_name: 'nul \0' }, /worker_name/],
    ] as const) {
      const refused = await send(body)
      assert.equal(refused.status, 422, JSON.stringify(body).slice(0, 200))
      assert.match(JSON.stringify(refused.body), pattern)
    }
    assert.equal((await server.call('GET', '/v1/workflows/deployments/limits')).status, 404)
  })

  it('keeps the newest hundred definitions of a workflow in a deployment', async () => {
    const start = (n: number, worker: string) =>
      register([workflowSpec('restless', { description: `Number ${n}` })], { deployment: 'restless', worker })
    const { workflow_registration_refs: oldest } = await start(0, 'stays')
    for (let n = 1; n <= 102; n++) {
      await start(n, 'moves')
      await age(-3_600, 'restless')
    }
    // All that a worker still runs are kept beside them: here all, since every process is still there.
    assert.equal(
      (await database.query(`select from workflow_registrations where description like 'Number %'`)).rowCount,
      103,
    )
    await age(31, 'restless')
    await beat(oldest, { deployment: 'restless', worker: 'stays' })
    await start(103, 'moves')
    const { rows } = await database.query(
      `select description from workflow_registrations where description like 'Number %' order by registered_at`,
    )
    assert.equal(rows.length, 101)
    assert.deepEqual([rows[0].description, rows[1].description], ['Number 0', 'Number 4'])
  })

  it('has room for ten thousand of each; what nobody uses any more gives way', async () => {
    // As in the night before the many come: the planner knows of small workspaces alone.
    await database.query(`
      with small as (
        insert into workflows (workspace_id, id, name, display_name, is_technical)
        select gen_random_uuid(), gen_random_uuid(), 'small', 'small', false from generate_series(1, 300)
        returning workspace_id, id
      )
      insert into workflow_registrations (workspace_id, id, workflow_id, deployment_id, definition, definition_hash, definition_bytes, is_technical)
      select workspace_id, gen_random_uuid(), id, gen_random_uuid(), '{}', '', 2, false from small`)
    await database.query('analyze workflows, workflow_registrations')
    const key = await server.makeKey('worker', 'full')
    const ref = (await register([workflowSpec('first')], { key, deployment: 'first' }))
      .workflow_registration_refs[0]!
    const reader = await server.makeKey('read', 'full')
    const { workspace_id } = (await server.call('GET', '/v1/workflows/first', { key: reader })).body.workflow
    await database.query(
      `insert into workflow_deployments (workspace_id, id, name, updated_at)
       select $1, gen_random_uuid(), 'old ' || n, now() - interval '1 year' + n * interval '1 second'
       from generate_series(1, 9999) n`,
      [workspace_id],
    )
    await database.query(
      `insert into workflows (workspace_id, id, name, display_name, is_technical)
       select $1, gen_random_uuid(), 'w' || n, 'w', false from generate_series(1, 9998) n`,
      [workspace_id],
    )
    // One workflow fits, but no further deployment: the hundred oldest go, and with them what only they had.
    await register([workflowSpec('second')], { key, deployment: 'second' })
    const count = async (table: string) =>
      (
        await database.query(`select count(*)::int as n from ${table} where workspace_id = $1`, [
          workspace_id,
        ])
      ).rows[0].n
    assert.deepEqual([await count('workflow_deployments'), await count('workflows')], [9901, 2])
    const left = await server.call('GET', '/v1/workflows/deployments/old%20100', { key: reader })
    assert.equal(left.status, 404)
    assert.equal(
      (await server.call('GET', '/v1/workflows/deployments/old%20101', { key: reader })).status,
      200,
    )
    assert.deepEqual(
      (await register([workflowSpec('first')], { key, deployment: 'first' })).workflow_registration_refs,
      [ref],
    )
    await database.query(
      `insert into workflows (workspace_id, id, name, display_name, is_technical)
       select $1, gen_random_uuid(), 'v' || n, 'v', false from generate_series(1, 9998) n`,
      [workspace_id],
    )
    await database.query(
      `insert into workflow_registrations (workspace_id, id, workflow_id, deployment_id, definition, definition_hash, definition_bytes, is_technical)
       select w.workspace_id, gen_random_uuid(), w.id, d.id, '{}', '', 2, false
       from workflows w, workflow_deployments d where w.workspace_id = $1 and d.workspace_id = $1 and d.name = 'first'
         and w.name like 'v%'`,
      [workspace_id],
    )
    const rowsRead = async () => {
      // Connections tell what they have read when they end.
      await database.query(`
        select pg_terminate_backend(pid, 5000) from pg_stat_activity
        where datname = current_database() and application_name = 'tramontane server' and state = 'idle'`)
      const { rows } = await database.query(`
        select seq_tup_read + (select sum(idx_tup_read) from pg_stat_user_indexes i where i.relid = t.relid) as n
        from pg_stat_user_tables t where relname = 'workflow_registrations'`)
      return Number(rows[0].n)
    }
    const before = await rowsRead()
    const refused = await server.call('POST', '/v1/workflows/register', {
      key,
      body: { definitions: [workflowSpec('third')], deployment_name: 'first', worker_name: 'w' },
    })
    assert.equal(refused.status, 422)
    assert.match(refused.body.detail[0].msg, /has 10000 workflows and may have 10000/)
    await register([workflowSpec('v1')], { key, deployment: 'first' })
    const read = (await rowsRead()) - before
    assert.ok(read > 9_000 && read < 200_000, `to register twice, ${read} rows were read of 10,000`)
  })

  it('is for keys that may work, and for their workspace', async () => {
    const body = { definitions: [workflowSpec('guarded')], deployment_name: 'guarded', worker_name: 'w' }
    const statusFor = async (key: string | null) =>
      (await server.call('POST', '/v1/workflows/register', { key, body })).status
    assert.equal(await statusFor(await server.makeKey('worker')), 200)
    assert.equal(await statusFor(await server.makeKey('member')), 200)
    assert.equal(await statusFor(await server.makeKey('read')), 403)
    assert.equal(await statusFor(await server.makeKey('ingest')), 403)
    assert.equal(await statusFor(null), 401)
    const elsewhere = await server.makeKey('admin', 'registers elsewhere')
    assert.equal((await server.call('GET', '/v1/workflows/guarded', { key: elsewhere })).status, 404)
    const own = await register([workflowSpec('guarded')], { deployment: 'guarded', key: elsewhere })
    assert.notEqual(
      own.workflow_registration_refs[0]!.workflow_id,
      (await server.call('GET', '/v1/workflows/guarded')).body.workflow.id,
    )
  })

  it('takes drawings and drops them; says that it knows no users', async () => {
    await register([workflowSpec('drawn')])
    const draw = (name: string) =>
      server.call('POST', `/v1/workflows/${name}/graphs`, { body: { version: 3, graph_data: {} } })
    assert.equal((await draw('drawn')).status, 204)
    assert.equal((await draw('undrawn')).body.code, 'WORKFLOW_NOT_FOUND')
    const ask = (what: string) =>
      server.call('POST', `/v1/workflows/workers/${what}`, { body: { execution_token: 'abc' } })
    const token = await ask('executor-identity-token')
    assert.equal(token.status, 403)
    assert.match(token.body.detail, /no users/)
    const { workflow } = (await server.call('GET', '/v1/workflows/drawn')).body
    assert.deepEqual((await ask('executor-identity')).body, {
      customer_id: workflow.customer_id,
      workspace_id: workflow.workspace_id,
      user_id: null,
      organization_id: null,
    })
  })

  it('says why workers cannot connect when there is no engine', async () => {
    const { status, body } = await server.call('GET', '/v1/workflows/workers/whoami')
    assert.equal(status, 503)
    assert.equal(body.code, 'TEMPORAL_UNAVAILABLE')
    const reader = await server.makeKey('read')
    const engine = await server.call('GET', '/v1/workflows/workers/engine', { key: reader })
    assert.deepEqual([engine.status, engine.body.is_available], [200, false])
    assert.match(engine.body.reason, /TRAMONTANE_TEMPORAL_ADDRESS/)
  })
})
