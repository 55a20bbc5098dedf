import assert from 'node:assert/strict'
import { eventually } from '@tramontane/testkit/eventually'
import { startTestWorker, type TestWorker } from '@tramontane/testkit/test-worker'
import { testDefinitions } from '@tramontane/testkit/workflow-scenario'
import { type AnyClient, type Context, refusesWorkflow } from '../harness/context.ts'
import { registerAsWorker } from '../harness/worker-calls.ts'

/** Executions on a real worker, which reaches Temporal through the server's entrance for workers. */
export function executionTests(context: Context<AnyClient>): void {
  const { client, server, mark, test } = context
  const deploymentName = `executions-${mark.replaceAll(/\W/g, '-')}`
  const executions = () => client().workflows.executions
  const runs = () => client().workflows.runs
  let count = 0

  const withWorker = (name: string, body: () => Promise<void>) =>
    test(name, async () => {
      await registerAsWorker(context, deploymentName, testDefinitions)
      const whoami = await fetch(`${server().url}/v1/workflows/workers/whoami`, {
        headers: { authorization: `Bearer ${server().key}` },
      })
      const { scheduler_url: address, namespace } = (await whoami.json()) as Record<string, string>
      const worker: TestWorker = await startTestWorker({
        address: address!,
        namespace: namespace!,
        taskQueue: deploymentName,
        apiKey: server().key,
      })
      try {
        await body()
      } finally {
        await worker.stop()
      }
    })
  const start = async (workflowIdentifier: string, input: Record<string, unknown> = {}) => {
    const started = await client().workflows.executeWorkflow({
      workflowIdentifier,
      workflowExecutionRequest: {
        executionId: `${deploymentName}-${count++}`,
        input,
        deploymentName,
        customTracingAttributes: { from: 'acceptance' },
      },
    })
    assert.ok('runId' in started && started.runId)
    return started
  }
  const until = (executionId: string, status: string) =>
    eventually(async () => {
      const now = await executions().getWorkflowExecution({ executionId })
      return now.status === status && now
    })

  withWorker('executions start, are read and listed, and give their results', async () => {
    const started = await start('echo', { text: 'hello', list: [1, 2] })
    assert.equal(started.status, 'RUNNING')
    const { executionId } = started
    const done = await until(executionId, 'COMPLETED')
    assert.deepEqual(done.result, { text: 'hello', list: [1, 2] })
    assert.ok(done.endTime instanceof Date && done.startTime <= done.endTime)
    assert.deepEqual(await runs().getRun({ runId: started.runId! }), done)
    const history = (await executions().getWorkflowExecutionHistory({
      executionId,
      decodePayloads: true,
    })) as {
      events: unknown[]
    }
    assert.deepEqual(await runs().getRunHistory({ runId: started.runId!, decodePayloads: true }), history)
    assert.ok(history.events.length >= 5)

    const waited = await client().workflows.executeWorkflow({
      workflowIdentifier: 'flaky',
      workflowExecutionRequest: {
        input: { failures: 2 },
        deploymentName,
        waitForResult: true,
        timeoutSeconds: 30,
      },
    })
    assert.deepEqual(waited.result, { attempts: 3 })
    const { workflowRegistrations } = await client().workflows.getWorkflowRegistrations({
      taskQueue: deploymentName,
      workflowSearch: 'nothing',
    })
    const [registration] = workflowRegistrations ?? []
    assert.ok(registration)
    const other = await client().workflows.executeWorkflowRegistration({
      workflowRegistrationId: registration.id,
      workflowExecutionRequest: { deploymentName, waitForResult: true },
    })
    assert.equal(other.result, null)

    const listed = []
    for await (const page of await runs().listRuns({
      deploymentName,
      status: ['COMPLETED'],
      sortBy: 'end_time',
      order: 'asc',
      pageSize: 2,
    }))
      listed.push(...page.result.executions)
    assert.equal(listed.length, 3)
    const metrics = await client().workflows.metrics.getWorkflowMetrics({ workflowName: 'echo' })
    assert.ok(metrics.executionCount.value >= 1)
    assert.ok(metrics.latencyOverTime.value.length >= 1)
  })

  withWorker('executions take signals, queries and updates, and go back', async () => {
    const { executionId } = await start('collect', { values: [1] })
    const signal = await executions().signalWorkflowExecution({
      executionId,
      signalInvocationBody: { name: 'add', input: { value: 2 } },
    })
    assert.equal(signal.message, 'Signal accepted')
    const query = await executions().queryWorkflowExecution({
      executionId,
      queryInvocationBody: { name: 'values' },
    })
    assert.deepEqual([query.queryName, query.result], ['values', [1, 2]])
    const update = await executions().updateWorkflowExecution({
      executionId,
      updateInvocationBody: { name: 'append', input: { value: 3 } },
    })
    assert.deepEqual([update.updateName, update.result], ['append', { count: 3 }])
    const append = (value: unknown) =>
      executions().updateWorkflowExecution({
        executionId,
        updateInvocationBody: { name: 'append', input: { value } },
      })
    await refusesWorkflow(append(-1), 422, 'WORKFLOW_HANDLER_FAILED')
    await refusesWorkflow(append('x'), 422, 'WORKFLOW_INPUT_INVALID')
    await assert.rejects(
      executions().resetWorkflow({ executionId, resetInvocationBody: { eventId: 1 } }),
      (error: { body?: string }) => {
        const body = JSON.parse(error.body ?? '{}')
        assert.equal(body.code, 'WF_1001')
        assert.ok(body.valid_reset_events.length > 0)
        return true
      },
    )
    const history = (await executions().getWorkflowExecutionHistory({ executionId })) as {
      events: { eventId: string; eventType: string }[]
    }
    const point = history.events.find(({ eventType }) => eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED')!
    await executions().resetWorkflow({
      executionId,
      resetInvocationBody: {
        eventId: Number(point.eventId),
        reason: 'once more',
        excludeSignals: true,
        excludeUpdates: true,
      },
    })
    await executions().signalWorkflowExecution({ executionId, signalInvocationBody: { name: 'finish' } })
    await until(executionId, 'COMPLETED')
    await refusesWorkflow(
      executions().signalWorkflowExecution({ executionId, signalInvocationBody: { name: 'finish' } }),
      409,
      'WF_1102',
    )
  })

  withWorker('executions are ended, one by one and many at once', async () => {
    const nap = async () => (await start('nap', { milliseconds: 600_000 })).executionId
    const [one, two, three, four] = [await nap(), await nap(), await nap(), await nap()]
    await executions().cancelWorkflowExecution({ executionId: one })
    await executions().terminateWorkflowExecution({ executionId: two })
    const canceled = await executions().batchCancelWorkflowExecutions({ executionIds: [three, 'unknown'] })
    assert.equal(canceled.results?.[three]?.status, 'success')
    assert.equal(canceled.results?.unknown?.status, 'failure')
    const terminated = await executions().batchTerminateWorkflowExecutions({ executionIds: [four] })
    assert.equal(terminated.results?.[four]?.status, 'success')
    await until(one, 'CANCELED')
    await until(two, 'TERMINATED')
    await until(three, 'CANCELED')
    await until(four, 'TERMINATED')
    await until((await start('fail', { message: 'as told' })).executionId, 'FAILED')
    await until((await start('short')).executionId, 'TIMED_OUT')
    const { executionId, runId } = await start('again', { times: 1 })
    await until(executionId, 'COMPLETED')
    assert.equal((await runs().getRun({ runId: runId! })).status, 'CONTINUED_AS_NEW')
    await refusesWorkflow(executions().getWorkflowExecution({ executionId: 'unknown' }), 404, 'WF_1100')
  })
}
