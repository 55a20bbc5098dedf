import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { Connection } from '@temporalio/client'
import { eventually } from '@tramontane/testkit/eventually'
import { sentWorkflowEvent } from '@tramontane/testkit/sample-workflow-events'
import { StreamReader } from '@tramontane/testkit/stream-reader'
import { startTestServer } from '@tramontane/testkit/test-server'
import {
  startWorkflowScenario,
  testDeployment,
  type WorkflowScenario,
} from '@tramontane/testkit/workflow-scenario'
import pg from 'pg'

const STARTED = 'WORKFLOW_EXECUTION_STARTED'
const COMPLETED = 'WORKFLOW_EXECUTION_COMPLETED'
const CONTINUED = 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW'

const typesOf = (reader: StreamReader) => reader.frames.map(({ data }) => data.data.event_type)

/** Has Temporal's lists not read any more. @returns has them read again */
async function withoutSweeps(databaseUrl: string): Promise<() => Promise<void>> {
  const run = async (statement: string) => {
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    await client.query(statement)
    await client.end()
  }
  await run(`
    create function put_off() returns trigger language plpgsql as
      $$ begin new.sweep_at = now() + interval '1 hour'; return new; end $$;
    create trigger put_off before insert or update on workflow_sweeps for each row execute function put_off();
    update workflow_sweeps set sweep_at = now()`)
  return () => run('drop function put_off cascade; update workflow_sweeps set sweep_at = now()')
}

