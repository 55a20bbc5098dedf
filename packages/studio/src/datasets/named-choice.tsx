import { keepPreviousData, type UseQueryOptions, useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { Input } from '../components/input.tsx'
import { Empty, Loaded } from '../components/states.tsx'
import { counted } from '../formats/numbers.ts'

export interface NamedThing {
  readonly id: string
  readonly name: string
  /** What tells it from others. */
  readonly note: string
}

/** How many are shown; of more, the search finds them. */
export const CHOICES = 20

/**
 * Chooses one of the workspace's things by its name.
 * @param things the query for a search
 * @param empty what to do if there are none at all
 */
export function NamedChoice({
  label,
  noun,
  things,
  value,
  onChange,
  empty,
}: {
  label: string
  noun: string
  things: (q: string | undefined) => UseQueryOptions<{ results: readonly NamedThing[]; count: number }, Error>
  value: string | undefined
  onChange: (thing: NamedThing) => void
  empty: string
}) {
  const [q, setQ] = useState('')
  const name = useId()
  const list = useQuery({
    ...things(q.trim() === '' ? undefined : q.trim()),
    placeholderData: keepPreviousData,
  })
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium">{label}</legend>
      <Input
        type="search"
        aria-label={`Search: ${label}`}
        placeholder="Search by name"
        value={q}
        onChange={({ target }) => setQ(target.value)}
      />
      <Loaded result={list}>
        {({ results, count }) =>
          results.length === 0 ? (
            <Empty title={q === '' ? `There is no ${noun} yet` : `No ${noun} has such a name`}>
              {q === '' && empty}
            </Empty>
          ) : (
            <>
              <ul className="max-h-72 overflow-y-auto rounded-md border border-line">
                {results.map((thing) => (
                  <li key={thing.id} className="border-b border-line last:border-b-0">
                    <label className="flex cursor-pointer items-center gap-3 px-3 py-1.5 hover:bg-sunken has-checked:bg-accent-soft">
                      <input
                        type="radio"
                        name={name}
                        className="size-4 shrink-0 accent-accent"
                        checked={thing.id === value}
                        onChange={() => onChange(thing)}
                      />
                      <span className="min-w-0 flex-1 truncate font-medium">{thing.name}</span>
                      <span className="max-w-[50%] truncate text-xs text-muted">{thing.note}</span>
                    </label>
                  </li>
                ))}
              </ul>
              {count > results.length && (
                <p className="text-xs text-muted">
                  {results.length} of {counted(count, noun)}; search for the others.
                </p>
              )}
            </>
          )
        }
      </Loaded>
    </fieldset>
  )
}
