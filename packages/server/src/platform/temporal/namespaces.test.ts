import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { decideConfig } from '@tramontane/server/config/config'
import { eventually } from '@tramontane/testkit/eventually'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { startTemporal, type Temporal, type WorkspaceTemporal } from './temporal.ts'

const DAY_SECONDS = 86_400

describe('namespaces', () => {
  const open: Temporal[] = []
  const start = (env: Record<string, string> = {}, defaultWorkspace = randomUUID()) => {
    const temporal = startTemporal({
      config: decideConfig({ temporalAddress: testTemporal(), ...env }),
      database: undefined,
      defaultWorkspace: () => defaultWorkspace,
      logger: pino({ level: 'silent' }),
      metrics: new Registry(),
    })
    open.push(temporal)
    return temporal
  }
  const available = async (temporal: Temporal) => {
    await eventually(() => temporal.unavailable === null)
    return temporal
  }
  let temporal: Temporal
  before(async () => {
    temporal = await available(start())
  })
  after(() => Promise.all(open.map((one) => one.close())))

  const startExecution = ({ workflowService, namespace }: WorkspaceTemporal, workflowId: string) =>
    workflowService.startWorkflowExecution({
      namespace,
      workflowId,
      requestId: randomUUID(),
      workflowType: { name: 'anything' },
      taskQueue: { name: 'nobody' },
      searchAttributes: {
        indexedFields: {
          OtelTraceId: keyword('0123456789abcdef0123456789abcdef'),
          WorkflowName: keyword('anything'),
          AllowAutoRemove: payload(true, 'Bool'),
          CustomSearchAttributes: payload(['a', 'b'], 'KeywordList'),
        },
      },
    })

  it('are made when a workspace first needs one, and take executions with search attributes at once', async () => {
    const workspace = randomUUID()
    const mine = await temporal.of(workspace)
    assert.equal(mine.namespace, `tramontane-${workspace}`)
    assert.equal(mine.namespace, temporal.namespaceOf(workspace))
    await startExecution(mine, 'first')
    const { config } = await mine.workflowService.describeNamespace({ namespace: mine.namespace })
    assert.equal(Number(config!.workflowExecutionRetentionTtl!.seconds), 30 * DAY_SECONDS)
    const found = await eventually(async () => {
      const { executions } = await mine.workflowService.listWorkflowExecutions({
        namespace: mine.namespace,
        query: `OtelTraceId = '0123456789abcdef0123456789abcdef' and CustomSearchAttributes = 'b'`,
      })
      // What was started is listed a moment later.
      return executions.length > 0 && executions
    })
    assert.equal(found[0]!.execution!.workflowId, 'first')
  })

  it('are made once, however many ask at the same time, also on several servers', async () => {
    const workspace = randomUUID()
    const other = await available(start())
    const all = await Promise.all([temporal, other, temporal, other].map((one) => one.of(workspace)))
    await startExecution(all[0]!, 'one')
    await assert.rejects(startExecution(all[1]!, 'one'), /already/i)
  })

  it('keep the executions of workspaces apart', async () => {
    const [one, two] = [await temporal.of(randomUUID()), await temporal.of(randomUUID())]
    await startExecution(one, 'same id')
    await startExecution(two, 'same id')
    await assert.rejects(
      one.workflowService.describeWorkflowExecution({
        namespace: two.namespace,
        execution: { workflowId: 'of nobody' },
      }),
      { code: 5 },
    )
  })

  it('get the retention that is configured, also later', async () => {
    const workspace = randomUUID()
    const retention = async (one: Temporal) => {
      const { workflowService, namespace } = await one.of(workspace)
      const { config } = await workflowService.describeNamespace({ namespace })
      return Number(config!.workflowExecutionRetentionTtl!.seconds) / DAY_SECONDS
    }
    assert.equal(await retention(temporal), 30)
    const longer = await available(start({ workflowRetentionDays: '90' }))
    assert.equal(await retention(longer), 90)
  })

  it('can be one that somebody else made, for the default workspace only', async () => {
    const made = await temporal.of(randomUUID())
    const workspace = randomUUID()
    const fixed = await available(start({ temporalNamespace: made.namespace }, workspace))
    assert.equal((await fixed.of(workspace)).namespace, made.namespace)
    await assert.rejects(fixed.of(randomUUID()), {
      code: 'TEMPORAL_UNAVAILABLE',
      message: /default workspace/,
    })
    const missing = await available(start({ temporalNamespace: 'not-there' }, workspace))
    await assert.rejects(missing.of(workspace), {
      code: 'TEMPORAL_UNAVAILABLE',
      message: /no namespace not-there/,
    })
  })

  it('are refused with a sentence while Temporal is not there', async () => {
    const nowhere = start({ temporalAddress: '127.0.0.1:1' })
    await assert.rejects(nowhere.of(randomUUID()), { code: 'TEMPORAL_UNAVAILABLE', status: 503 })
    await eventually(() => nowhere.unavailable?.includes('does not answer'))
    await assert.rejects(nowhere.of(randomUUID()), { message: /127\.0\.0\.1:1 .*does not answer/ })
    const off = start({ temporalAddress: 'none' })
    await assert.rejects(off.of(randomUUID()), { message: /switched off/ })
  })
})

function payload(value: unknown, type: string) {
  const text = (content: string) => new TextEncoder().encode(content)
  return {
    metadata: { encoding: text('json/plain'), type: text(type) },
    data: text(JSON.stringify(value)),
  }
}

function keyword(value: string) {
  return payload(value, 'Keyword')
}
