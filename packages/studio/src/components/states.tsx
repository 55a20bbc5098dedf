import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiError } from '../api/api-error.ts'
import { Button } from './button.tsx'

/** Nothing is there yet: why, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-prose text-muted">{children}</div>}
    </div>
  )
}

export function Loading({ label = 'Loading' }: { label?: string }) {
  return (
    <div role="status" className="px-6 py-14 text-center text-muted">
      {label}…
    </div>
  )
}

/** @param onRetry is left out where trying again cannot help */
export function Failure({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const { code, requestId } = error instanceof ApiError ? error : { code: null, requestId: null }
  return (
    <div role="alert" className="m-4 rounded-lg border border-bad bg-bad-soft p-4 text-bad">
      <p>{error.message}</p>
      {(code || requestId) && (
        <p className="mt-1 font-mono text-xs">
          {[code, requestId && `request ${requestId}`].filter(Boolean).join(' · ')}
        </p>
      )}
      {onRetry && (
        <Button size="small" className="mt-2" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** It did not work so far, and is tried again by itself: why. */
export function Waiting({ reason }: { reason: Error }) {
  return (
    <div role="status" className="m-4 rounded-lg bg-warn-soft p-4 text-warn">
      <p>{reason.message}</p>
      <p className="mt-1 text-xs">It is tried again by itself.</p>
    </div>
  )
}

/** What a query has brought; until then, or if it failed, that. */
export function Loaded<T>({
  result,
  children,
}: {
  result: UseQueryResult<T, Error>
  children: (data: T) => ReactNode
}) {
  if (result.data !== undefined) return children(result.data)
  if (result.error) return <Failure error={result.error} onRetry={() => result.refetch()} />
  if (result.failureReason) return <Waiting reason={result.failureReason} />
  return <Loading />
}
