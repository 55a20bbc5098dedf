import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { Connection } from '@temporalio/client'
import { eventually } from '@tramontane/testkit/eventually'
import { sentWorkflowEvent } from '@tramontane/testkit/sample-workflow-events'
import { startStallableProxy } from '@tramontane/testkit/stallable-proxy'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import {
  startWorkflowScenario,
  testDeployment,
  type WorkflowScenario,
} from '@tramontane/testkit/workflow-scenario'

const STARTED = 'WORKFLOW_EXECUTION_STARTED'
const COMPLETED = 'WORKFLOW_EXECUTION_COMPLETED'

interface Listed {
  readonly event_type: string
  readonly attributes: Record<string, unknown>
}

/** The worker told that the run began while the server was away; only what it tells later arrives. */
describe('the end of a run whose beginning was lost', () => {
  let away: Awaited<ReturnType<typeof startStallableProxy>>
  let scenario: WorkflowScenario
  before(async () => {
    away = await startStallableProxy(`tcp://${testTemporal()}`)
    scenario = await startWorkflowScenario({ temporalAddress: new URL(away.url).host })
  })
  after(async () => {
    await scenario.close()
    await away.close()
  })

  const record = (...events: unknown[]) =>
    scenario.call('POST', '/v1/workflows/events/batch', { body: { events } })
  const listed = async (id: string): Promise<Listed[]> => {
    const { body } = await scenario.call('GET', `/v1/workflows/events/list?workflow_exec_id=${id}`)
    return body.events
  }
  const typesOf = async (id: string) => (await listed(id)).map(({ event_type }) => event_type)
  const start = async () => {
    const { status, body } = await scenario.execute('collect', { input: { values: [1] } })
    assert.equal(status, 200, JSON.stringify(body))
    return { workflow_exec_id: body.execution_id, workflow_run_id: body.run_id }
  }

  it('comes after it all the same', async () => {
    const run = await start()
    const token = sentWorkflowEvent('CUSTOM_TASK_STARTED', run)
    const end = sentWorkflowEvent(COMPLETED, run)
    assert.deepEqual((await record(token, end)).body, { status: 'success', events_received: 2 })
    const events = await listed(run.workflow_exec_id)
    assert.deepEqual(
      events.map(({ event_type }) => event_type),
      [STARTED, 'CUSTOM_TASK_STARTED', COMPLETED],
    )
    const { task_id, input } = events[0]!.attributes
    assert.equal(task_id, end.attributes.task_id, 'both name the same task')
    assert.deepEqual(input, { type: 'json', value: [{ values: [1] }] })
    // Told again, and late, it changes nothing.
    await record(end, sentWorkflowEvent(STARTED, run))
    assert.equal((await listed(run.workflow_exec_id)).length, 3)
  })

  it('also if it comes as the only event, of a run that somebody else started', async () => {
    const temporal = await Connection.connect({ address: testTemporal() })
    const workflowId = `plain-${randomUUID()}`
    const { runId } = await temporal.workflowService.startWorkflowExecution({
      namespace: scenario.namespace,
      workflowId,
      workflowType: { name: 'collect' },
      taskQueue: { name: testDeployment },
      requestId: randomUUID(),
    })
    await temporal.close()
    const event = sentWorkflowEvent(COMPLETED, { workflow_exec_id: workflowId, workflow_run_id: runId })
    assert.equal((await scenario.call('POST', '/v1/workflows/events', { body: { event } })).status, 200)
    assert.deepEqual(await typesOf(workflowId), [STARTED, COMPLETED])
  })

  it('is stored as it is where there is no such run, or it is of another workspace', async () => {
    const event = sentWorkflowEvent(COMPLETED)
    assert.equal((await record(event)).status, 200)
    assert.deepEqual(await typesOf(event.workflow_exec_id), [COMPLETED])
    const ours = sentWorkflowEvent(COMPLETED, await start())
    const key = await scenario.server.makeKey('admin', 'elsewhere')
    const theirs = await scenario.call('POST', '/v1/workflows/events', { body: { event: ours }, key })
    assert.equal(theirs.status, 200)
    const list = `/v1/workflows/events/list?workflow_exec_id=${ours.workflow_exec_id}`
    const { body } = await scenario.call('GET', list, { key })
    assert.deepEqual(
      body.events.map(({ event_type }: Listed) => event_type),
      [COMPLETED],
    )
  })

  it('has to be sent again while Temporal does not say how it began', async () => {
    const [lost, whole] = [sentWorkflowEvent(COMPLETED, { workflow_run_id: randomUUID() }), await start()]
    away.cut()
    const refused = await record(lost)
    assert.deepEqual([refused.status, refused.body.code], [503, 'TEMPORAL_UNAVAILABLE'])
    assert.deepEqual(await typesOf(lost.workflow_exec_id), [])
    assert.equal((await record(sentWorkflowEvent(STARTED, whole))).status, 200)
    assert.equal((await record(sentWorkflowEvent(COMPLETED, whole))).status, 200)
    assert.deepEqual(await typesOf(whole.workflow_exec_id), [STARTED, COMPLETED])
    away.resume()
    await eventually(async () => (await record(lost)).status === 200)
  })
})
