import { clsx } from 'clsx'
import { ChevronsUpDown } from 'lucide-react'
import { Popover } from 'radix-ui'
import { type ReactNode, Suspense, useState } from 'react'
import { lazyPart } from '../api/lazy-parts.ts'
import { LOOKS } from '../components/input.tsx'
import { Loading } from '../components/states.tsx'
import type { NamedThing, Things } from './named-things.ts'

// Loaded with the first choice that is opened.
const ChoiceList = lazyPart(() => import('./choice-list.tsx'), 'ChoiceList')

/**
 * Chooses one of many things by its name: the server searches, and further pages come as one goes down the list. A control
 * for `Field`; elsewhere it needs an `aria-label`.
 * @param words what stands there while nothing is chosen: "Choose a judge", "All workflows"
 * @param mayBeNone whether one may go back to nothing
 * @param empty what to do if there is nothing to choose from
 */
export function Choice<T extends NamedThing>({
  things,
  chosen,
  onChoose,
  words,
  mayBeNone = false,
  empty,
  className,
  ...control
}: {
  things: Things<T>
  chosen: NamedThing | undefined
  onChoose: (thing: T | undefined) => void
  words: string
  mayBeNone?: boolean
  empty?: ReactNode
  className?: string
  id?: string
  'aria-label'?: string
  'aria-describedby'?: string | undefined
  'aria-invalid'?: boolean | undefined
}) {
  const [isOpen, setOpen] = useState(false)
  return (
    // Modal: else a dialog around it keeps the list from being scrolled.
    <Popover.Root open={isOpen} onOpenChange={setOpen} modal>
      <Popover.Trigger
        role="combobox"
        aria-expanded={isOpen}
        className={clsx('flex h-8 items-center gap-2 text-left', LOOKS, className)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
          event.preventDefault()
          setOpen(true)
        }}
        {...control}
      >
        <span className={clsx('min-w-0 flex-1 truncate', !chosen && 'text-muted')}>
          {chosen?.name ?? words}
        </span>
        <ChevronsUpDown className="size-3.5 shrink-0 text-muted" aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={words}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 w-[max(18rem,var(--radix-popover-trigger-width))] rounded-lg border border-line bg-raised shadow-lg"
        >
          <Suspense fallback={<Loading />}>
            <ChoiceList
              things={things}
              chosenId={chosen?.id}
              none={mayBeNone ? words : undefined}
              empty={empty}
              onChoose={(thing) => {
                setOpen(false)
                onChoose(thing as T | undefined)
              }}
            />
          </Suspense>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
