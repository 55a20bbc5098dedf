import { useSuspenseQuery } from '@tanstack/react-query'
import type { Access } from '@tramontane/contract/operation'
import type { Output } from '../api/call.ts'
import { query } from '../api/query.ts'

export type Session = Output<'getSession'>

export const sessionQuery = { ...query('getSession'), staleTime: 60_000 }

const RIGHTS: Readonly<Record<string, readonly Access[]>> = {
  admin: ['read', 'write', 'ingest', 'administer'],
  member: ['read', 'write', 'ingest'],
  read: ['read'],
}

/** Who looks at the page. Inside the shell only, which has asked. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data
}

/** Whether who looks at the page may do this: what they may not is not offered. The server decides all the same. */
export function useMay(access: Access): boolean {
  return RIGHTS[useSession().role]?.includes(access) ?? false
}
