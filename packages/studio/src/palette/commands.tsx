import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Boxes, Database, Gavel, Megaphone, Play, Search, Workflow } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { usePaused } from '../components/paused.ts'
import { useMay } from '../session/session.ts'
import { actionsFor } from './actions.ts'
import { type Found, findThings } from './find-things.ts'
import { matches } from './matching.ts'

const ICONS = {
  Event: Search,
  Judge: Gavel,
  Campaign: Megaphone,
  Dataset: Database,
  Workflow,
  Execution: Play,
} as const

const item =
  'flex cursor-default items-center gap-2.5 rounded-md px-3 py-2 data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent [&_svg]:size-4 [&_svg]:shrink-0'

/**
 * What there is to go to, to do and to find, narrowed down while somebody types.
 * @param onDone is called when something was chosen
 */
export function Commands({ onDone }: { onDone: () => void }) {
  const [text, setText] = useState('')
  const input = useRef<HTMLInputElement>(null)
  // It may come after the dialog, which has looked for something to focus by then.
  useEffect(() => input.current?.focus(), [])
  const wanted = usePaused(text.trim())
  const navigate = useNavigate()
  const mayAdminister = useMay('administer')
  const things = useQuery({
    queryKey: ['find', wanted],
    queryFn: ({ signal }) => findThings(wanted, signal),
    enabled: wanted.length >= 2,
    retry: false,
  })
  const run = (action: () => unknown) => () => {
    onDone()
    action()
  }
  const actions = actionsFor(mayAdminister).filter((action) => matches(action, text))
  // What was found for a text before is not what Enter means now.
  const found = wanted.length >= 2 && wanted === text.trim() ? (things.data ?? []) : []
  const isLooking = text.trim().length >= 2 && (things.isFetching || wanted !== text.trim())
  return (
    <Command label="Commands" shouldFilter={false}>
      <Command.Input
        ref={input}
        value={text}
        onValueChange={setText}
        placeholder="Where to? A page, a name, an id…"
        className="w-full rounded-t-xl border-b border-line bg-transparent px-4 py-3 outline-none placeholder:text-muted"
      />
      <Command.List className="max-h-96 overflow-y-auto p-2">
        <Command.Empty className="p-4 text-center text-muted">
          {isLooking ? 'Looking…' : 'Nothing has this name or id.'}
        </Command.Empty>
        {actions.map(({ label, icon: Icon = Boxes, ...action }) => (
          <Command.Item
            key={label}
            value={label}
            onSelect={run(() => (action.href ? navigate({ href: action.href }) : action.run?.()))}
            className={item}
          >
            <Icon aria-hidden /> {label}
          </Command.Item>
        ))}
        {found.map((thing) => (
          <ThingItem key={thing.href} thing={thing} onSelect={run(() => navigate({ href: thing.href }))} />
        ))}
      </Command.List>
      <p role="status" className="sr-only">
        {isLooking ? 'Looking' : text && `${actions.length + found.length} found`}
      </p>
    </Command>
  )
}

function ThingItem({ thing, onSelect }: { thing: Found; onSelect: () => void }) {
  const Icon = ICONS[thing.kind]
  return (
    <Command.Item value={thing.href} onSelect={onSelect} className={item}>
      <Icon aria-hidden />
      <span className="min-w-0 flex-1 truncate">{thing.name}</span>
      <span className="max-w-56 truncate text-xs text-muted">
        {thing.kind}
        {thing.detail !== thing.name && ` · ${thing.detail}`}
      </span>
    </Command.Item>
  )
}
