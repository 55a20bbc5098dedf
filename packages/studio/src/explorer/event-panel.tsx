import { useQuery } from '@tanstack/react-query'
import type { FieldDefinition } from '@tramontane/contract/fields'
import type { Filter } from '@tramontane/contract/filter'
import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { useMemo } from 'react'
import type { Output } from '../api/call.ts'
import { query } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { CodeBlock, CopyButton } from '../components/copy-button.tsx'
import { Loaded } from '../components/states.tsx'
import { Tabs } from '../components/tabs.tsx'
import { Time } from '../components/time.tsx'
import { ConversationView } from '../conversation/conversation-view.tsx'
import { duration } from '../formats/durations.ts'
import { count } from '../formats/numbers.ts'
import { EventAnnotations, EventFields, SimilarEvents } from './event-parts.tsx'
import { EventTrace } from './event-trace.tsx'
import type { PanelTab } from './explorer-search.ts'
import { StatusBadge } from './status-badge.tsx'

type FullEvent = Output<'getEvent'>

/** One event beside the table. */
export function EventPanel({
  id,
  tab,
  fields,
  onTab,
  onMove,
  onOpen,
  onFilter,
  onClose,
}: {
  id: string
  tab: PanelTab
  fields: ReadonlyMap<string, FieldDefinition>
  onTab: (tab: PanelTab) => void
  /** To the event so many lines further down. */
  onMove: (step: number) => void
  onOpen: (id: string) => void
  onFilter: (condition: Filter) => void
  onClose: () => void
}) {
  const result = useQuery({
    ...query('getEvent', { params: { event_id: id } }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <section
      aria-label="Event"
      className="flex min-h-0 w-[26rem] shrink-0 flex-col border-l border-line bg-surface xl:w-[34rem] 2xl:w-[42rem]"
    >
      <header className="flex items-center gap-1 border-b border-line py-1 pr-2 pl-4">
        <h2 className="min-w-0 flex-1 truncate font-semibold">
          {result.data ? String(result.data.extra_fields.model_name) : 'Event'}
        </h2>
        <CopyButton text={id} label="Copy the event's id" />
        <Button variant="quiet" size="icon" aria-label="Event above (k)" onClick={() => onMove(-1)}>
          <ChevronUp />
        </Button>
        <Button variant="quiet" size="icon" aria-label="Event below (j)" onClick={() => onMove(1)}>
          <ChevronDown />
        </Button>
        <Button variant="quiet" size="icon" aria-label="Close (Escape)" onClick={onClose}>
          <X />
        </Button>
      </header>
      <Loaded result={result}>
        {(event) => (
          <>
            <Summary event={event} />
            <Tabs
              label="Parts of the event"
              value={tab}
              onValueChange={(value) => onTab(value as PanelTab)}
              tabs={[
                { value: 'conversation', label: 'Conversation', content: <Conversation event={event} /> },
                {
                  value: 'fields',
                  label: 'Fields',
                  content: <EventFields event={event} fields={fields} onFilter={onFilter} />,
                },
                { value: 'judgements', label: 'Judgements', content: <EventAnnotations id={id} /> },
                { value: 'similar', label: 'Similar', content: <SimilarEvents id={id} onOpen={onOpen} /> },
                { value: 'trace', label: 'Trace', content: <EventTrace id={id} /> },
              ]}
            />
          </>
        )}
      </Loaded>
    </section>
  )
}

function Summary({ event }: { event: FullEvent }) {
  const { status, total_time_elapsed: seconds, error } = event.extra_fields
  return (
    <div className="flex flex-col gap-1 px-4 py-2 text-xs text-muted">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StatusBadge status={String(status)} />
        <Time value={event.created_at} />
        <span>{duration(Number(seconds) * 1_000)}</span>
        <span>
          {count(event.nb_input_tokens)} tokens in, {count(event.nb_output_tokens)} out
        </span>
      </p>
      {typeof error === 'string' && error !== '' && <p className="text-sm break-words text-bad">{error}</p>}
    </div>
  )
}

function Conversation({ event }: { event: FullEvent }) {
  const messages = useMemo(() => [...event.request_messages, ...event.response_messages], [event])
  return (
    <div className="px-4">
      <ConversationView messages={messages} />
      {event.enabled_tools.length > 0 && (
        <details className="py-3">
          <summary className="cursor-pointer text-xs font-medium text-muted">
            {event.enabled_tools.length} tools were offered
          </summary>
          <div className="mt-2">
            <CodeBlock code={JSON.stringify(event.enabled_tools, null, 2)} label="tools" />
          </div>
        </details>
      )}
    </div>
  )
}
