import { useQuery } from '@tanstack/react-query'
import { exactQuery } from '../api/query.ts'
import { JsonView } from '../components/json-view.tsx'
import { sentence } from './history-groups.ts'
import { useLive } from './live-store.ts'
import type { ShownExecution } from './use-execution.ts'
import { VirtualRows } from './virtual-rows.tsx'

/** Events that are asked for together: near one another, they are seen together. */
const PAGE = 50
const ABOUT_PX = 260

/** Every event whole, as Temporal writes it with payloads decoded; read page by page, as far as one scrolls. */
export function HistoryJson({ execution }: { execution: ShownExecution }) {
  const { events } = useLive(execution.history)
  return (
    <VirtualRows
      label="History as JSON"
      count={events.length}
      keyOf={(index) => events[index]!.event_id}
      rowPx={ABOUT_PX}
      measured
    >
      {(index) => (
        <div className="px-6 py-3">
          <h2 className="mb-1 text-xs font-medium text-muted">
            {events[index]!.event_id} {sentence(events[index]!.event_type)}
          </h2>
          <Whole
            runId={execution.run.run_id}
            index={index}
            // The last page of a run that goes on is not whole yet.
            isComplete={Math.floor(index / PAGE) * PAGE + PAGE <= events.length || !execution.isOpen}
            known={events.length}
          />
        </div>
      )}
    </VirtualRows>
  )
}

function Whole({
  runId,
  index,
  isComplete,
  known,
}: {
  runId: string
  index: number
  isComplete: boolean
  known: number
}) {
  const first = Math.floor(index / PAGE) * PAGE
  const page = useQuery({
    ...exactQuery('listHistoryEvents', {
      params: { run_id: runId },
      query: {
        after_event_id: first,
        limit: isComplete ? PAGE : Math.max(1, known - first),
        decode_payloads: true,
      },
    }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  })
  const event = page.data?.events[index - first]
  if (event) return <JsonView value={event} label={`Event ${index + 1}`} maxHeight="40rem" />
  return (
    <p className="h-52 rounded-md border border-line bg-sunken px-3 py-1.5 text-xs text-muted">
      {page.error?.message ??
        (page.data ? 'This event is too large to be read together with those before it.' : 'Loading…')}
    </p>
  )
}
