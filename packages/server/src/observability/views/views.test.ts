import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const path = '/v1/views'

describe('saved views', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  const save = (name: string, { kind = 'events', key = server.key } = {}) =>
    server.call('POST', path, { key, body: { kind, name, state: { filter: `model_name = "${name}"` } } })
  const codeOf = ({ body }: { body: { detail: { error_code: string } } }) => body.detail.error_code

  it('are shared in the workspace, listed by kind and by name', async () => {
    const member = await server.makeKey('member')
    const made = await save('slow calls', { key: member })
    assert.equal(made.status, 201)
    assert.equal((await save('Errors')).status, 201)
    assert.equal((await save('failed runs', { kind: 'executions' })).status, 201)
    const reader = await server.makeKey('read')
    const { body } = await server.call('GET', `${path}?kind=events`, { key: reader })
    assert.deepEqual(
      body.views.map(({ name }: { name: string }) => name),
      ['Errors', 'slow calls'],
    )
    assert.deepEqual(body.views[1], made.body)
    assert.deepEqual(made.body.state, { filter: 'model_name = "slow calls"' })
    const other = await server.makeKey('admin', 'another team')
    assert.deepEqual((await server.call('GET', `${path}?kind=events`, { key: other })).body.views, [])
    assert.equal(
      codeOf(await server.call('DELETE', `${path}/${made.body.id}`, { key: other })),
      'VIEW_NOT_FOUND',
    )
  })

  it('are renamed and changed each by itself, and deleted', async () => {
    const { body: view } = await save('before')
    const renamed = await server.call('PATCH', `${path}/${view.id}`, { body: { name: 'after' } })
    assert.equal(renamed.body.name, 'after')
    assert.deepEqual(renamed.body.state, view.state)
    const changed = await server.call('PATCH', `${path}/${view.id}`, { body: { state: { range: '1h' } } })
    assert.equal(changed.body.name, 'after')
    assert.deepEqual(changed.body.state, { range: '1h' })
    assert.equal((await server.call('DELETE', `${path}/${view.id}`)).status, 204)
    assert.equal(codeOf(await server.call('PATCH', `${path}/${view.id}`, { body: {} })), 'VIEW_NOT_FOUND')
  })

  it('have names of their own among their kind, whatever the case', async () => {
    await save('taken')
    assert.equal(codeOf(await save('TAKEN')), 'VIEW_ALREADY_EXISTS')
    assert.equal((await save('taken', { kind: 'executions' })).status, 201)
    const { body: view } = await save('free')
    const refused = await server.call('PATCH', `${path}/${view.id}`, { body: { name: 'Taken' } })
    assert.equal(codeOf(refused), 'VIEW_ALREADY_EXISTS')
    const reader = await server.makeKey('read')
    assert.equal((await save('not mine', { key: reader })).status, 403)
    assert.equal((await save('x'.repeat(101))).status, 422)
  })
})