describe("an execution's stream", () => {
  let scenario: WorkflowScenario
  before(async () => {
    scenario = await startWorkflowScenario()
    await scenario.startWorker()
  })
  after(() => scenario.close())

  const path = (id: string, what: string) => `/v1/workflows/executions/${id}${what}`
  const open = (id: string, query = '') =>
    StreamReader.open(`${scenario.server.url}${path(id, '/stream')}?${query}`, scenario.server)
  const start = async (
    workflow: string,
    input: unknown = {},
  ): Promise<{ execution_id: string; run_id: string }> => {
    const { status, body } = await scenario.execute(workflow, { input })
    assert.equal(status, 200, JSON.stringify(body))
    return body
  }
  const record = async (...events: unknown[]) => {
    const { body } = await scenario.call('POST', '/v1/workflows/events/batch', { body: { events } })
    assert.equal(body.status, 'success')
  }
  /** As a client of Temporal's own starts one. */
  const startAtTemporal = async (workflowId: string, workflow: string, input: unknown) => {
    const temporal = await Connection.connect({ address: scenario.temporalAddress })
    const payload = {
      metadata: { encoding: Buffer.from('json/plain') },
      data: Buffer.from(JSON.stringify(input)),
    }
    await temporal.workflowService.startWorkflowExecution({
      namespace: scenario.namespace,
      workflowId,
      workflowType: { name: workflow },
      taskQueue: { name: testDeployment },
      input: { payloads: [payload] },
      requestId: randomUUID(),
    })
    await temporal.close()
  }
  const finish = (id: string) => scenario.call('POST', path(id, '/signals'), { body: { name: 'finish' } })

  it('ends when the execution has ended, and can be read again', async () => {
    const { execution_id: id } = await start('collect')
    const reader = await open(id, 'event_source=LIVE')
    assert.equal(reader.status, 200)
    await finish(id)
    await reader.ends()
    assert.deepEqual(typesOf(reader), [STARTED, COMPLETED])
    assert.equal(reader.error, undefined)
    const again = await open(id, `last_event_id=${reader.frames[0]!.id}`)
    await again.ends()
    assert.deepEqual(typesOf(again), [COMPLETED])
  })

  it('does not end because a worker says early that a run is complete', async () => {
    const { execution_id: id, run_id: run } = await start('collect')
    const common = { workflow_exec_id: id, workflow_run_id: run }
    const reader = await open(id)
    await record(sentWorkflowEvent(STARTED, common), sentWorkflowEvent(COMPLETED, common))
    await reader.has(2)
    await record(sentWorkflowEvent('ACTIVITY_TASK_COMPLETED', common))
    await reader.has(3)
    assert.ok(!reader.isEnded)
    await finish(id)
    await reader.ends()
    assert.deepEqual(typesOf(reader), [STARTED, COMPLETED, 'ACTIVITY_TASK_COMPLETED'])
  })

  it('goes on over the runs of a continued execution', async () => {
    const { execution_id: id } = await start('again', { times: 2 })
    const reader = await open(id)
    await reader.ends()
    assert.deepEqual(typesOf(reader).filter((type) => type === CONTINUED).length, 2)
    assert.equal(typesOf(reader).at(-1), COMPLETED)
  })

  it('does not end before the earlier runs are told of, though the worker tells of the last one first', async () => {
    const { execution_id: id } = await start('again', { times: 1 })
    const reader = await open(id)
    const { run_id: run } = await scenario.until(id, 'COMPLETED')
    const common = { workflow_exec_id: id, workflow_run_id: run }
    await record(sentWorkflowEvent(STARTED, common), sentWorkflowEvent(COMPLETED, common))
    await reader.ends()
    assert.deepEqual(typesOf(reader).sort(), [COMPLETED, CONTINUED, STARTED, STARTED])
    assert.equal(reader.error, undefined)
  })

  it('has all runs in their order, whichever the server hears of first', async () => {
    // Nobody reads Temporal's lists: what is asked for is heard of first, and that is the last run.
    const resume = await withoutSweeps(scenario.server.databaseUrl)
    try {
      const ids = [(await start('again', { times: 2 })).execution_id, `plain-${randomUUID()}`]
      await startAtTemporal(ids[1]!, 'again', { times: 2 })
      for (const id of ids) {
        await scenario.until(id, 'COMPLETED')
        const reader = await open(id)
        await reader.ends()
        assert.deepEqual(typesOf(reader), [STARTED, CONTINUED, STARTED, CONTINUED, STARTED, COMPLETED])
        const runs = reader.frames.map(({ data }) => data.data.workflow_run_id)
        assert.deepEqual([runs[0], runs[2], runs[4]], [runs[1], runs[3], runs[5]])
      }
    } finally {
      await resume()
    }
  })

  it('ends for every way in which executions end', async () => {
    for (const [workflow, input, how, last] of [
      ['fail', { message: 'boo' }, undefined, 'WORKFLOW_EXECUTION_FAILED'],
      ['nap', { milliseconds: 60_000 }, '/cancel', 'WORKFLOW_EXECUTION_CANCELED'],
      ['nap', { milliseconds: 60_000 }, '/terminate', 'WORKFLOW_EXECUTION_FAILED'],
    ] as const) {
      const { execution_id: id } = await start(workflow, input)
      const reader = await open(id)
      if (how) assert.equal((await scenario.call('POST', path(id, how))).status, 204)
      await reader.ends()
      assert.deepEqual(typesOf(reader), [STARTED, last], workflow)
    }
  })

  it('is open again after a reset', async () => {
    const { execution_id: id } = await start('collect')
    const first = await open(id)
    await finish(id)
    await first.ends()
    const history = await scenario.call('GET', path(id, '/history'))
    const event = history.body.events.find(
      ({ eventType }: { eventType: string }) => eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED',
    )
    const reset = await scenario.call('POST', path(id, '/reset'), {
      body: { event_id: Number(event.eventId), exclude_signals: true },
    })
    assert.equal(reset.status, 204, JSON.stringify(reset.body))
    const second = await open(id)
    await second.has(3)
    assert.ok(!second.isEnded)
    await finish(id)
    await second.ends()
    assert.deepEqual(typesOf(second).filter((type) => type === COMPLETED).length, 2)
    assert.deepEqual(typesOf(second).slice(0, 2), typesOf(first))
  })

  it('is not there for an execution that is not, or is of another workspace', async () => {
    const { execution_id: id } = await start('echo')
    const theirs = await scenario.server.makeKey('admin', 'elsewhere')
    for (const [execution, key] of [
      ['nobody', scenario.server.key],
      [id, theirs],
    ] as const) {
      const { status, body } = await scenario.call('GET', path(execution, '/stream'), { key })
      assert.deepEqual([status, body.code], [404, 'WF_1100'])
    }
  })

  it('shows what is there of an execution without an engine to ask', async () => {
    const server = await startTestServer()
    try {
      const unknown = await server.call('GET', path('nobody', '/stream'))
      assert.deepEqual([unknown.status, unknown.body.code], [503, 'TEMPORAL_UNAVAILABLE'])
      const events = [STARTED, COMPLETED].map((type) =>
        sentWorkflowEvent(type, { workflow_exec_id: 'lonely', workflow_run_id: 'run' }),
      )
      await server.call('POST', '/v1/workflows/events/batch', { body: { events } })
      const reader = await StreamReader.open(`${server.url}${path('lonely', '/stream')}`, server)
      await eventually(() => reader.isEnded, { timeoutMs: 30_000 })
      assert.deepEqual(typesOf(reader), [STARTED, COMPLETED])
    } finally {
      await server.close()
    }
  })
})
