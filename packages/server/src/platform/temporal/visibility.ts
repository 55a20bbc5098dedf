import { type RunInfo, toRunInfo } from './run-info.ts'
import type { WorkspaceTemporal } from './temporal.ts'
import { isRefused } from './temporal-error.ts'

/** Runs that Temporal gives at once, at most. */
const PAGE = 1_000
const FAR_AWAY_MS = 86_400_000

/**
 * What Temporal lists is what it has indexed so far: a run, or its end, may be missing for a while. The conditions are
 * chosen for the indexes of its SQL stores: each reads no more than it finds, however many runs have ended.
 */

/** Open runs that were started since. */
export function openRunsStartedSince(temporal: WorkspaceTemporal, since: Date): AsyncGenerator<RunInfo[]> {
  // The start itself has no index there, and the time of execution is never before it.
  return pages(temporal, `ExecutionTime >= '${since.toISOString()}' AND ExecutionStatus = 'Running'`)
}

/** Runs that have ended since. */
export function runsClosedSince(temporal: WorkspaceTemporal, since: Date): AsyncGenerator<RunInfo[]> {
  // An end at both sides, or all that is open is read as well.
  const until = new Date(Date.now() + FAR_AWAY_MS)
  return pages(temporal, `CloseTime BETWEEN '${since.toISOString()}' AND '${until.toISOString()}'`)
}

/**
 * Open runs whose worker fails at their tasks again and again: a fault in the workflow's code, as a rule. None, of a Temporal
 * that does not say so.
 */
export async function* runsInTrouble(temporal: WorkspaceTemporal): AsyncGenerator<RunInfo[]> {
  const problems = `TemporalReportedProblems IN ('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')`
  try {
    yield* pages(temporal, `ExecutionStatus = 'Running' AND ${problems}`)
  } catch (error) {
    if (!isRefused(error)) throw error
  }
}

/** The run with this id, whatever its execution; undefined if there is none, or none yet. @param runId a UUID */
export async function findListedRun(
  temporal: WorkspaceTemporal,
  runId: string,
): Promise<RunInfo | undefined> {
  for await (const [run] of pages(temporal, `RunId = '${runId}'`)) return run
  return undefined
}

async function* pages(temporal: WorkspaceTemporal, query: string): AsyncGenerator<RunInfo[]> {
  let nextPageToken: Uint8Array | undefined
  do {
    const page = await temporal.workflowService.listWorkflowExecutions({
      namespace: temporal.namespace,
      query,
      pageSize: PAGE,
      nextPageToken,
    })
    yield page.executions.map(toRunInfo)
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined
  } while (nextPageToken)
}
