import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startStallableProxy } from '@tramontane/testkit/stallable-proxy'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import { startWorkflowScenario, type WorkflowScenario } from '@tramontane/testkit/workflow-scenario'

const on = (id: string, what = '') => `/v1/workflows/executions/${id}${what}`

describe('what is refused about executions', () => {
  let scenario: WorkflowScenario
  const call: WorkflowScenario['call'] = (...options) => scenario.call(...options)
  before(async () => {
    scenario = await startWorkflowScenario()
  })
  after(() => scenario.close())

  it('is unknown, for whoever asks for what is not theirs', async () => {
    const stranger = await scenario.server.makeKey('admin', 'another workspace')
    const { body: mine } = await scenario.execute('collect')
    const attempts = [
      ['GET', on(mine.execution_id)],
      ['GET', on(mine.execution_id, '/history')],
      ['GET', `/v1/workflows/runs/${mine.run_id}`],
      ['GET', `/v1/workflows/runs/${mine.run_id}/history`],
      ['POST', on(mine.execution_id, '/signals'), { name: 'finish' }],
      ['POST', on(mine.execution_id, '/queries'), { name: 'values' }],
      ['POST', on(mine.execution_id, '/updates'), { name: 'append', input: { value: 1 } }],
      ['POST', on(mine.execution_id, '/cancel')],
      ['POST', on(mine.execution_id, '/terminate')],
      ['POST', on(mine.execution_id, '/reset'), { event_id: 4 }],
    ] as const
    for (const [method, path, body] of attempts) {
      const answer = await call(method, path, { key: stranger, body })
      assert.deepEqual([answer.status, answer.body.code], [404, 'WF_1100'], path)
    }
    const batch = await call('POST', '/v1/workflows/executions/terminate', {
      key: stranger,
      body: { execution_ids: [mine.execution_id] },
    })
    assert.equal(batch.body.results[mine.execution_id].status, 'failure')
    const list = await call('GET', `/v1/workflows/runs?search=${mine.execution_id}`, { key: stranger })
    assert.deepEqual(list.body.runs, [])
    const execute = await scenario.execute('collect', {}, stranger)
    assert.deepEqual([execute.status, execute.body.code], [404, 'WORKFLOW_NOT_FOUND'])
    assert.equal((await call('GET', on(mine.execution_id))).body.status, 'RUNNING')
  })

  it('is what there is not, whatever the id', async () => {
    for (const id of ['nope', 'a%3Ab', 'x'.repeat(300), '%00', '%F0%9F%90%B1', '..%2f', randomUUID()]) {
      for (const path of [on(id), on(id, '/history'), `/v1/workflows/runs/${id}`]) {
        const { status, body } = await call('GET', path)
        assert.deepEqual([status, body.code], [404, 'WF_1100'], path)
      }
      const signal = await call('POST', on(id, '/signals'), { body: { name: 'x' } })
      assert.equal(signal.body.code, 'WF_1100')
    }
    const registration = await call('POST', '/v1/workflows/registrations/nope/execute', { body: {} })
    assert.deepEqual([registration.status, registration.body.code], [404, 'WORKFLOW_REGISTRATION_NOT_FOUND'])
  })

  it('is what a key may not do', async () => {
    const { body: run } = await scenario.execute('collect')
    const id = run.execution_id
    const may = async (
      role: 'read' | 'worker' | 'ingest' | 'member',
      method: string,
      path: string,
      body?: object,
    ) => (await call(method, path, { key: await scenario.server.makeKey(role), body })).status
    assert.equal(await may('read', 'GET', on(id)), 200)
    assert.equal(await may('read', 'POST', '/v1/workflows/echo/execute', {}), 403)
    assert.equal(await may('read', 'POST', on(id, '/signals'), { name: 'add', input: { value: 1 } }), 403)
    assert.equal(await may('read', 'POST', on(id, '/terminate')), 403)
    assert.equal(await may('worker', 'GET', on(id)), 403)
    assert.equal(await may('worker', 'POST', '/v1/workflows/echo/execute', {}), 403)
    assert.equal(await may('worker', 'POST', '/v1/workflows/executions/register', {}), 200)
    assert.equal(await may('ingest', 'POST', '/v1/workflows/executions/register', {}), 403)
    assert.equal(await may('member', 'POST', on(id, '/terminate')), 204)
  })

  it('is an input that does not fit, before Temporal sees it', async () => {
    const refused = async (body: Record<string, unknown>) => (await scenario.execute('fail', body)).body
    assert.equal((await refused({ input: { message: 1 } })).code, 'WORKFLOW_INPUT_INVALID')
    const encoded = { b64payload: Buffer.from('{"message":1}').toString('base64') }
    assert.equal((await refused({ encoded_input: encoded })).code, 'WORKFLOW_INPUT_INVALID')
    assert.equal((await refused({ input: encoded })).code, 'WORKFLOW_INPUT_INVALID')
    const bytes = { b64payload: Buffer.from('no json').toString('base64') }
    assert.match((await refused({ encoded_input: bytes })).detail, /not JSON/)
    assert.equal(Array.isArray((await refused({ input: {}, encoded_input: encoded })).detail), true)
    assert.equal(Array.isArray((await refused({ input: 5 })).detail), true)
    // What only the client can read is taken as it is.
    const secret = { ...encoded, encoding_options: ['encrypted'] }
    assert.equal((await scenario.execute('fail', { encoded_input: secret })).status, 200)
    const large = await scenario.execute('echo', { input: { text: 'x'.repeat(3_000_000) } })
    assert.equal(large.body.code, 'WORKFLOW_INPUT_INVALID')
    const larger = await scenario.execute('echo', { input: { text: 'x'.repeat(3_600_000) } })
    assert.equal(larger.body.code, 'WORKFLOW_INPUT_INVALID')
  })

  it('is an id that Temporal cannot hold, or that is running', async () => {
    for (const [execution_id, text] of [
      ['a b', /letters, digits/],
      ['a:b', /letters, digits/],
      ['', /letters, digits/],
      ['x'.repeat(256), /255 characters at most, which is what Temporal's databases hold/],
    ] as const) {
      const { status, body } = await scenario.execute('echo', { execution_id })
      assert.equal(status, 422)
      assert.match(body.detail[0].msg, text)
    }
    const execution_id = 'x'.repeat(255)
    assert.equal((await scenario.execute('nap', { execution_id, input: { milliseconds: 1 } })).status, 200)
    const again = await scenario.execute('nap', { execution_id, input: { milliseconds: 1 } })
    assert.deepEqual([again.status, again.body.code], [409, 'WF_1101'])
    await call('POST', on(execution_id, '/terminate'))
    assert.equal((await scenario.execute('nap', { execution_id })).status, 200, 'one that has ended is free')
    const runs = await call('GET', `/v1/workflows/runs?root_execution_id=${execution_id}`)
    assert.equal(runs.body.runs.length, 2)
  })

  it('is an ambiguous or unknown deployment', async () => {
    const stranger = await scenario.server.makeKey('admin', 'two deployments')
    await scenario.register('one', stranger)
    await scenario.register('two', stranger)
    const which = await scenario.execute('echo', {}, stranger)
    assert.deepEqual([which.status, which.body.code], [422, 'DEPLOYMENT_AMBIGUOUS'])
    const unknown = await scenario.execute('echo', { deployment_name: 'three' }, stranger)
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'DEPLOYMENT_NOT_FOUND'])
    const named = await scenario.execute('echo', { deployment_name: 'two' }, stranger)
    assert.equal(named.body.deployment_name, 'two')
    const older = await scenario.execute('echo', { task_queue: 'one' }, stranger)
    assert.equal(older.body.deployment_name, 'one')
  })

  it('is what takes a worker, while there is none', async () => {
    const { status, body } = await scenario.execute('collect')
    assert.equal(status, 200, 'it starts when a worker comes')
    const signal = await call('POST', on(body.execution_id, '/signals'), { body: { name: 'finish' } })
    assert.equal(signal.status, 202)
    for (const [what, name] of [
      ['/queries', 'values'],
      ['/updates', 'append'],
    ] as const) {
      // Before the time for the answer is over, ten seconds of a query; on a busy machine not each time.
      await eventually(async () => {
        const started = performance.now()
        const answer = await call('POST', on(body.execution_id, what), {
          body: { name, input: { value: 1 } },
        })
        assert.deepEqual([answer.status, answer.body.code], [503, 'WORKER_UNAVAILABLE'])
        assert.match(answer.body.detail, /test-deployment/)
        return performance.now() - started < 8_000
      })
    }
    const waited = await scenario.execute('echo', { wait_for_result: true, timeout_seconds: 0.5 })
    assert.deepEqual([waited.status, waited.body.code], [503, 'WORKER_UNAVAILABLE'])
    assert.equal(typeof waited.body.execution_id, 'string')

    const worker = await scenario.startWorker()
    await scenario.until(body.execution_id, 'COMPLETED')
    await scenario.until(waited.body.execution_id, 'COMPLETED')
    const slow = await scenario.execute('collect', { wait_for_result: true, timeout_seconds: 0.3 })
    assert.deepEqual([slow.status, slow.body.code], [504, 'WF_1103'])
    assert.equal((await call('GET', on(slow.body.execution_id))).body.status, 'RUNNING', 'it goes on')
    await call('POST', on(slow.body.execution_id, '/signals'), { body: { name: 'finish' } })
    const done = await scenario.until(slow.body.execution_id, 'COMPLETED')
    assert.deepEqual(done.result, { values: [] })
    await worker.stop()
  })
})

