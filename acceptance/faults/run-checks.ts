import assert from 'node:assert/strict'
import { TemporalConnection } from '@tramontane/server/platform/temporal/temporal-connection'
import { openRunsStartedSince, runsClosedSince } from '@tramontane/server/platform/temporal/visibility'
import { eventually } from '@tramontane/testkit/eventually'
import type { Installation } from './installation.ts'

/** A run, as the API and Temporal list it. */
export interface ListedRun {
  readonly runId: string
  readonly executionId: string
  readonly status: string
  readonly start: number
  readonly end: number | null
}

const PATIENCE_MS = 240_000
/** The server takes start times that are this near for the same: whoever tells it first may not know it exactly. */
const SAME_START_MS = 100

function sorted(runs: readonly ListedRun[]): ListedRun[] {
  return runs.toSorted((one, other) => one.runId.localeCompare(other.runId))
}

async function fromApi(installation: Installation, prefix: string): Promise<ListedRun[]> {
  const { executions } = await installation.insist<{ executions: Record<string, string>[] }>(
    200,
    'GET',
    `/v1/workflows/runs?page_size=1000&search=${prefix}`,
  )
  return sorted(
    executions.map((run) => ({
      runId: run.run_id!,
      executionId: run.execution_id!,
      status: run.status!,
      start: Date.parse(run.start_time!),
      end: run.end_time ? Date.parse(run.end_time) : null,
    })),
  )
}

/** As a worker may: through the proxy. */
async function fromTemporal(
  installation: Installation,
  connection: TemporalConnection,
  prefix: string,
  since: Date,
): Promise<ListedRun[]> {
  const { namespace } = await installation.insist<{ namespace: string }>(
    200,
    'GET',
    '/v1/workflows/workers/whoami',
  )
  const temporal = {
    namespace,
    workflowService: connection.workflowService,
    withDeadline: connection.withDeadline.bind(connection),
    withAbortSignal: connection.withAbortSignal.bind(connection),
  }
  const runs = new Map<string, ListedRun>()
  // Those that have ended after those that are open: one that ends in between is in both.
  for (const list of [openRunsStartedSince(temporal, since), runsClosedSince(temporal, since)])
    for await (const page of list)
      for (const { runId, executionId, status, startTime, closeTime } of page)
        if (executionId.startsWith(prefix))
          runs.set(runId, {
            runId,
            executionId,
            status,
            start: startTime.getTime(),
            end: closeTime?.getTime() ?? null,
          })
  return sorted([...runs.values()])
}

/** Waits until all runs have ended and both lists are the same. @returns the runs */
export async function checkRuns(
  installation: Installation,
  prefix: string,
  since: Date,
): Promise<ListedRun[]> {
  const connection = new TemporalConnection({
    address: installation.workerAddress,
    tls: null,
    apiKey: installation.key,
  })
  try {
    return await eventually(
      async () => {
        const runs = await fromApi(installation, prefix)
        const inTemporal = await fromTemporal(installation, connection, prefix, since)
        const starts = new Map(inTemporal.map(({ runId, start }) => [runId, start]))
        const near = runs.map((run) => {
          const start = starts.get(run.runId) ?? 0
          return Math.abs(run.start - start) <= SAME_START_MS ? { ...run, start } : run
        })
        assert.deepEqual(near, inTemporal, 'the list of runs does not agree with Temporal')
        assert.ok(
          runs.every(({ status }) => status === 'COMPLETED' || status === 'CONTINUED_AS_NEW'),
          'not all runs have ended well',
        )
        return runs
      },
      { timeoutMs: PATIENCE_MS, everyMs: 500 },
    )
  } finally {
    await connection.close()
  }
}
