import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { registerWorkflows, workflowSpec } from '@tramontane/testkit/registered-workflows'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { Mistral as Mistral264 } from 'mistralai-2.6.4'
import { Mistral as Mistral270 } from 'mistralai-2.7.0'
import pg from 'pg'

type Named = { name: string }
const path = '/v1/workflows/deployments'

describe('deployments', () => {
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

  const register = (names: readonly string[], options: Parameters<typeof registerWorkflows>[2]) =>
    registerWorkflows(
      server,
      names.map((name) => workflowSpec(name)),
      options,
    )
  const get = async (target: string, key = server.key) => {
    const answer = await server.call('GET', target, { key })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body
  }
  const names = async (query: string, key?: string): Promise<string[]> =>
    (await get(`${path}?${query}`, key)).deployments.map(({ name }: Named) => name)

  /** Time passes until a worker counts as gone. */
  const letGo = (worker: string) =>
    database.query(
      `update deployment_workers set last_seen_at = last_seen_at - interval '31 seconds' where name = $1`,
      [worker],
    )

  /** Workers stay, however long the test takes. */
  const keep = (workers: readonly string[]) =>
    database.query(
      `update deployment_workers set last_seen_at = now() + interval '1 hour' where name = any($1)`,
      [workers],
    )

  /** All pages of a list, in one. */
  async function all(target: string, list: string, key: string): Promise<string[]> {
    const found: string[] = []
    for (let cursor = ''; ; ) {
      const body = await get(`${target}${cursor}`, key)
      found.push(...body[list].map(({ name }: Named) => name))
      if (body.next_cursor === null) return found
      cursor = `&cursor=${encodeURIComponent(body.next_cursor)}`
    }
  }

  it('are there as soon as a worker registers, with their workers', async () => {
    await register(['made'], { deployment: 'made', worker: 'a', location: { location_type: 'local' } })
    await register(['made'], { deployment: 'made', worker: 'b', location: { location_type: 'k8s' } })
    await register(['made'], { deployment: 'made', worker: 'c' })
    await letGo('a')
    const read = await get(`${path}/made`)
    assert.deepEqual(
      {
        ...read,
        id: read.id.length,
        created_at: typeof read.created_at,
        updated_at: read.updated_at > read.created_at,
        workers: read.workers.map((worker: Record<string, unknown>) => [worker.name, worker.is_active]),
      },
      {
        id: 36,
        name: 'made',
        is_active: true,
        is_hardened: false,
        created_at: 'string',
        updated_at: true,
        location: { location_type: 'k8s', k8s_cluster: null, k8s_namespace: null },
        worker_count: 3,
        active_worker_count: 2,
        locations: ['k8s', 'local'],
        managed: null,
        workers: [
          ['c', true],
          ['b', true],
          ['a', false],
        ],
      },
    )
    const seen = (name: string) =>
      Date.parse(read.workers.find((worker: Named) => worker.name === name).last_seen_at)
    assert.ok(seen('b') - seen('a') > 30_000, 'a was not seen for a while')
    const { deployments, workspace_id } = await get(`${path}?search=made`)
    const { workers: _, ...listed } = read
    assert.deepEqual(deployments, [listed])
    assert.equal((await get('/v1/workflows/made')).workflow.workspace_id, workspace_id)
    await letGo('b')
    await letGo('c')
    assert.equal((await get(`${path}/made`)).is_active, false)
    assert.deepEqual(await names('search=made'), [])
    assert.deepEqual(await names('search=made&active_only=false'), ['made'])
  })

  it('are found by name, id, workflow and activity', async () => {
    const key = await server.makeKey('admin', 'finding deployments')
    await register(['x', 'y'], { key, deployment: 'find-one', worker: 'one' })
    await register(['y'], { key, deployment: 'find-two', worker: 'two' })
    await register(['z'], { key, deployment: 'other_%', worker: 'three' })
    const { id } = await get(`${path}/find-two`, key)
    assert.deepEqual(await names('search=FIND', key), ['find-two', 'find-one'])
    assert.deepEqual(await names('search=_%25', key), ['other_%'])
    assert.deepEqual(await names(`search=${id.slice(0, 24)}`, key), ['find-two'])
    assert.deepEqual(await names('workflow_name=y', key), ['find-two', 'find-one'])
    assert.deepEqual(await names('workflow_name=x', key), ['find-one'])
    assert.deepEqual(await names('workflow_name=nobody', key), [])
    // One that runs on without a workflow is active, but not for that workflow.
    await letGo('one')
    await register(['y'], { key, deployment: 'find-one', worker: 'one' })
    assert.equal((await get(`${path}/find-one`, key)).is_active, true)
    assert.equal((await get(`${path}/find-one?workflow_name=x`, key)).is_active, false)
    assert.equal((await get(`${path}/find-one?workflow_name=y`, key)).is_active, true)
    assert.deepEqual(await names('workflow_name=x', key), [])
    assert.deepEqual(await names('workflow_name=x&active_only=false', key), ['find-one'])
    assert.deepEqual(await names('is_hardened=true', key), [])
    assert.equal((await names('is_hardened=false', key)).length, 3)
  })

  it('are listed in pages that neither skip nor repeat, active ones first or purely by time', async () => {
    const key = await server.makeKey('admin', 'paging deployments')
    for (let n = 0; n < 9; n++) await register(['w'], { key, deployment: `p${n}`, worker: `p${n % 3}` })
    await letGo('p1')
    await register(['w', 'v'], { key, deployment: 'p2', worker: 'p2' })
    await keep(['p0', 'p2'])
    const newest = ['p8', 'p6', 'p5', 'p3', 'p2', 'p0', 'p7', 'p4', 'p1']
    const oldest = ['p0', 'p2', 'p3', 'p5', 'p6', 'p8', 'p1', 'p4', 'p7']
    const byTime = ['p8', 'p7', 'p6', 'p5', 'p4', 'p3', 'p2', 'p1', 'p0']
    const byChange = ['p2', 'p8', 'p7', 'p6', 'p5', 'p4', 'p3', 'p1', 'p0']
    for (const limit of [1, 2, 5, 9, 100])
      for (const [query, expected] of [
        ['active_only=false', newest],
        ['active_only=false&order=asc', oldest],
        ['', newest.slice(0, 6)],
        ['active_only=false&order_by=created_at', byTime],
        ['active_only=false&order_by=created_at&order=asc', byTime.toReversed()],
        ['active_only=false&order_by=updated_at', byChange],
      ] as const)
        assert.deepEqual(await all(`${path}?limit=${limit}&${query}`, 'deployments', key), expected, query)
    const { next_cursor } = await get(`${path}?limit=2`, key)
    for (const query of [
      'cursor=none',
      `cursor=${next_cursor}x`,
      `cursor=${Buffer.from('["0 9; select 1","01890000-0000-7000-8000-000000000000"]').toString('base64url')}`,
      'limit=0',
      'limit=101',
      'order=up',
      'order_by=name',
      'workspace_id=mine',
    ])
      assert.equal((await server.call('GET', `${path}?${query}`, { key })).status, 422, query)
  })

  it('list their workers in pages, by name and by activity', async () => {
    const key = await server.makeKey('admin', 'paging workers')
    const workers = ['A', 'a', 'b', 'ä', 'z9', 'z10']
    for (const worker of workers) await register(['w'], { key, deployment: 'many', worker })
    await letGo('b')
    await letGo('z9')
    await keep(['A', 'a', 'ä', 'z10'])
    const ordered = ['A', 'a', 'b', 'z10', 'z9', 'ä']
    for (const limit of [1, 2, 3, 6, 100]) {
      const target = `${path}/many/workers?limit=${limit}`
      assert.deepEqual(await all(target, 'workers', key), ordered)
      assert.deepEqual(await all(`${target}&worker_status=active`, 'workers', key), ['A', 'a', 'z10', 'ä'])
      assert.deepEqual(await all(`${target}&worker_status=inactive`, 'workers', key), ['b', 'z9'])
    }
    const { next_cursor } = await get(`${path}/many/workers?limit=2`, key)
    await register(['w'], { key, deployment: 'fewer', worker: 'w' })
    for (const query of [
      'many/workers?cursor=none',
      'many/workers?limit=0',
      'many/workers?worker_status=gone',
      `fewer/workers?cursor=${next_cursor}`,
    ])
      assert.equal((await server.call('GET', `${path}/${query}`, { key })).status, 422, query)
  })

  it('a hundred cost about what ten cost', async () => {
    const key = await server.makeKey('admin', 'many deployments')
    const workers = Array.from({ length: 100 }, (_, n) => `w${n}`)
    for (const [n, worker] of workers.entries()) await register(['w'], { key, deployment: `d${n}`, worker })
    await keep(workers)
    const timed = async (limit: number) => {
      const times = []
      for (let round = 0; round < 7; round++) {
        const start = performance.now()
        await get(`${path}?limit=${limit}`, key)
        times.push(performance.now() - start)
      }
      // The quickest: what a busy machine adds comes now and then, what the work costs comes every time.
      return Math.min(...times)
    }
    const [few, many] = [await timed(10), await timed(100)]
    assert.ok(many < 10 * few + 100, `${many} ms for 100, ${few} ms for 10`)
    assert.equal((await names('', key)).length, 100)
  })

  it('that the vendor would build are refused with a sentence', async () => {
    await register(['w'], { deployment: 'own' })
    for (const [method, target, body] of [
      ['POST', path, { name: 'own', spec: { github_url: 'x' } }],
      ['PATCH', `${path}/own`, { spec: null }],
      ['DELETE', `${path}/own`, undefined],
      ['POST', `${path}/own/stop`, undefined],
      ['POST', `${path}/own/start`, undefined],
      ['POST', `${path}/own/restart`, undefined],
    ] as const) {
      const refused = await server.call(method, target, { body })
      assert.equal(refused.status, 400)
      assert.equal(refused.body.code, 'FEATURE_NOT_SUPPORTED')
      assert.match(refused.body.detail, /runs no workers/)
    }
    assert.equal((await get(`${path}/own`)).is_active, true)
  })

  it('belong to their workspace, and are read by those who may', async () => {
    await register(['w'], { deployment: 'mine' })
    const elsewhere = await server.makeKey('admin', 'deployments elsewhere')
    for (const target of [`${path}/mine`, `${path}/mine/workers`, `${path}/none`, `${path}/nul%00`]) {
      const refused = await server.call('GET', target, { key: elsewhere })
      assert.equal(refused.status, 404)
      assert.equal(refused.body.code, 'DEPLOYMENT_NOT_FOUND')
    }
    const { workspace_id } = await get(path)
    const other = await get(path, elsewhere)
    assert.deepEqual(other.deployments, [])
    const refused = await server.call('GET', `${path}?workspace_id=${workspace_id}`, { key: elsewhere })
    assert.deepEqual([refused.status, refused.body.code], [404, 'WORKSPACE_NOT_FOUND'])
    assert.equal((await get(`${path}?workspace_id=${workspace_id}`)).workspace_id, workspace_id)
    for (const [role, status] of [
      ['read', 200],
      ['member', 200],
      ['worker', 403],
      ['ingest', 403],
    ] as const) {
      const key = await server.makeKey(role)
      for (const target of [path, `${path}/mine`, `${path}/mine/workers`])
        assert.equal((await server.call('GET', target, { key })).status, status)
    }
    const reader = await server.makeKey('read')
    assert.equal((await server.call('POST', `${path}/mine/stop`, { key: reader })).status, 403)
  })

  for (const [version, client] of [
    ['2.6.4', () => new Mistral264({ apiKey: server.key, serverURL: server.url })],
    ['2.7.0', () => new Mistral270({ apiKey: server.key, serverURL: server.url })],
  ] as const)
    it(`work through the official client ${version}`, async () => {
      const name = `sdk-${version}`
      await register(['w'], { deployment: name, worker: 'w1', location: { location_type: 'local' } })
      await register(['w'], { deployment: name, worker: 'w2' })
      const { deployments } = client().workflows
      const listed = await deployments.listDeployments({ search: name, limit: 1 })
      assert.deepEqual(
        listed.deployments.map((one) => [one.name, one.isActive, one.workerCount, one.locations]),
        [[name, true, 2, ['local']]],
      )
      const read = await deployments.getDeployment({ name })
      assert.deepEqual(read.workers.map((worker) => worker.name).sort(), ['w1', 'w2'])
      const first = await deployments.listDeploymentWorkers({ name, limit: 1 })
      const second = await deployments.listDeploymentWorkers({ name, limit: 1, cursor: first.nextCursor })
      const workers = [...first.workers, ...second.workers]
      assert.deepEqual(
        workers.map((worker) => [worker.name, worker.location?.locationType]),
        [
          ['w1', 'local'],
          ['w2', undefined],
        ],
      )
      await assert.rejects(deployments.stopDeployment({ name }), { statusCode: 400 })
    })
})
