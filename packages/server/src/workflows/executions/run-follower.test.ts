import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Connection } from '@temporalio/client'
import { decideConfig } from '@tramontane/server/config/config'
import { startServer } from '@tramontane/server/server'
import { eventually } from '@tramontane/testkit/eventually'
import {
  startWorkflowScenario,
  testDeployment,
  type WorkflowScenario,
} from '@tramontane/testkit/workflow-scenario'

/** Runs that come about, and end, without our doing: started and ended at Temporal itself. */
describe('the follower', () => {
  let scenario: WorkflowScenario
  let temporal: Connection
  const call: WorkflowScenario['call'] = (...options) => scenario.call(...options)
  before(async () => {
    scenario = await startWorkflowScenario()
    await scenario.startWorker()
    // From now on the workspace is followed.
    await call('GET', '/v1/workflows/runs')
    temporal = await Connection.connect({ address: scenario.temporalAddress })
  })
  after(async () => {
    await temporal.close()
    await scenario.close()
  })

  const json = (value: unknown) => ({
    metadata: { encoding: Buffer.from('json/plain') },
    data: Buffer.from(JSON.stringify(value)),
  })
  const startAtTemporal = async (workflow: string, input: unknown, id: string = `plain-${randomUUID()}`) => {
    const { runId } = await temporal.workflowService.startWorkflowExecution({
      namespace: scenario.namespace,
      workflowId: id,
      workflowType: { name: workflow },
      taskQueue: { name: testDeployment },
      input: { payloads: [json(input)] },
      requestId: randomUUID(),
      searchAttributes: { indexedFields: { UserId: json('somebody') } },
    })
    return { id, runId }
  }
  const listed = (id: string, status: string) =>
    eventually(async () => {
      const { body } = await call('GET', `/v1/workflows/runs?root_execution_id=${encodeURIComponent(id)}`)
      return body.runs.find((run: { status: string }) => run.status === status)
    })
  const eventTypes = async (id: string) => {
    const { body } = await call('GET', `/v1/workflows/events/list?workflow_exec_id=${encodeURIComponent(id)}`)
    return body.events.map((event: { event_type: string }) => event.event_type)
  }
  const isRetried = (workflow: string) =>
    eventually(async () => {
      const { body } = await call('GET', `/v1/workflows/${workflow}/metrics`)
      return body.retry_rate.value > 0
    })

  it('finds runs that somebody else started, as those of a server that was killed then', async () => {
    const { id, runId } = await startAtTemporal('collect', {})
    const run = await listed(id, 'RUNNING')
    assert.equal(run.run_id, runId)
    assert.equal(run.user_id, 'somebody')
    assert.equal(run.deployment_name, testDeployment)
    assert.equal(typeof run.workflow_id, 'string')
    await temporal.workflowService.signalWorkflowExecution({
      namespace: scenario.namespace,
      workflowExecution: { workflowId: id },
      signalName: 'finish',
    })
    await listed(id, 'COMPLETED')
    const types = await eventually(async () => {
      const all = await eventTypes(id)
      return all.length === 2 && all
    })
    assert.deepEqual(types, ['WORKFLOW_EXECUTION_STARTED', 'WORKFLOW_EXECUTION_COMPLETED'])
  })

  it('knows by which key those were started that only Temporal has seen begin', async () => {
    const { body: started } = await scenario.execute('again', { input: { times: 2 } })
    const runs = await eventually(async () => {
      const { body } = await call('GET', `/v1/workflows/runs?root_execution_id=${started.execution_id}`)
      return body.runs.length === 3 && (body.runs as { run_id: string; user_id: string | null }[])
    })
    const first = runs.find(({ run_id }) => run_id === started.run_id)
    assert.equal(typeof first?.user_id, 'string')
    assert.deepEqual(
      runs.map(({ user_id }) => user_id),
      Array(3).fill(first?.user_id),
    )
  })

  it('finds each at once when it is asked for', async () => {
    const { id, runId } = await startAtTemporal('nap', { milliseconds: 60_000 }, `a:b ${randomUUID()}`)
    const { body } = await call('GET', `/v1/workflows/executions/${encodeURIComponent(id)}`)
    assert.deepEqual([body.status, body.run_id], ['RUNNING', runId])
    const query = await call('POST', `/v1/workflows/executions/${encodeURIComponent(id)}/terminate`)
    assert.equal(query.status, 204)
  })

  it('sees every way in which one ends', async () => {
    const terminated = await startAtTemporal('nap', { milliseconds: 60_000 })
    await listed(terminated.id, 'RUNNING')
    await temporal.workflowService.terminateWorkflowExecution({
      namespace: scenario.namespace,
      workflowExecution: { workflowId: terminated.id },
      reason: 'enough',
    })
    await listed(terminated.id, 'TERMINATED')
    const canceled = await startAtTemporal('nap', { milliseconds: 60_000 })
    await temporal.workflowService.requestCancelWorkflowExecution({
      namespace: scenario.namespace,
      workflowExecution: { workflowId: canceled.id },
    })
    await listed(canceled.id, 'CANCELED')
    const failed = await startAtTemporal('fail', { message: 'boo' })
    await listed(failed.id, 'FAILED')
    const continued = await startAtTemporal('again', { times: 1 })
    await listed(continued.id, 'CONTINUED_AS_NEW')
    await listed(continued.id, 'COMPLETED')
    const { body } = await call('GET', `/v1/workflows/executions/${continued.id}`)
    assert.deepEqual(body.result, { times: 0 })
    await eventually(async () => (await eventTypes(continued.id)).length === 4)
    assert.deepEqual((await eventTypes(continued.id)).sort(), [
      'WORKFLOW_EXECUTION_COMPLETED',
      'WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
      'WORKFLOW_EXECUTION_STARTED',
      'WORKFLOW_EXECUTION_STARTED',
    ])
  })

  it('leaves the events that a worker sends as they are, and adds what it does not send', async () => {
    const { body: started } = await scenario.execute('collect')
    const common = {
      event_timestamp: Date.now() * 1_000_000,
      workflow_name: 'collect',
      workflow_exec_id: started.execution_id,
      workflow_run_id: started.run_id,
      root_workflow_exec_id: started.execution_id,
      parent_workflow_exec_id: null,
    }
    const send = (event_type: string, attributes: object) =>
      call('POST', '/v1/workflows/events', {
        body: { event: { ...common, event_id: randomUUID(), event_type, attributes } },
      })
    await send('WORKFLOW_EXECUTION_STARTED', {
      task_id: 'the-task',
      workflow_name: 'collect',
      input: { type: 'json', value: ['as the worker says'] },
    })
    await send('ACTIVITY_TASK_RETRYING', {
      task_id: '1',
      activity_name: 'x',
      attempt: 1,
      failure: { message: 'again' },
    })
    await call('POST', `/v1/workflows/executions/${started.execution_id}/terminate`)
    const list = await eventually(async () => {
      const { body } = await call('GET', `/v1/workflows/events/list?workflow_exec_id=${started.execution_id}`)
      return body.events.length === 3 && body.events
    })
    assert.deepEqual(list[0].attributes.input.value, ['as the worker says'])
    assert.equal(list[2].event_type, 'WORKFLOW_EXECUTION_FAILED')
    assert.equal(list[2].attributes.task_id, 'the-task', 'an end names the task of its beginning')
    await isRetried('collect')
  })

  it('notes that an activity was tried again, also of a run that it does not know yet', async () => {
    const { id, runId } = await startAtTemporal('nap', { milliseconds: 60_000 })
    const event = {
      event_id: randomUUID(),
      event_timestamp: Date.now() * 1_000_000,
      event_type: 'ACTIVITY_TASK_RETRYING',
      workflow_name: 'nap',
      workflow_exec_id: id,
      workflow_run_id: runId,
      root_workflow_exec_id: id,
      parent_workflow_exec_id: null,
      attributes: { task_id: '1', activity_name: 'x', attempt: 1, failure: { message: 'again' } },
    }
    await call('POST', '/v1/workflows/events', { body: { event } })
    await isRetried('nap')
    await call('POST', `/v1/workflows/executions/${id}/terminate`)
  })

  it('is shared by all servers on a database', async () => {
    const config = decideConfig({
      port: '0',
      workerPort: '0',
      logLevel: 'silent',
      temporalAddress: scenario.temporalAddress,
      databaseUrl: scenario.server.databaseUrl,
      dataDir: await mkdtemp(path.join(tmpdir(), 'tramontane-test-')),
    })
    const second = await startServer(config)
    try {
      const runs = await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          startAtTemporal(i % 2 === 0 ? 'echo' : 'fail', { message: `number ${i}` }),
        ),
      )
      for (const [i, { id }] of runs.entries()) await listed(id, i % 2 === 0 ? 'COMPLETED' : 'FAILED')
      for (const [i, { id }] of runs.entries()) {
        await eventually(async () => (await eventTypes(id)).length === 2)
        assert.deepEqual(await eventTypes(id), [
          'WORKFLOW_EXECUTION_STARTED',
          i % 2 === 0 ? 'WORKFLOW_EXECUTION_COMPLETED' : 'WORKFLOW_EXECUTION_FAILED',
        ])
      }
    } finally {
      await second.close()
      await rm(config.dataDir, { recursive: true, force: true })
    }
  })

  it('goes on where it was after a stop', async () => {
    const { id } = await startAtTemporal('nap', { milliseconds: 60_000 })
    await listed(id, 'RUNNING')
    const restarting = scenario.server.restart()
    const late = await startAtTemporal('echo', { late: true })
    await temporal.workflowService.terminateWorkflowExecution({
      namespace: scenario.namespace,
      workflowExecution: { workflowId: id },
    })
    await restarting
    await listed(id, 'TERMINATED')
    await listed(late.id, 'COMPLETED')
    await eventually(async () => (await eventTypes(id)).length === 2)
    await eventually(async () => (await eventTypes(late.id)).length === 2)
  })

  describe('where Temporal takes a minute', { concurrency: true }, () => {
    it('tells of runs that get nowhere', async () => {
      const { body } = await scenario.execute('stuck')
      const failed = await eventually(
        async () => {
          const { body: list } = await call(
            'GET',
            `/v1/workflows/events/list?workflow_exec_id=${body.execution_id}`,
          )
          return list.events.find(
            (event: { event_type: string }) => event.event_type === 'WORKFLOW_TASK_FAILED',
          )
        },
        { timeoutMs: 180_000, everyMs: 500 },
      )
      assert.match(failed.attributes.failure.message, /a fault in the code of the workflow/)
      const now = await call('GET', `/v1/workflows/executions/${body.execution_id}`)
      assert.equal(now.body.status, 'RUNNING')
      await call('POST', `/v1/workflows/executions/${body.execution_id}/terminate`)
    })

    it('keeps what Temporal has forgotten', async () => {
      const { body } = await scenario.execute('echo', { input: { kept: true }, wait_for_result: true })
      const id = body.execution_id
      await temporal.workflowService.deleteWorkflowExecution({
        namespace: scenario.namespace,
        workflowExecution: { workflowId: id },
      })
      // Temporal takes its time over that.
      const isGone = async () => (await call('GET', `/v1/workflows/executions/${id}/history`)).status === 404
      await eventually(isGone, { timeoutMs: 90_000 })
      const { body: kept } = await call('GET', `/v1/workflows/executions/${id}`)
      assert.deepEqual([kept.status, kept.result], ['COMPLETED', { kept: true }])
    })
  })
})
