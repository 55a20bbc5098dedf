import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { registerWorkflows, workflowSpec } from '@tramontane/testkit/registered-workflows'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { Mistral as Mistral264 } from 'mistralai-2.6.4'
import { Mistral as Mistral270 } from 'mistralai-2.7.0'
import pg from 'pg'

type Named = { name: string }
const names = (listed: readonly Named[]) => listed.map(({ name }) => name)

describe('workflows', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ temporalAddress: 'none' })
  })
  after(() => server.close())

  const register = (
    definitions: readonly Record<string, unknown>[],
    options?: Parameters<typeof registerWorkflows>[2],
  ) => registerWorkflows(server, definitions, options)
  const get = async (target: string, key?: string) => {
    const answer = await server.call('GET', target, key === undefined ? {} : { key })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body
  }
  const list = async (query: string, key?: string) => (await get(`/v1/workflows?${query}`, key)).workflows

  /** All pages of a list, each as its names. */
  async function pages(query: string, key?: string): Promise<string[][]> {
    const found: string[][] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const body: { workflows: Named[]; next_cursor: string | null } = await get(
        `/v1/workflows?${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
        key,
      )
      found.push(names(body.workflows))
      cursor = body.next_cursor
    }
    return found
  }

  /** The workers of the deployments whose name is like this count as seen so long from now. */
  async function seen(deployments: string, fromNow: string): Promise<void> {
    const database = new pg.Client({ connectionString: server.databaseUrl })
    await database.connect()
    await database.query(
      `update deployment_workers set last_seen_at = now() + $2::interval
       where deployment_id in (select id from workflow_deployments where name like $1)`,
      [deployments, fromNow],
    )
    await database.end()
  }
  /** Time passes until they count as gone. */
  const letGo = (deployments: string) => seen(deployments, '-31 seconds')
  /** They stay, however long the test takes. */
  const keep = (deployments: string) => seen(deployments, '1 hour')

  it('are read by name and by id; what is none is not found', async () => {
    const { workflow_registration_refs: refs } = await register([workflowSpec('readable')])
    const byName = await get('/v1/workflows/readable')
    assert.deepEqual(byName, {
      workflow: {
        id: refs[0]!.workflow_id,
        name: 'readable',
        display_name: 'readable',
        type: 'code',
        description: null,
        customer_id: byName.workflow.customer_id,
        workspace_id: byName.workflow.workspace_id,
        shared_namespace: null,
        available_in_chat_assistant: false,
        is_technical: false,
        archived: false,
        tags: [],
        active: true,
      },
    })
    assert.deepEqual(await get(`/v1/workflows/${refs[0]!.workflow_id}`), byName)
    for (const unknown of [
      'nobody',
      '01890000-0000-7000-8000-000000000000',
      'a%20b',
      encodeURIComponent('ä/b'),
      '%00',
      'x'.repeat(500),
    ]) {
      const refused = await server.call('GET', `/v1/workflows/${unknown}`)
      assert.equal(refused.status, 404)
      assert.equal(refused.body.code, 'WORKFLOW_NOT_FOUND')
      assert.ok(refused.body.detail.includes(JSON.stringify(decodeURIComponent(unknown))))
    }
    // An id goes before a name that is spelled like it.
    await register([workflowSpec(refs[0]!.workflow_id)])
    assert.equal((await get(`/v1/workflows/${refs[0]!.workflow_id}`)).workflow.name, 'readable')
  })

  it('are called what their user says, and after that what their code says again', async () => {
    const spec = workflowSpec('named', { display_name: 'By code', description: 'Code says.' })
    await register([spec])
    const put = async (body: unknown) => {
      const answer = await server.call('PUT', '/v1/workflows/named', { body })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      return answer.body.workflow
    }
    assert.equal((await put({})).display_name, 'By code')
    const changed = await put({
      display_name: 'By hand',
      available_in_chat_assistant: true,
      tags: [' blue ', 'red', 'blue'],
    })
    assert.deepEqual(
      [changed.display_name, changed.description, changed.available_in_chat_assistant, changed.tags],
      ['By hand', 'Code says.', true, ['blue', 'red']],
    )
    assert.equal('active' in changed, false)
    await register([{ ...spec, display_name: 'By newer code', description: 'Newer code says.' }])
    const kept = (await get('/v1/workflows/named')).workflow
    assert.deepEqual([kept.display_name, kept.description], ['By hand', 'Newer code says.'])
    const nulls = { display_name: null, description: null, available_in_chat_assistant: null, tags: null }
    assert.deepEqual((await put(nulls)).tags, ['blue', 'red'])
    const reset = await put({ display_name: '', description: 'Hand says.', tags: [] })
    assert.deepEqual([reset.display_name, reset.description, reset.tags], ['By newer code', 'Hand says.', []])
    await register([{ ...spec, display_name: null, description: null }])
    const last = (await get('/v1/workflows/named')).workflow
    assert.deepEqual([last.display_name, last.description], ['named', 'Hand says.'])
    assert.equal((await put({ description: '' })).description, null)
  })

  it('refuse changes that break a limit, and change nothing then', async () => {
    await register([workflowSpec('limited')])
    const before = await get('/v1/workflows/limited')
    for (const body of [
      { display_name: 'x'.repeat(129) },
      { display_name: 'nul \0' },
      { description: 'x'.repeat(20_001) },
      { tags: ['fine', ' '] },
      { tags: ['x'.repeat(101)] },
      { tags: Array.from({ length: 101 }, (_, n) => `t${n}`) },
      { tags: 'no list' },
      { available_in_chat_assistant: 'maybe' },
    ]) {
      const refused = await server.call('PUT', '/v1/workflows/limited', { body: { ...body } })
      assert.equal(refused.status, 422, JSON.stringify(body).slice(0, 100))
      assert.ok(Array.isArray(refused.body.detail))
    }
    assert.deepEqual(await get('/v1/workflows/limited'), before)
    assert.equal((await server.call('PUT', '/v1/workflows/nobody', { body: {} })).status, 404)
  })

  it('go into the archive and come out, one and many', async () => {
    const { workflow_registration_refs: refs } = await register(
      ['kept-a', 'kept-b', 'kept-c'].map((name) => workflowSpec(name)),
    )
    const ids = refs.map((ref) => ref.workflow_id)
    for (let twice = 0; twice < 2; twice++) {
      const { body } = await server.call('PUT', '/v1/workflows/kept-a/archive')
      assert.deepEqual([body.workflow.name, body.workflow.archived], ['kept-a', true])
    }
    const unknown = '01890000-0000-7000-8000-000000000000'
    const bulk = await server.call('PUT', '/v1/workflows/archive', {
      body: { workflow_ids: [ids[2], unknown, ids[0], ids[2]] },
    })
    assert.equal(bulk.status, 200)
    assert.deepEqual(names(bulk.body.archived), ['kept-c', 'kept-a'])
    assert.deepEqual(bulk.body.errored, [
      { workflow_id: unknown, workflow: null, message: `No workflow has the name or id "${unknown}".` },
    ])
    assert.deepEqual(names(await list('search=kept&archived=true')), ['kept-a', 'kept-c'])
    assert.deepEqual(names(await list('search=kept&archived=false')), ['kept-b'])
    assert.deepEqual(names(await list('search=kept')), ['kept-a', 'kept-b', 'kept-c'])
    // A worker that registers takes nothing out of the archive.
    await register([workflowSpec('kept-c', { description: 'New code.' })])
    assert.equal((await get('/v1/workflows/kept-c')).workflow.archived, true)
    const back = await server.call('PUT', '/v1/workflows/unarchive', { body: { workflow_ids: ids } })
    assert.deepEqual(names(back.body.unarchived), ['kept-a', 'kept-b', 'kept-c'])
    assert.deepEqual(back.body.errored, [])
    assert.deepEqual(await list('search=kept&archived=true'), [])
    for (const body of [
      { workflow_ids: Array.from({ length: 101 }, () => ids[0]) },
      { workflow_ids: ['kept-a'] },
      {},
    ])
      assert.equal((await server.call('PUT', '/v1/workflows/archive', { body })).status, 422)
    assert.equal((await server.call('PUT', '/v1/workflows/nobody/unarchive')).body.code, 'WORKFLOW_NOT_FOUND')
  })

  it('are found by their words, tags and deployments', async () => {
    await register(
      [
        workflowSpec('find-invoice-mail', {
          display_name: 'Invoice reader',
          description: 'Reads 100% of mail',
        }),
        workflowSpec('find_weather', { display_name: 'Weather' }),
      ],
      { deployment: 'find-a' },
    )
    await register([workflowSpec('find_weather'), workflowSpec('find-news'), workflowSpec('__find')], {
      deployment: 'find-b',
    })
    await server.call('PUT', '/v1/workflows/find-news', { body: { tags: ['daily', 'web'] } })
    await server.call('PUT', '/v1/workflows/find_weather', { body: { tags: ['daily'] } })
    const search = async (words: string, more = '') =>
      names(await list(`search=${encodeURIComponent(words)}${more}`))
    assert.deepEqual(await search('find'), ['find-invoice-mail', 'find_weather', 'find-news'])
    assert.deepEqual(await search('INVOICE mail'), ['find-invoice-mail'])
    assert.deepEqual(await search('mail invoice'), ['find-invoice-mail'])
    assert.deepEqual(await search('find weather'), ['find_weather'])
    assert.deepEqual(await search('100% of'), ['find-invoice-mail'])
    assert.deepEqual(await search('find%news'), [])
    assert.deepEqual(await search('__find'), ['find-invoice-mail', 'find_weather', 'find-news'])
    const { workflow } = await get('/v1/workflows/find-news')
    assert.deepEqual(await search(workflow.id), ['find-news'])
    assert.deepEqual(await search('find', '&tags=daily'), ['find_weather', 'find-news'])
    assert.deepEqual(await search('find', '&tags=daily&tags=web'), ['find-news'])
    assert.deepEqual(await search('find', '&deployment_name=find-a'), ['find-invoice-mail', 'find_weather'])
    assert.deepEqual(await search('find', '&deployment_name=find-a&deployment_name=find-b'), [
      'find-invoice-mail',
      'find_weather',
      'find-news',
    ])
    assert.deepEqual(await search('find', '&deployment_name=nobody'), [])
    await letGo('find-b')
    await keep('find-a')
    assert.deepEqual(await search('find', '&deployment_status=active'), ['find-invoice-mail', 'find_weather'])
    assert.deepEqual(await search('find', '&active_only=true'), ['find-invoice-mail', 'find_weather'])
    assert.deepEqual(await search('find', '&deployment_status=inactive'), ['find-news'])
    assert.deepEqual(await search('find', '&deployment_status=inactive&deployment_name=find-b'), [
      'find_weather',
      'find-news',
    ])
    await server.call('PUT', '/v1/workflows/find-news', { body: { available_in_chat_assistant: true } })
    assert.deepEqual(await search('find', '&available_in_chat_assistant=true'), ['find-news'])
    assert.deepEqual(await search('find', '&include_shared=false&available_in_chat_assistant=false'), [
      'find-invoice-mail',
      'find_weather',
    ])
    for (const query of [
      'limit=0',
      'limit=1001',
      'sort_by=name',
      'order=up',
      'status=LOST',
      'archived=perhaps',
    ])
      assert.equal((await server.call('GET', `/v1/workflows?${query}`)).status, 422, query)
  })

  it('are found by how their executions stand', async () => {
    const key = await server.makeKey('admin', 'standing')
    await register(
      ['run-a', 'run-b', 'run-c'].map((name) => workflowSpec(name)),
      { key },
    )
    const { workspace_id } = (await get('/v1/workflows/run-a', key)).workflow
    const database = new pg.Client({ connectionString: server.databaseUrl })
    await database.connect()
    for (const [name, status] of [
      ['run-a', 'RUNNING'],
      ['run-a', 'COMPLETED'],
      ['run-b', 'COMPLETED'],
      ['unregistered', 'FAILED'],
    ])
      await database.query(
        `insert into workflow_runs (workspace_id, run_id, execution_id, root_execution_id, workflow_name, status, start_time)
         values ($1, gen_random_uuid(), $2, $2, $2, $3, now())`,
        [workspace_id, name, status],
      )
    await database.end()
    const standing = async (query: string, asker = key) => names(await list(query, asker))
    assert.deepEqual(await standing('status=RUNNING'), ['run-a'])
    assert.deepEqual(await standing('status=COMPLETED'), ['run-a', 'run-b'])
    assert.deepEqual(await standing('status=RUNNING&status=FAILED'), ['run-a'])
    assert.deepEqual(await standing('status=TIMED_OUT'), [])
    assert.deepEqual(await standing('status=COMPLETED', server.key), [])
  })

  it('are listed in pages that neither skip nor repeat, in either order', async () => {
    const key = await server.makeKey('admin', 'paging workflows')
    const display = ['b', 'B', 'a', 'ä', 'Z', '10', '2', 'b', '😀', 'ñ', '']
    for (const [n, display_name] of display.entries())
      await register([workflowSpec(`page-${n}`, { display_name })], { key })
    const all = display.map((_, n) => `page-${n}`)
    for (const limit of [1, 3, 4, 11, 12]) {
      assert.deepEqual((await pages(`limit=${limit}`, key)).flat(), all)
      assert.deepEqual((await pages(`limit=${limit}&order=desc`, key)).flat(), all.toReversed())
      const sorted = (await pages(`limit=${limit}&sort_by=display_name`, key)).flat()
      assert.deepEqual(sorted, [
        'page-5',
        'page-6',
        'page-2',
        'page-0',
        'page-1',
        'page-7',
        'page-10',
        'page-4',
        'page-3',
        'page-9',
        'page-8',
      ])
      assert.deepEqual(
        (await pages(`limit=${limit}&sort_by=display_name&order=desc`, key)).flat(),
        sorted.toReversed(),
      )
    }
    assert.deepEqual(
      (await pages('limit=4', key)).map((page) => page.length),
      [4, 4, 3],
    )
    // What comes in meanwhile does not disturb the pages.
    const first = await get('/v1/workflows?limit=5&order=desc', key)
    await register([workflowSpec('page-new')], { key })
    const rest = await get(`/v1/workflows?limit=50&order=desc&cursor=${first.next_cursor}`, key)
    assert.deepEqual([...names(first.workflows), ...names(rest.workflows)], all.toReversed())
    const byName = await get('/v1/workflows?limit=2&sort_by=display_name', key)
    for (const cursor of ['nonsense', first.next_cursor.slice(1), byName.next_cursor, '%00', `['a']`])
      assert.equal((await server.call('GET', `/v1/workflows?cursor=${cursor}`, { key })).status, 422, cursor)
    for (const cursor of [first.next_cursor, Buffer.from('["\\u0000","x"]').toString('base64url'), 'e30'])
      assert.equal(
        (await server.call('GET', `/v1/workflows?sort_by=display_name&cursor=${cursor}`, { key })).status,
        422,
      )
  })

  it('a thousand are listed as fast as few, without a query for each', async () => {
    const key = await server.makeKey('admin', 'a thousand workflows')
    for (let deployment = 0; deployment < 10; deployment++)
      await register(
        Array.from({ length: 100 }, (_, n) =>
          workflowSpec(`many-${deployment}-${n}`, { display_name: `N ${n}` }),
        ),
        { key, deployment: `many-${deployment}` },
      )
    await keep('many-%')
    const timed = async (query: string) => {
      const times = []
      for (let round = 0; round < 7; round++) {
        const start = performance.now()
        await list(query, key)
        times.push(performance.now() - start)
      }
      return times.sort((a, b) => a - b)[3]!
    }
    for (const filter of ['', '&sort_by=display_name', '&deployment_status=active', '&search=many']) {
      assert.equal((await list(`limit=1000${filter}`, key)).length, 1000)
      const [few, many] = [await timed(`limit=10${filter}`), await timed(`limit=1000${filter}`)]
      assert.ok(many < 10 * few + 150, `${filter}: ${many} ms for 1000, ${few} ms for 10`)
    }
    const all = (await pages('limit=90&sort_by=display_name', key)).flat()
    assert.equal(new Set(all).size, 1000)
  })

  it('have registrations: listed newest first, in pages, with their workflows on demand', async () => {
    const key = await server.makeKey('admin', 'registrations')
    const start = async (name: string, changes = {}, deployment = 'reg-a') =>
      (await register([workflowSpec(name, changes)], { key, deployment })).workflow_registration_refs[0]!
    const one = await start('reg-one')
    const newer = await start('reg-one', { description: 'newer' })
    const two = await start('reg-two', {}, 'reg-b')
    const hidden = await start('__reg', {}, 'reg-b')
    const ask = async (query = '') => get(`/v1/workflows/registrations?${query}`, key)
    const ids = async (query = '') =>
      (await ask(query)).workflow_registrations.map((registration: { id: string }) => registration.id)
    const [first, second, third] = [two, newer, one].map((ref) => ref.workflow_registration_id)
    assert.deepEqual(await ids(), [first, second, third])
    assert.deepEqual(await ids(`workflow_id=${one.workflow_id}`), [second, third])
    assert.deepEqual(await ids(`workflow_id=${hidden.workflow_id}`), [hidden.workflow_registration_id])
    assert.deepEqual(await ids('task_queue=reg-b'), [first])
    assert.deepEqual(await ids('workflow_search=reg+one'), [second, third])
    assert.deepEqual(await ids('registration_search=G-B'), [first])
    assert.deepEqual(await ids(`registration_search=${third!.toUpperCase()}`), [third])
    assert.deepEqual(await ids('registration_search=reg_'), [])
    const page = await ask('limit=2')
    assert.equal(page.next_cursor, second)
    assert.deepEqual(page.workflow_versions, page.workflow_registrations)
    assert.deepEqual(await ids(`limit=2&cursor=${page.next_cursor}`), [third])
    assert.equal((await ask(`limit=1&cursor=${page.next_cursor}`)).next_cursor, null)
    await letGo('reg-a')
    assert.deepEqual(await ids('active_only=true'), [first])
    await server.call('PUT', '/v1/workflows/reg-two/archive', { key })
    assert.deepEqual(await ids('archived=true'), [first])
    assert.deepEqual(await ids('archived=false'), [second, third])
    assert.deepEqual(await ids('available_in_chat_assistant=true'), [])
    const [plain] = (await ask('limit=1')).workflow_registrations
    assert.equal(plain.workflow, null)
    const [withWorkflow] = (await ask('limit=1&with_workflow=true')).workflow_registrations
    assert.deepEqual([withWorkflow.workflow.name, withWorkflow.workflow.archived], ['reg-two', true])
    assert.equal(withWorkflow.compatible_with_chat_assistant, false)

    const { workflow_registration: read, workflow_version: same } = await get(
      `/v1/workflows/registrations/${third}?with_workflow=true`,
      key,
    )
    assert.deepEqual(same, read)
    assert.deepEqual([read.id, read.active, read.workflow.name], [third, false, 'reg-one'])
    assert.equal((await get(`/v1/workflows/registrations/${first}`, key)).workflow_registration.active, true)
    for (const [id, asker] of [
      ['nonsense', key],
      [one.workflow_id, key],
      [third, server.key],
    ] as const) {
      const refused = await server.call('GET', `/v1/workflows/registrations/${id}`, { key: asker })
      assert.equal(refused.status, 404)
      assert.equal(refused.body.code, 'WORKFLOW_REGISTRATION_NOT_FOUND')
    }
    for (const query of ['workflow_id=none', 'limit=0', 'cursor=none'])
      assert.equal((await server.call('GET', `/v1/workflows/registrations?${query}`, { key })).status, 422)
  })

  it('end a page of registrations early when their definitions are large', async () => {
    const key = await server.makeKey('admin', 'large registrations')
    const input_schema = { description: 'x'.repeat(500 * 1024) }
    for (let n = 0; n < 20; n++) await register([workflowSpec(`large-${n}`, { input_schema })], { key })
    const lengths = []
    for (let cursor = ''; ; ) {
      const body = await get(`/v1/workflows/registrations?limit=1000${cursor}`, key)
      lengths.push(body.workflow_registrations.length)
      if (body.next_cursor === null) break
      cursor = `&cursor=${body.next_cursor}`
    }
    assert.deepEqual(lengths, [16, 4])
  })

  it('belong to their workspace, and are changed by those who may', async () => {
    await register([workflowSpec('owned')])
    const elsewhere = await server.makeKey('admin', 'workflows elsewhere')
    for (const [method, target] of [
      ['GET', 'owned'],
      ['PUT', 'owned'],
      ['PUT', 'owned/archive'],
      ['PUT', 'owned/unarchive'],
    ] as const) {
      const { id } = (await get('/v1/workflows/owned')).workflow
      for (const identifier of ['owned', id]) {
        const refused = await server.call(method, `/v1/workflows/${target.replace('owned', identifier)}`, {
          key: elsewhere,
          ...(target === 'owned' && method === 'PUT' ? { body: {} } : {}),
        })
        assert.equal(refused.status, 404)
        assert.equal(refused.body.code, 'WORKFLOW_NOT_FOUND')
      }
      const bulk = await server.call('PUT', '/v1/workflows/archive', {
        key: elsewhere,
        body: { workflow_ids: [id] },
      })
      assert.deepEqual([bulk.body.archived.length, bulk.body.errored.length], [0, 1])
    }
    assert.deepEqual(await list('', elsewhere), [])
    assert.equal((await get('/v1/workflows/owned')).workflow.archived, false)
    const statuses = async (role: Parameters<typeof server.makeKey>[0]) => {
      const key = await server.makeKey(role)
      return [
        (await server.call('GET', '/v1/workflows', { key })).status,
        (await server.call('GET', '/v1/workflows/registrations', { key })).status,
        (await server.call('PUT', '/v1/workflows/owned', { key, body: {} })).status,
        (await server.call('PUT', '/v1/workflows/owned/archive', { key })).status,
      ]
    }
    assert.deepEqual(await statuses('read'), [200, 200, 403, 403])
    assert.deepEqual(await statuses('ingest'), [403, 403, 403, 403])
    assert.deepEqual(await statuses('worker'), [403, 403, 403, 403])
    assert.deepEqual(await statuses('member'), [200, 200, 200, 200])
  })

  for (const [version, client] of [
    ['2.6.4', () => new Mistral264({ apiKey: server.key, serverURL: server.url })],
    ['2.7.0', () => new Mistral270({ apiKey: server.key, serverURL: server.url })],
  ] as const)
    it(`work through the official client ${version}`, async () => {
      const name = `sdk-${version.replaceAll('.', '-')}`
      const { workflow_registration_refs: refs } = await register([workflowSpec(name)], { deployment: name })
      const { workflow_id: workflowId, workflow_registration_id: workflowRegistrationId } = refs[0]!
      const { workflows } = client()
      const listed = []
      for await (const page of await workflows.getWorkflows({ search: name, limit: 1 }))
        listed.push(...page.result.workflows)
      assert.deepEqual(
        listed.map(({ id }) => id),
        [workflowId],
      )
      const read = await workflows.getWorkflow({ workflowIdentifier: name })
      assert.equal(read.workflow.active, true)
      const updated = await workflows.updateWorkflow({
        workflowIdentifier: workflowId,
        workflowUpdateRequest: { displayName: 'From the client', tags: ['sdk'] },
      })
      assert.deepEqual([updated.workflow.displayName, updated.workflow.tags], ['From the client', ['sdk']])
      const registrations = await workflows.getWorkflowRegistrations({ workflowId, withWorkflow: true })
      assert.deepEqual(
        registrations.workflowRegistrations.map(({ id, workflow, definition }) => [
          id,
          workflow?.name,
          definition.executionTimeout,
        ]),
        [[workflowRegistrationId, name, 3600]],
      )
      const one = await workflows.getWorkflowRegistration({ workflowRegistrationId })
      assert.equal(one.workflowRegistration.active, true)
      const archived = await workflows.archiveWorkflow({ workflowIdentifier: name })
      assert.equal(archived.workflow.archived, true)
      assert.equal((await workflows.unarchiveWorkflow({ workflowIdentifier: name })).workflow.archived, false)
      const bulk = await workflows.bulkArchiveWorkflows({ workflowIds: [workflowId] })
      assert.deepEqual(names(bulk.archived), [name])
      const back = await workflows.bulkUnarchiveWorkflows({ workflowIds: [workflowId] })
      assert.deepEqual(names(back.unarchived), [name])
      await assert.rejects(workflows.getWorkflow({ workflowIdentifier: 'nobody' }), { statusCode: 404 })
    })
})
