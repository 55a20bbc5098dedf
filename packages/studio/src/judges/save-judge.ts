import type { JudgeDefinition } from '@tramontane/contract/judges'
import { call } from '../api/call.ts'
import { query, queryClient, refresh } from '../api/query.ts'
import { say } from '../components/toasts.tsx'

/**
 * Gives a judge another content. It is shown from then on, also when it cannot be read again.
 * @param done what the reader is told
 * @throws ApiError
 */
export async function saveJudge(id: string, definition: JudgeDefinition, done: string): Promise<void> {
  const params = { judge_id: id }
  await call('updateJudge', { params, body: definition })
  queryClient.setQueryData(
    query('getJudge', { params }).queryKey,
    (before) => before && { ...before, ...definition },
  )
  say(done)
  await refresh('getJudge', 'listJudges', 'listJudgeRevisions')
}
