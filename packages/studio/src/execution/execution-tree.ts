import type { Output } from '../api/call.ts'

export type TreeRun = Output<'listRuns'>['runs'][number]

/** An execution in the tree of those that descend from one root. */
export interface TreeRow {
  readonly run: TreeRun
  readonly depth: number
  /** How many runs of it there are. */
  readonly runs: number
}

/**
 * The tree of executions from their runs, as lines: each under its parent, in the order of their start. What the root does
 * not lead to (its parent is on a page that is still to come) stands at the end.
 * @param runs in any order; of several runs of an execution the newest speaks for it
 */
export function treeRows(runs: readonly TreeRun[], rootId: string): TreeRow[] {
  const byExecution = new Map<string, { run: TreeRun; runs: number }>()
  for (const run of runs) {
    const known = byExecution.get(run.execution_id)
    const isNewer = !known || run.start_time > known.run.start_time
    byExecution.set(run.execution_id, { run: isNewer ? run : known.run, runs: (known?.runs ?? 0) + 1 })
  }
  const children = new Map<string, { run: TreeRun; runs: number }[]>()
  for (const one of byExecution.values()) {
    const parent = one.run.parent_execution_id
    if (one.run.execution_id === rootId || parent === null) continue
    const list = children.get(parent) ?? []
    list.push(one)
    children.set(parent, list)
  }
  for (const list of children.values())
    list.sort((a, b) =>
      a.run.start_time < b.run.start_time ? -1 : a.run.start_time > b.run.start_time ? 1 : 0,
    )
  const rows: TreeRow[] = []
  const seen = new Set<string>()
  const walk = (begin: { run: TreeRun; runs: number }) => {
    const left = [{ ...begin, depth: 0 }]
    for (let next = left.pop(); next; next = left.pop()) {
      // An id may be used again: a circle of parents must not be followed for ever.
      if (seen.has(next.run.execution_id)) continue
      seen.add(next.run.execution_id)
      rows.push(next)
      const { depth } = next
      for (const child of (children.get(next.run.execution_id) ?? []).toReversed())
        left.push({ ...child, depth: depth + 1 })
    }
  }
  const root = byExecution.get(rootId)
  if (root) walk(root)
  for (const one of byExecution.values()) walk(one)
  return rows
}
