import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { Mistral } from 'mistralai-2.6.4'

const path = '/v1/observability/judges'
let counter = 0

function definition(changes: Record<string, unknown> = {}) {
  return {
    name: `Judge ${++counter}`,
    description: 'Is the answer good?',
    model_name: 'scripted-model',
    output: {
      options: [
        { value: 'good', description: '' },
        { value: 'bad', description: '' },
      ],
    },
    instructions: 'Say whether the answer is good.',
    tools: [],
    ...changes,
  }
}

describe('judges', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  async function create(changes: Record<string, unknown> = {}) {
    const made = await server.call('POST', path, { body: definition(changes) })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    return made.body
  }

  it('are saved, read, and refused with the limit that they break', async () => {
    const made = await create({ tools: ['web_search'] })
    assert.equal(made.output.type, 'CLASSIFICATION')
    assert.deepEqual(made.tools, ['web_search'])
    assert.deepEqual(
      [made.up_revision, made.down_revision, made.base_revision, made.deleted_at],
      [null, null, null, null],
    )
    assert.deepEqual((await server.call('GET', `${path}/${made.id}`)).body, made)
    for (const [field, value] of [
      ['name', 'four'],
      ['name', 'x'.repeat(51)],
      ['name', 'nul \0 inside'],
      ['description', 'x'.repeat(501)],
      ['model_name', 'x'.repeat(501)],
      ['instructions', 'x'.repeat(10_001)],
      ['output', {}],
      ['tools', null],
    ] as const) {
      const refused = await server.call('POST', path, { body: definition({ [field]: value }) })
      assert.equal(refused.status, 422, field)
      assert.match(refused.body.detail.message, new RegExp(`body.${field}`))
    }
  })

  it('refuse instructions that are no template', async () => {
    const refused = await server.call('POST', path, { body: definition({ instructions: '{% if %}' }) })
    assert.equal(refused.status, 400)
    assert.equal(refused.body.detail.error_code, 'TEMPLATE_SYNTAX_ERROR')
    const made = await create()
    const body = definition({ name: made.name, instructions: '{{ open' })
    assert.equal(
      (await server.call('PUT', `${path}/${made.id}`, { body })).body.detail.error_code,
      'TEMPLATE_SYNTAX_ERROR',
    )
    assert.deepEqual((await server.call('GET', `${path}/${made.id}`)).body, made)
  })

  it('have a name of their own among the living, also when they are made at once', async () => {
    const name = 'The only one'
    const made = await Promise.all(
      Array.from({ length: 5 }, () => server.call('POST', path, { body: definition({ name }) })),
    )
    assert.deepEqual(made.map(({ status }) => status).sort(), [201, 409, 409, 409, 409])
    assert.equal(
      made.find(({ status }) => status === 409)!.body.detail.error_code,
      'JUDGE_NAME_ALREADY_EXISTS',
    )
    const other = await create()
    const renamed = await server.call('PUT', `${path}/${other.id}`, { body: definition({ name }) })
    assert.equal(renamed.body.detail.error_code, 'JUDGE_NAME_ALREADY_EXISTS')
    const { id } = made.find(({ status }) => status === 201)!.body
    assert.equal((await server.call('DELETE', `${path}/${id}`)).status, 204)
    assert.equal((await server.call('GET', `${path}/${id}`)).status, 404)
    assert.equal((await server.call('DELETE', `${path}/${id}`)).body.detail.error_code, 'JUDGE_NOT_FOUND')
    await create({ name })
  })

  it('keep each earlier version under an id of its own', async () => {
    const first = await create({ instructions: 'one' })
    for (const instructions of ['two', 'three']) {
      const body = definition({ name: first.name, instructions })
      assert.equal((await server.call('PUT', `${path}/${first.id}`, { body })).status, 204)
    }
    const read = async (id: string) => (await server.call('GET', `${path}/${id}`)).body
    const newest = await read(first.id)
    const middle = await read(newest.down_revision)
    const oldest = await read(middle.down_revision)
    assert.deepEqual(
      [newest, middle, oldest].map(({ instructions }) => instructions),
      ['three', 'two', 'one'],
    )
    assert.deepEqual(
      [newest, middle, oldest].map((judge) => judge.up_revision),
      [null, newest.id, middle.id],
    )
    assert.deepEqual(
      [newest, middle, oldest].map((judge) => judge.base_revision),
      [oldest.id, oldest.id, null],
    )
    const body = definition({ name: first.name, instructions: 'four' })
    const old = await server.call('PUT', `${path}/${middle.id}`, { body })
    assert.equal(old.status, 409)
    assert.equal(old.body.detail.error_code, 'JUDGE_ALREADY_HAS_NEW_VERSION')
    const gone = await server.call('DELETE', `${path}/${middle.id}`)
    assert.deepEqual([gone.status, gone.body.detail.error_code], [409, 'JUDGE_ALREADY_HAS_NEW_VERSION'])
    assert.equal((await server.call('GET', `${path}/${oldest.id}`)).status, 200)
    const same = await server.call('PUT', `${path}/${first.id}`, {
      body: definition({ name: first.name, instructions: 'three' }),
    })
    assert.equal(same.body.detail.error_code, 'JUDGE_DID_NOT_CHANGE')
    const listed = (await server.call('GET', `${path}?q=${encodeURIComponent(first.name)}`)).body.judges
      .results
    assert.deepEqual(
      listed
        .filter((judge: { name: string }) => judge.name === first.name)
        .map((judge: { id: string }) => judge.id),
      [first.id],
    )
    await server.call('DELETE', `${path}/${first.id}`)
    assert.equal((await server.call('GET', `${path}/${oldest.id}`)).status, 404)
  })

  it('lose no version when they are updated at once', async () => {
    const made = await create({ instructions: 'start' })
    const updates = Array.from({ length: 6 }, (_, n) =>
      server.call('PUT', `${path}/${made.id}`, {
        body: definition({ name: made.name, instructions: `version ${n}` }),
      }),
    )
    assert.deepEqual(
      (await Promise.all(updates)).map(({ status }) => status),
      Array(6).fill(204),
    )
    const seen = new Set<string>()
    for (let id = made.id; id !== null; ) {
      const { body } = await server.call('GET', `${path}/${id}`)
      seen.add(body.instructions)
      id = body.down_revision
    }
    assert.equal(seen.size, 7)
  })

  it('are listed in pages, newest first, by type, model and name', async () => {
    const regression = { min_description: 'worst', max_description: 'best' }
    const made = []
    for (let n = 0; n < 5; n++)
      made.push(
        await create({
          name: `Paged %_ ${n}`,
          model_name: `paged-${n % 2}`,
          ...(n === 4 ? { output: regression } : {}),
        }),
      )
    const list = async (query: string) => (await server.call('GET', `${path}?${query}`)).body.judges
    const first = await list('q=pAGED+%25_&page_size=2')
    assert.deepEqual(
      first.results.map((judge: { id: string }) => judge.id),
      [made[4].id, made[3].id],
    )
    assert.equal(first.count, 5)
    assert.equal(first.previous, null)
    assert.ok(first.next.startsWith(server.url))
    const second = await fetch(first.next, { headers: { authorization: `Bearer ${server.key}` } })
    const { judges } = (await second.json()) as { judges: typeof first }
    assert.deepEqual(
      judges.results.map((judge: { id: string }) => judge.id),
      [made[2].id, made[1].id],
    )
    assert.equal((await list('q=Paged+%25_&type_filter=REGRESSION')).count, 1)
    assert.equal((await list('q=Paged+%25_&type_filter=REGRESSION&type_filter=CLASSIFICATION')).count, 5)
    assert.equal((await list('model_filter=paged-1')).count, 2)
    assert.equal((await list('model_filter=paged-1&model_filter=paged-0')).count, 5)
    assert.deepEqual((await list('page_size=0&q=Paged+%25_')).results, [])
    assert.equal((await server.call('GET', `${path}?type_filter=OTHER`)).status, 422)
  })

  it('belong to their workspace', async () => {
    const made = await create()
    const key = await server.makeKey('admin', 'another team')
    for (const [method, body] of [['GET'], ['PUT', definition()], ['DELETE']] as const) {
      const refused = await server.call(method, `${path}/${made.id}`, { key, body })
      assert.equal(refused.body.detail.error_code, 'JUDGE_NOT_FOUND')
    }
    assert.equal((await server.call('GET', path, { key })).body.judges.count, 0)
    assert.equal((await server.call('GET', `${path}/no-uuid`)).status, 404)
    const reader = await server.makeKey('read')
    assert.equal((await server.call('GET', `${path}/${made.id}`, { key: reader })).status, 200)
    assert.equal((await server.call('POST', path, { key: reader, body: definition() })).status, 403)
  })

  it('work through the official client', async () => {
    const { judges } = new Mistral({ apiKey: server.key, serverURL: server.url }).beta.observability
    const made = await judges.create({
      name: 'By the client',
      description: 'How good?',
      modelName: 'scripted-model',
      output: { type: 'REGRESSION', min: 0, max: 10, minDescription: 'bad', maxDescription: 'good' },
      instructions: 'Rate it.',
      tools: ['web_search'],
    })
    assert.equal(made.output.type, 'REGRESSION')
    const updateJudgeRequest = {
      name: 'By the client',
      description: 'How good?',
      modelName: 'another-model',
      output: { type: 'CLASSIFICATION' as const, options: [{ value: 'yes', description: 'It is.' }] },
      instructions: 'Rate it.',
      tools: [],
    }
    await judges.update({ judgeId: made.id, updateJudgeRequest })
    const fetched = await judges.fetch({ judgeId: made.id })
    assert.equal(fetched.modelName, 'another-model')
    assert.equal(fetched.output.type, 'CLASSIFICATION')
    assert.ok(fetched.downRevision)
    const listed = await judges.list({
      q: 'by the client',
      typeFilter: ['CLASSIFICATION'],
      modelFilter: ['another-model'],
    })
    assert.deepEqual(
      listed.judges.results?.map(({ id }) => id),
      [made.id],
    )
    await judges.delete({ judgeId: made.id })
    await assert.rejects(judges.fetch({ judgeId: made.id }), { statusCode: 404 })
  })
})
