import type { HistoryEvent } from '@tramontane/contract/run-history'
import { RotateCcw, X } from 'lucide-react'
import { Button } from '../components/button.tsx'
import { Time } from '../components/time.tsx'
import { useMay } from '../session/session.ts'
import { EventDetails } from './event-details.tsx'
import { sentence } from './history-groups.ts'
import { requestReset } from './reset-request.ts'
import type { ShownExecution } from './use-execution.ts'

/** One event of the history. */
export function EventPanel({
  event,
  execution,
  onClose,
}: {
  event: HistoryEvent
  execution: ShownExecution
  onClose: () => void
}) {
  const mayWrite = useMay('write')
  const isPoint = event.event_type === 'WORKFLOW_TASK_COMPLETED'
  return (
    <aside
      aria-label="What is selected"
      className="flex w-[26rem] shrink-0 flex-col gap-3 overflow-y-auto border-l border-line bg-surface p-4"
    >
      <div className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <p className="text-xs text-muted">Event {event.event_id}</p>
          <h2 className="font-semibold break-words">{sentence(event.event_type)}</h2>
          <Time value={event.event_time} />
        </div>
        <Button variant="quiet" size="icon" aria-label="Close" onClick={onClose}>
          <X />
        </Button>
      </div>
      {mayWrite && execution.isNewest && isPoint && (
        <div>
          <Button size="small" onClick={() => requestReset(event.event_id)}>
            <RotateCcw aria-hidden /> Reset to this point…
          </Button>
        </div>
      )}
      <EventDetails runId={execution.run.run_id} eventId={event.event_id} />
    </aside>
  )
}
