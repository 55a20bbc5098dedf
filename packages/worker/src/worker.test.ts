import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startWorkerScenario, type WorkerScenario } from '@tramontane/testkit/worker-scenario'

describe('a worker in TypeScript', () => {
  let scenario: WorkerScenario
  const call: WorkerScenario['call'] = (...options) => scenario.call(...options)
  const on = (id: string, what = '') => `/v1/workflows/executions/${id}${what}`
  before(async () => {
    scenario = await startWorkerScenario()
    await scenario.startWorker()
  })
  after(() => scenario.close())

  const start = async (workflow: string, input?: unknown): Promise<string> => {
    const { status, body } = await scenario.execute(workflow, input)
    assert.equal(status, 200, JSON.stringify(body))
    return body.execution_id
  }
  const signal = (id: string, name: string, input: unknown) =>
    call('POST', on(id, '/signals'), { body: { name, input } })
  const query = (id: string, name: string) => call('POST', on(id, '/queries'), { body: { name } })
  const update = (id: string, name: string, input: unknown) =>
    call('POST', on(id, '/updates'), { body: { name, input } })

  it('registers what its workflows are and take', async () => {
    const { body } = await call('GET', '/v1/workflows/hello')
    assert.equal(body.workflow.display_name, 'Hello')
    assert.equal(body.workflow.description, 'Says hello.')
    assert.equal(body.workflow.active, true)
    const registrations = await call('GET', `/v1/workflows/registrations?workflow_id=${body.workflow.id}`)
    const { definition } = registrations.body.workflow_registrations[0]
    assert.deepEqual(definition.input_schema, {
      type: 'object',
      properties: { name: { type: 'string', minLength: 1 }, language: { default: 'French', type: 'string' } },
      required: ['name'],
    })
    assert.deepEqual(definition.output_schema, {
      type: 'object',
      properties: { result: { type: 'string' } },
      required: ['result'],
    })
    assert.equal(definition.execution_timeout, 3600)
    const workers = await call('GET', `/v1/workflows/deployments/${scenario.deployment}/workers`)
    assert.equal(workers.body.workers.length, 1)
  })

  it('runs a workflow, and gives its result', async () => {
    assert.deepEqual(await scenario.result('hello', { name: 'Ada' }), { result: 'Bonjour, Ada!' })
    assert.deepEqual(await scenario.result('hello', { name: 'Ada', language: 'German' }), {
      result: 'Hello, Ada!',
    })
    assert.equal(await scenario.result('nothing'), null)
  })

  it('is not bothered with input that does not fit', async () => {
    const { status } = await scenario.execute('hello', { name: '' })
    assert.equal(status, 422)
  })

  it('answers signals, queries and updates', async () => {
    const id = await start('order', { id: '1' })
    assert.equal((await update(id, 'move', { city: 'Oslo' })).body.result.from, 'nowhere')
    assert.equal((await update(id, 'move', { city: 'x' })).status, 422)
    const refused = await update(id, 'move', { city: 'Oslo' })
    assert.equal(refused.status, 422)
    assert.match(refused.body.detail, /already there/)
    assert.equal((await signal(id, 'pay', { amount: 4 })).status, 202)
    await eventually(async () => (await query(id, 'status')).body.result.paid === 4)
    assert.equal((await signal(id, 'pay', { amount: -4 })).status, 422)
    await signal(id, 'pay', { amount: 7 })
    const done = await scenario.until(id, 'COMPLETED')
    assert.deepEqual(done.result, { paid: 11, city: 'Oslo' })
  })

  it('takes an update that comes before the workflow has begun', async () => {
    const { body } = await scenario.execute('order', { id: '2' })
    const early = await update(body.execution_id, 'move', { city: 'Rome' })
    assert.equal(early.body.result?.from, 'nowhere', JSON.stringify(early.body))
    await signal(body.execution_id, 'pay', { amount: 10 })
    await scenario.until(body.execution_id, 'COMPLETED')
  })

  it('tries an activity again, and tells each attempt', async () => {
    const id = await start('retries', { failures: 2 })
    assert.deepEqual((await scenario.until(id, 'COMPLETED')).result, { result: 3 })
    const events = await scenario.events(id, 'WORKFLOW_EXECUTION_COMPLETED')
    assert.deepEqual(
      events.map((event: { event_type: string; attributes: { attempt?: number } }) => [
        event.event_type.replace(/_TASK|_EXECUTION/, ''),
        event.attributes.attempt,
      ]),
      [
        ['WORKFLOW_STARTED', 1],
        ['ACTIVITY_STARTED', undefined],
        ['ACTIVITY_RETRYING', 1],
        ['ACTIVITY_RETRYING', 2],
        ['ACTIVITY_COMPLETED', undefined],
        ['WORKFLOW_COMPLETED', 1],
      ],
    )
  })

  it('fails with the words of the error when the attempts are used up', async () => {
    const id = await start('retries', { failures: 5 })
    await scenario.until(id, 'FAILED')
    const events = await scenario.events(id, 'WORKFLOW_EXECUTION_FAILED')
    const failure = events.find(
      (event: { event_type: string }) => event.event_type === 'ACTIVITY_TASK_FAILED',
    )
    assert.equal(failure.attributes.attempt, 3)
    assert.equal(failure.attributes.failure.message, 'attempt 3 fails')
    assert.equal(events.at(-1).attributes.failure.message, 'attempt 3 fails')
  })

  it('does not try again what is refused for good, nor a mistake in the workflow', async () => {
    const refused = await start('refused', { reason: 'never' })
    const mistaken = await start('mistaken')
    await scenario.until(refused, 'FAILED')
    const events = await scenario.events(refused, 'ACTIVITY_TASK_FAILED')
    assert.equal(
      events.filter((event: { event_type: string }) => /ACTIVITY/.test(event.event_type)).length,
      2,
    )
    await scenario.until(mistaken, 'FAILED')
    const told = await scenario.events(mistaken, 'WORKFLOW_EXECUTION_FAILED')
    assert.equal(told.at(-1).attributes.failure.message, 'the author has made a mistake')
  })

  it('runs other workflows as children, and signals them', async () => {
    const id = await start('parent', { names: ['Ada', 'Bob'] })
    assert.deepEqual((await scenario.until(id, 'COMPLETED')).result, {
      result: ['Bonjour, Ada!', 'Bonjour, Bob!'],
    })
    // Lists show the rows as they are: those of the children may be a moment behind the parent's.
    const runs = await eventually(async () => {
      const { body } = await call('GET', `/v1/workflows/runs?root_execution_id=${id}`)
      assert.deepEqual(
        body.runs.map((run: { status: string }) => run.status),
        ['COMPLETED', 'COMPLETED', 'COMPLETED'],
      )
      return body.runs
    })
    for (const run of runs) {
      assert.equal(run.root_execution_id, id)
      assert.equal(run.parent_execution_id, run.execution_id === id ? null : id)
    }
    assert.deepEqual(await scenario.result('paymaster'), { result: 12 })
  })

  it('goes on in a new run, as often as it likes', async () => {
    const id = await start('countdown', { from: 2 })
    assert.deepEqual((await scenario.until(id, 'COMPLETED')).result, { runs: 3 })
    const runs = await eventually(async () => {
      const { body } = await call('GET', `/v1/workflows/runs?root_execution_id=${id}&order=asc`)
      const statuses = body.runs.map((run: { status: string }) => run.status)
      return statuses.join() === 'CONTINUED_AS_NEW,CONTINUED_AS_NEW,COMPLETED' && body.runs
    })
    // How a run went on is the server's to tell: only it knows in which other one.
    const continued = await eventually(async () => {
      const events = await scenario.events(id, 'WORKFLOW_EXECUTION_COMPLETED')
      const ofType = (type: string) =>
        events.filter((event: { event_type: string }) => event.event_type === `WORKFLOW_EXECUTION_${type}`)
      assert.equal(ofType('STARTED').length, 3)
      return ofType('CONTINUED_AS_NEW').length === 2 && ofType('CONTINUED_AS_NEW')
    })
    assert.deepEqual(
      continued.map(
        (event: { attributes: { new_execution_run_id: string } }) => event.attributes.new_execution_run_id,
      ),
      runs.slice(1).map((run: { run_id: string }) => run.run_id),
    )
  })

  it('sleeps, and can be cancelled and ended', async () => {
    assert.deepEqual(await scenario.result('nap', { ms: 50 }), { result: 'rested' })
    const id = await start('nap', { ms: 600_000 })
    await scenario.events(id, 'WORKFLOW_EXECUTION_STARTED')
    assert.equal((await call('POST', on(id, '/cancel'))).status, 204)
    await scenario.until(id, 'CANCELED')
    await scenario.events(id, 'WORKFLOW_EXECUTION_CANCELED')
    const other = await start('nap', { ms: 600_000 })
    assert.equal((await call('POST', on(other, '/terminate'))).status, 204)
    await scenario.until(other, 'TERMINATED')
  })

  it('hears in an activity that the execution is cancelled', async () => {
    const id = await start('long', { ms: 60_000 })
    await scenario.events(id, 'ACTIVITY_TASK_STARTED')
    await call('POST', on(id, '/cancel'))
    await scenario.until(id, 'CANCELED')
  })

  it('starts no more of a limited activity than its limit allows', async () => {
    const { result } = await scenario.result('clocked', { times: 12 })
    const [first, last] = [Math.min(...result), Math.max(...result)]
    assert.ok(last - first >= 500, `12 in ${last - first} ms, at 5 a second`)
  })

  it('says by what its runs can be found', async () => {
    const id = await start('order', { id: 'find-me' })
    const found = await eventually(async () => {
      const { body } = await call(
        'GET',
        '/v1/workflows/runs?search_key=order.id:find-me&search_key=unpaid:true',
      )
      return body.runs[0]
    })
    assert.equal(found.execution_id, id)
    await call('POST', on(id, '/terminate'))
    const asking = await start('approval')
    const waiting = () =>
      call('GET', '/v1/workflows/runs?search_key=internal.execution.state:waiting_for_input')
    await eventually(async () => (await waiting()).body.runs[0]?.execution_id === asking)
    await call('POST', on(asking, '/cancel'))
    await eventually(async () => (await waiting()).body.runs.length === 0)
  })

  it('goes back to a point before a failure, and tells of the new run', async () => {
    const id = await start('retries', { failures: 5 })
    const failed = await scenario.until(id, 'FAILED')
    const { body } = await call('POST', on(id, '/reset'), { body: { event_id: 1 } })
    const [first] = body.valid_reset_events
    assert.equal((await call('POST', on(id, '/reset'), { body: { event_id: first } })).status, 204)
    const again = await eventually(async () => {
      const execution = await scenario.until(id, 'FAILED')
      return execution.run_id !== failed.run_id && execution
    })
    const told = await eventually(async () => {
      const events = await scenario.events(id, 'WORKFLOW_EXECUTION_FAILED')
      const own = events.filter(
        (event: { workflow_run_id: string }) => event.workflow_run_id === again.run_id,
      )
      return (
        own.some((event: { event_type: string }) => event.event_type === 'WORKFLOW_EXECUTION_FAILED') && own
      )
    })
    assert.ok(told.some((event: { event_type: string }) => event.event_type === 'ACTIVITY_TASK_RETRYING'))
  })

  it('declares schedules', async () => {
    const { body } = await call('GET', '/v1/workflows/schedules?workflow_name=nightly')
    assert.equal(body.schedules.length, 1)
    const [schedule] = body.schedules
    assert.deepEqual(schedule.cron_expressions, ['0 3 * * *'])
    assert.equal(schedule.time_zone_name, 'Europe/Paris')
    const triggered = await call('POST', `/v1/workflows/schedules/${schedule.schedule_id}/trigger`)
    assert.equal(triggered.status, 204, JSON.stringify(triggered.body))
    const run = await eventually(async () => {
      const { body } = await call('GET', '/v1/workflows/runs?workflow_identifier=nightly&status=COMPLETED')
      return body.runs[0]
    })
    const detail = await call('GET', on(run.execution_id))
    assert.deepEqual(detail.body.result, { result: 'night' })
    const events = await scenario.events(run.execution_id, 'WORKFLOW_EXECUTION_COMPLETED')
    assert.equal(typeof events[0].schedule_id, 'string')
  })
})
