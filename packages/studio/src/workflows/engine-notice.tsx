import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { query, queryClient } from '../api/query.ts'

const EVERY_MS = 15_000
const AWAY_EVERY_MS = 2_000
/** What may have changed, or was refused, while the engine was away. */
const OF_ENGINE: ReadonlySet<unknown> = new Set([
  'listRuns',
  'countRuns',
  'listSchedules',
  'getSchedule',
  'getExecution',
  'getRun',
])

/** Says when the workflow engine is not there, in the server's words, and has pages ask again when it is back. */
export function EngineNotice() {
  const { data } = useQuery({
    ...query('getWorkflowEngine'),
    refetchInterval: ({ state }) => (state.data?.is_available === false ? AWAY_EVERY_MS : EVERY_MS),
  })
  const wasThere = useRef(true)
  const isThere = data?.is_available ?? true
  useEffect(() => {
    if (isThere && !wasThere.current)
      void queryClient.invalidateQueries({ predicate: ({ queryKey }) => OF_ENGINE.has(queryKey[0]) })
    wasThere.current = isThere
  }, [isThere])
  if (isThere || !data) return null
  return (
    <p role="status" className="border-b border-line bg-warn-soft px-6 py-2 text-warn">
      {data.reason} Executions cannot be started or steered until it is there; this page looks again by
      itself.
    </p>
  )
}
