import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { ApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'

const EVERY_MS = 5_000
const AWAY_EVERY_MS = 1_000

/** Says when the server is away, and has everything asked again when it is back. */
export function ConnectionNotice() {
  const client = useQueryClient()
  const { data: isThere = true } = useQuery({
    queryKey: ['connection'],
    queryFn: async () => {
      try {
        await call('live')
        return true
      } catch (error) {
        return !(error instanceof ApiError) || error.status !== 0
      }
    },
    refetchInterval: ({ state }) => (state.data === false ? AWAY_EVERY_MS : EVERY_MS),
    retry: false,
  })
  const wasThere = useRef(true)
  useEffect(() => {
    if (isThere && !wasThere.current)
      void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'connection' })
    wasThere.current = isThere
  }, [isThere, client])
  if (isThere) return null
  return (
    <p role="status" className="border-b border-line bg-warn-soft px-6 py-2 text-warn">
      The server does not answer. What you see may be old; it is asked again every second.
    </p>
  )
}
