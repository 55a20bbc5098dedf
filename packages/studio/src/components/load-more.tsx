import { useState } from 'react'
import { Button } from './button.tsx'

/**
 * Asks for the next page of a list; nothing when all is there, except under the focus that it has.
 * @param list of `useInfiniteQuery`
 */
export function LoadMore({
  list: { hasNextPage, isFetchingNextPage, fetchNextPage },
  words = 'Load more',
}: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }
  words?: string
}) {
  const [hasFocus, setHasFocus] = useState(false)
  if (!hasNextPage && !hasFocus) return null
  return (
    <div className="p-2 text-center">
      <Button
        size="small"
        disabled={isFetchingNextPage || !hasNextPage}
        onFocus={() => setHasFocus(true)}
        onBlur={() => setHasFocus(false)}
        onClick={() => void fetchNextPage()}
      >
        {isFetchingNextPage ? 'Loading…' : hasNextPage ? words : 'That is all'}
      </Button>
    </div>
  )
}
