import { exactQuery, query, queryClient } from '../api/query.ts'
import { runHistory } from './run-history.ts'

/**
 * Asks for an execution before its page is there: while the code of the page is loaded, the server reads the history. What
 * fails here is told by the page, which asks again.
 * @param runId which run; the newest if undefined
 * @param options.history also what may be long: not for a link that the pointer only passes over
 */
export function askAhead(
  executionId: string,
  runId: string | undefined,
  { history }: { history: boolean },
): void {
  const params = { execution_id: executionId }
  const newest = queryClient.fetchQuery(query('getExecution', { params })).catch(() => undefined)
  const ask = (id: string) => {
    void queryClient.prefetchQuery(query('getRunDetails', { params: { run_id: id } }))
    void queryClient.prefetchQuery(firstEventQuery(id))
    // Looked at by nobody yet: it is kept for a while, until the page does.
    if (history) runHistory(id).subscribe(() => {})()
  }
  if (runId !== undefined) ask(runId)
  else void newest.then((execution) => execution && ask(execution.run_id))
}

/** The first event of a run, which has what the run was given. */
export function firstEventQuery(runId: string) {
  return {
    ...exactQuery('listHistoryEvents', {
      params: { run_id: runId },
      query: { limit: 1, decode_payloads: true },
    }),
    staleTime: Number.POSITIVE_INFINITY,
  }
}
