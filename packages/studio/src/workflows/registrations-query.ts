import { useQuery } from '@tanstack/react-query'
import type { Output } from '../api/call.ts'
import { query } from '../api/query.ts'

export type Registration = Output<'listWorkflowRegistrations'>['workflow_registrations'][number]

const EVERY_MS = 10_000
const LIMIT = 100

/** The registrations of a workflow, the newest first, and which of them a worker runs now. */
export function useRegistrations(workflowId: string) {
  const all = useQuery({
    ...query('listWorkflowRegistrations', { query: { workflow_id: workflowId, limit: LIMIT } }),
    refetchInterval: EVERY_MS,
  })
  const active = useQuery({
    ...query('listWorkflowRegistrations', {
      query: { workflow_id: workflowId, active_only: true, limit: LIMIT },
    }),
    refetchInterval: EVERY_MS,
  })
  const activeIds = new Set(active.data?.workflow_registrations.map(({ id }) => id))
  return { all, activeIds, isReady: all.data !== undefined && active.data !== undefined }
}

/** The registration that counts: the newest that a worker runs now, else the newest. */
export function currentOf(
  registrations: readonly Registration[],
  activeIds: ReadonlySet<string>,
): Registration | undefined {
  return registrations.find(({ id }) => activeIds.has(id)) ?? registrations[0]
}
