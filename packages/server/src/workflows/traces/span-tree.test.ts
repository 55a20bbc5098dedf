import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { StoredSpan } from '../../observability/telemetry/span-reader.ts'
import type { Run } from '../executions/run-reader.ts'
import { spansOf, spanTree } from './span-tree.ts'

function span(spanId: string, parentSpanId: string | null, execution?: string): StoredSpan {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId,
    parentSpanId,
    traceState: '',
    name: spanId,
    kind: 1,
    startNanos: 1n,
    endNanos: 2n,
    status: { code: 0, message: '' },
    attributes: new Map(execution === undefined ? [] : [['temporalWorkflowID', execution]]),
    events: [],
    links: [],
    resource: new Map(),
    scope: { name: '', version: '', attributes: new Map() },
  }
}

function run(executionId: string, rootExecutionId: string): Run {
  return { executionId, rootExecutionId, workflowName: 'w', endTime: null } as Run
}

it('a child has its part of the trace, and its root all of it', () => {
  const spans = [
    span('start', null, 'root'),
    span('call', 'start', 'root'),
    span('run', 'call', 'child'),
    span('http', 'run'),
    span('inner', 'http'),
    span('other', 'start', 'sibling'),
  ]
  const names = (found: readonly StoredSpan[]) => found.map(({ name }) => name)
  assert.deepEqual(names(spansOf(run('root', 'root'), spans)), names(spans))
  assert.deepEqual(names(spansOf(run('child', 'root'), spans)), ['run', 'http', 'inner'])
  assert.deepEqual(names(spansOf(run('nobody', 'root'), spans)), [])
  const tree = spanTree(run('child', 'root'), spansOf(run('child', 'root'), spans), Number)
  assert.equal(tree?.name, 'run')
  assert.equal(spanTree(run('nobody', 'root'), [], Number), null)
})
