import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type TreeRun, treeRows } from './execution-tree.ts'

let second = 0
const run = (
  execution_id: string,
  parent_execution_id: string | null,
  more: Partial<TreeRun> = {},
): TreeRun => ({
  workflow_name: execution_id,
  workflow_id: null,
  deployment_name: null,
  execution_id,
  parent_execution_id,
  root_execution_id: 'root',
  run_id: `${execution_id}-${second}`,
  user_id: null,
  status: 'RUNNING',
  start_time: new Date(1_777_629_600_000 + second++ * 1_000).toISOString(),
  end_time: null,
  total_duration_ms: null,
  ...more,
})
const shown = (runs: TreeRun[]) =>
  treeRows(runs, 'root').map(({ run, depth, runs: count }) => `${depth} ${run.execution_id} ${count}`)

describe('the tree of executions', () => {
  it('has each under its parent, in the order of their start', () => {
    const [root, b, a, grand] = [run('root', null), run('b', 'root'), run('a', 'root'), run('grand', 'b')]
    assert.deepEqual(shown([grand, a, root, b]), ['0 root 1', '1 b 1', '2 grand 1', '1 a 1'])
  })

  it('has one line for all runs of an execution, the newest', () => {
    const old = run('root', null, { status: 'CONTINUED_AS_NEW' })
    const rows = treeRows([run('root', null, { status: 'COMPLETED' }), old], 'root')
    assert.deepEqual([rows.length, rows[0]!.runs, rows[0]!.run.status], [1, 2, 'COMPLETED'])
  })

  it('shows also what is not connected, and stands circles', () => {
    assert.deepEqual(shown([run('root', null), run('lost', 'not-there'), run('x', 'y'), run('y', 'x')]), [
      '0 root 1',
      '0 lost 1',
      '0 x 1',
      '1 y 1',
    ])
  })
})