describe('executions while the server stops', () => {
  it('go on, and who waits for a result is told so', async () => {
    const scenario = await startWorkflowScenario()
    try {
      const execution_id = `wait-${randomUUID()}`
      const waiting = scenario.execute('collect', { execution_id, wait_for_result: true })
      await eventually(async () => (await scenario.call('GET', on(execution_id))).status === 200)
      const since = performance.now()
      const [answer] = await Promise.all([waiting, scenario.server.restart()])
      assert.deepEqual([answer.status, answer.body.code], [503, 'SERVICE_UNAVAILABLE'])
      assert.equal(answer.body.execution_id, execution_id)
      assert.ok(performance.now() - since < 20_000, 'the stop does not wait for it')
      assert.equal((await scenario.call('GET', on(execution_id))).body.status, 'RUNNING')
    } finally {
      await scenario.close()
    }
  })
})

describe('executions while Temporal is away', () => {
  it('are told of only as far as it is certain', async () => {
    const away = await startStallableProxy(`tcp://${testTemporal()}`)
    const scenario = await startWorkflowScenario({ temporalAddress: new URL(away.url).host })
    try {
      await scenario.startWorker()
      const done = await scenario.execute('echo', { input: { a: 1 }, wait_for_result: true })
      const open = await scenario.execute('collect')
      away.cut()
      const id = open.body.execution_id
      const closed = await scenario.call('GET', on(done.body.execution_id))
      assert.deepEqual([closed.status, closed.body.result], [200, { a: 1 }], 'that never changes')
      for (const [method, path, body] of [
        ['GET', on(id)],
        ['GET', on('unknown')],
        ['GET', `/v1/workflows/runs/${open.body.run_id}`],
        ['GET', on(id, '/history')],
        ['POST', on(id, '/signals'), { name: 'finish' }],
        ['POST', on(id, '/queries'), { name: 'values' }],
        ['POST', on(id, '/updates'), { name: 'append', input: { value: 1 } }],
        ['POST', on(id, '/terminate')],
        ['POST', on(id, '/reset'), { event_id: 4 }],
        ['POST', '/v1/workflows/echo/execute', {}],
      ] as const) {
        const answer = await scenario.call(method, path, { body })
        assert.deepEqual([answer.status, answer.body.code], [503, 'TEMPORAL_UNAVAILABLE'], path)
      }
      const list = await scenario.call('GET', '/v1/workflows/runs')
      assert.equal(list.body.runs.length, 2, 'lists are our own')
      away.resume()
      await eventually(async () => (await scenario.call('GET', on(id))).status === 200)
      assert.equal(
        (await scenario.call('POST', on(id, '/signals'), { body: { name: 'finish' } })).status,
        202,
      )
      await scenario.until(id, 'COMPLETED')
    } finally {
      await scenario.close()
      await away.close()
    }
  })
})
