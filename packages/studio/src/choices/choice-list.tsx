import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { clsx } from 'clsx'
import { Command } from 'cmdk'
import { Check } from 'lucide-react'
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react'
import { usePaused } from '../components/paused.ts'
import { Failure } from '../components/states.tsx'
import { counted } from '../formats/numbers.ts'
import type { NamedThing, Things } from './named-things.ts'

const ITEM =
  'flex cursor-default items-center gap-2 rounded-md px-2 py-1.5 data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent'
/** The value of the item that is no thing; an id has no space. */
const NONE = 'no thing'
/** So far below what is seen the next page is asked for. */
const AHEAD_PX = 200

/** What a choice opens: a field to search by, and what the server finds, page after page. */
export function ChoiceList({
  things,
  chosenId,
  none,
  empty,
  onChoose,
}: {
  things: Things
  chosenId: string | undefined
  /** Offers to choose nothing, in these words. */
  none: string | undefined
  empty: ReactNode
  onChoose: (thing: NamedThing | undefined) => void
}) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(chosenId ?? '')
  const input = useRef<HTMLInputElement>(null)
  // It comes after the popover, which has looked for something to focus by then.
  useEffect(() => input.current?.focus(), [])
  const q = usePaused(text.trim())
  const list = useInfiniteQuery({
    queryKey: [...things.key, q],
    queryFn: ({ pageParam, signal }) => things.page(q === '' ? undefined : q, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  })
  // What was added meanwhile moves others on to the next page, where they come again.
  const found = [
    ...new Map(list.data?.pages.flatMap(({ results }) => results).map((thing) => [thing.id, thing])).values(),
  ]
  const values = [...(none !== undefined && text === '' ? [NONE] : []), ...found.map(({ id }) => id)]
  const isSettled = q === text.trim() && !list.isPlaceholderData
  const more = () => {
    if (isSettled && !list.isFetchingNextPage) void list.fetchNextPage()
  }
  return (
    <Command
      label={`Search ${things.noun}s`}
      shouldFilter={false}
      value={values.includes(at) ? at : (values[0] ?? '')}
      onValueChange={setAt}
      onKeyDown={(event) => {
        // Before the answer to what was typed the list is still another one's: nothing of it was meant.
        if (event.key === 'Enter' && !isSettled) event.preventDefault()
      }}
    >
      <Command.Input
        ref={input}
        value={text}
        onValueChange={setText}
        placeholder="Search by name"
        className="w-full rounded-t-lg border-b border-line bg-transparent px-3 py-2 outline-none placeholder:text-muted"
      />
      <Command.List label={`${things.noun}s`} className="max-h-72 overflow-y-auto p-1">
        {values[0] === NONE && (
          <Command.Item
            value={NONE}
            onSelect={() => onChoose(undefined)}
            className={clsx(ITEM, 'text-muted')}
          >
            {none}
          </Command.Item>
        )}
        {found.map((thing) => (
          <Command.Item key={thing.id} value={thing.id} onSelect={() => onChoose(thing)} className={ITEM}>
            <Check className={clsx('size-4 shrink-0', thing.id !== chosenId && 'invisible')} aria-hidden />
            <span className="min-w-0 flex-1 truncate">{thing.name}</span>
            {thing.note && <span className="max-w-[50%] truncate text-xs text-muted">{thing.note}</span>}
            {thing.id === chosenId && <span className="sr-only">, chosen</span>}
          </Command.Item>
        ))}
        {list.hasNextPage && <More mark={`${q} ${found.length} ${isSettled}`} onMore={more} />}
      </Command.List>
      {list.error ? (
        <Failure error={list.error} onRetry={() => list.refetch()} />
      ) : (
        found.length === 0 && (
          <div className="px-3 pb-3 text-center text-muted">
            {!list.data || !isSettled ? (
              'Looking…'
            ) : q === '' ? (
              <>
                <p className="font-medium text-ink">There is no {things.noun} yet</p>
                {empty}
              </>
            ) : (
              `No ${things.noun} has such a name.`
            )}
          </div>
        )
      )}
      <p role="status" className="sr-only">
        {isSettled && list.data
          ? `${counted(found.length, things.noun)}${list.hasNextPage ? ' and more' : ''}`
          : 'Looking'}
      </p>
    </Command>
  )
}

/** The end of the list so far: whoever comes near it, by scrolling or by keys, wants more. @param mark of the list: another one is seen anew */
function More({ mark, onMore }: { mark: string; onMore: () => void }) {
  const end = useRef<HTMLDivElement>(null)
  const onSeen = useEffectEvent(onMore)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it may be in sight still when more has come
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onSeen(), {
      root: end.current!.closest('[cmdk-list]'),
      rootMargin: `${AHEAD_PX}px 0px`,
    })
    observer.observe(end.current!)
    return () => observer.disconnect()
  }, [mark])
  return <div ref={end} aria-hidden className="h-px" />
}
