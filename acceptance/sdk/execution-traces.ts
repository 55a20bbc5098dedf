import assert from 'node:assert/strict'
import { logExport, workerAttributes } from '@tramontane/testkit/log-export'
import { workflowSpec } from '@tramontane/testkit/registered-workflows'
import { sentWorkflowEvent } from '@tramontane/testkit/sample-workflow-events'
import { newSpanId, spanExport } from '@tramontane/testkit/span-export'
import { type AnyClient, type Context, refusesWorkflow } from '../harness/context.ts'
import { callAsWorker, registerAsWorker } from '../harness/worker-calls.ts'

/** What workers send of an execution over OTLP, read back. */
export function executionTraceTests(context: Context<AnyClient>): void {
  const { client, mark, test } = context
  const own = `traces-${mark.replaceAll(/\W/g, '-')}`
  const executions = () => client().workflows.executions

  /** An execution that waits for a worker. */
  const begin = async (): Promise<{ executionId: string; runId: string }> => {
    await registerAsWorker(context, own, [workflowSpec(own)])
    const begun = await client().workflows.executeWorkflow({
      workflowIdentifier: own,
      workflowExecutionRequest: { input: { city: 'Nice' } },
    })
    assert.ok('runId' in begun && begun.runId)
    return { executionId: begun.executionId, runId: begun.runId }
  }

  test('the trace of an execution is read as spans, as a tree, and event by event', async () => {
    const { executionId, runId } = await begin()
    const before = await executions().getWorkflowExecutionTraceInfo({ executionId })
    assert.equal(before.hasTraceData, false)
    const traceId = before.otelTraceId!
    const empty = await executions().getWorkflowExecutionTraceOtel({ executionId })
    assert.deepEqual([empty.otelTraceId, empty.otelTraceData], [traceId, undefined])
    await callAsWorker(context, '/v1/workflows/events', {
      event: sentWorkflowEvent('ACTIVITY_TASK_STARTED', {
        workflow_exec_id: executionId,
        workflow_run_id: runId,
        attributes: { task_id: '1', activity_name: 'fetch' },
      }),
    })
    const told = await executions().getWorkflowExecutionTraceSummary({ executionId })
    assert.deepEqual(
      told.spanTree?.children?.map(({ name, endTimeUnixNano }) => [name, endTimeUnixNano]),
      [['Activity:fetch', null]],
    )

    const [root, child] = [newSpanId(), newSpanId()]
    const start = BigInt(Date.now()) * 1_000_000n + 1n
    await callAsWorker(
      context,
      '/telemetry/v1/traces',
      spanExport([
        { traceId, spanId: root, name: 'StartWorkflow', kind: 2, start, end: start + 9n },
        {
          traceId,
          spanId: child,
          parentSpanId: root,
          name: 'RunActivity',
          start: start + 1n,
          attributes: { half: { doubleValue: 0.5 }, list: { arrayValue: { values: [{ intValue: '1' }] } } },
          events: [
            {
              name: 'loading',
              at: start + 2n,
              attributes: { 'wf.id': 'p', 'wf.type': 'EVENT_PROGRESS', 'wf.progress.status': 'COMPLETED' },
            },
          ],
        },
      ]),
    )
    assert.equal((await executions().getWorkflowExecutionTraceInfo({ executionId })).hasTraceData, true)
    const { otelTraceData, workflowName } = await executions().getWorkflowExecutionTraceOtel({ executionId })
    assert.equal(workflowName, own)
    const spans = []
    for (const { scopeSpans = [] } of otelTraceData?.batches ?? [])
      for (const scope of scopeSpans) spans.push(...(scope.spans ?? []))
    assert.deepEqual(
      spans.map(({ spanId, parentSpanId, kind, startTimeUnixNano }) => [
        spanId,
        parentSpanId,
        kind,
        startTimeUnixNano,
      ]),
      [
        [root, null, 'SPAN_KIND_SERVER', String(start)],
        [child, root, 'SPAN_KIND_INTERNAL', String(start + 1n)],
      ],
    )
    const { spanTree } = await executions().getWorkflowExecutionTraceSummary({ executionId })
    assert.equal(spanTree?.spanId, root)
    assert.equal(
      spanTree.startTimeUnixNano,
      Number(start / 1_000n),
      'in microseconds, which JavaScript can hold',
    )
    assert.deepEqual(
      spanTree.children?.map(({ name, attributes }) => [name, attributes.half]),
      [['RunActivity', 0.5]],
    )
    const plain = await executions().getWorkflowExecutionTraceEvents({ executionId })
    assert.ok(plain.events?.some((event) => event.name === 'loading' && 'status' in event))
    assert.ok(plain.events?.every(({ internal }) => !internal))
    const all = await executions().getWorkflowExecutionTraceEvents({
      executionId,
      mergeSameIdEvents: true,
      includeInternalEvents: true,
    })
    const started = all.events?.find(
      ({ name, internal }) => name === 'WORKFLOW_EXECUTION_STARTED' && internal,
    )
    assert.equal(started?.id, '1')
    await refusesWorkflow(
      executions().getWorkflowExecutionTraceInfo({ executionId: 'nobody' }),
      404,
      'WF_1100',
    )
  })

  test('the logs of an execution, and of a deployment, are read and followed', async () => {
    const { executionId, runId } = await begin()
    const at = Date.now()
    const log = (bodies: readonly string[], from: number) =>
      callAsWorker(
        context,
        '/telemetry/v1/logs',
        logExport(
          bodies.map((body, index) => ({
            body,
            at: at + from + index,
            severity: 'INFO',
            attributes: workerAttributes({
              execution: executionId,
              run: runId,
              activity: '7',
              workflow: own,
              deployment: own,
              worker: 'worker-1',
            }),
          })),
        ),
      )
    await log(['one', 'two', 'three'], 0)
    const bodies: string[] = []
    let cursor: string | null | undefined
    do {
      const page = await executions().getWorkflowExecutionLogs({
        executionId,
        runId,
        activityId: '7',
        limit: 2,
        cursor,
      })
      bodies.push(...page.results.map(({ body }) => body))
      cursor = page.nextCursor
    } while (cursor)
    assert.deepEqual(bodies, ['one', 'two', 'three'])
    const { results } = await client().workflows.deployments.getDeploymentLogs({
      name: own,
      workerName: 'worker-1',
      workflowName: own,
      order: 'desc',
      after: new Date(at + 1),
    })
    assert.deepEqual(
      results.map(({ body, timestamp, severityText }) => [body, timestamp.getTime() - at, severityText]),
      [
        ['three', 2, 'INFO'],
        ['two', 1, 'INFO'],
      ],
    )

    const stream = await executions().streamWorkflowExecutionLogs({ executionId })
    const seen: { id: string | undefined; body: string }[] = []
    for await (const { id, event, data } of stream) {
      assert.equal(event, 'log')
      assert.ok(data && 'body' in data)
      seen.push({ id, body: data.body })
      if (seen.length === 3) await log(['four'], 3)
      if (seen.length === 4) break
    }
    assert.deepEqual(
      seen.map(({ body }) => body),
      ['one', 'two', 'three', 'four'],
    )
    const resumed = await client().workflows.deployments.streamDeploymentLogs({
      name: own,
      lastEventId: seen[2]!.id!,
    })
    for await (const { data } of resumed) {
      assert.ok(data && 'body' in data)
      assert.equal(data.body, 'four')
      break
    }
  })
}
