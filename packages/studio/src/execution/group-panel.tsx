import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { RotateCcw, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { Time } from '../components/time.tsx'
import { duration } from '../formats/durations.ts'
import { attemptPieces, pieceWords } from './attempts.ts'
import { EventDetails } from './event-details.tsx'
import { KINDS, STATE_LOOKS, shownName } from './group-looks.tsx'
import type { HistoryGroup } from './history-groups.ts'
import { useKnownAttempts } from './known-attempts.ts'
import { requestReset, useResetPoint } from './reset-request.ts'
import { shownState } from './timeline-rows.ts'
import type { ShownExecution } from './use-execution.ts'

/** One thing that happened in an execution, with its events. */
export function GroupPanel({
  runId,
  group,
  execution,
  onClose,
}: {
  runId: string
  group: HistoryGroup
  execution: ShownExecution
  onClose: () => void
}) {
  const { pending, told } = useKnownAttempts(execution)({ runId, group })
  const state = shownState(group, pending)
  const message = pending?.last_failure?.message ?? group.message
  const pieces = attemptPieces(group, pending, told)
  const resetPoint = useResetPoint(execution, { runId, group })
  return (
    <aside
      aria-label="What is selected"
      className="flex w-[26rem] shrink-0 flex-col gap-3 overflow-y-auto border-l border-line bg-surface p-4"
    >
      <div className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <p className="text-xs text-muted">{KINDS[group.kind].label}</p>
          <h2 className="font-semibold break-words">{shownName(group)}</h2>
        </div>
        <Button variant="quiet" size="icon" aria-label="Close" onClick={onClose}>
          <X />
        </Button>
      </div>
      <dl className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-3 gap-y-1">
        {STATE_LOOKS[state].label !== '' && (
          <Line label="State">
            <Badge tone={STATE_LOOKS[state].tone}>{STATE_LOOKS[state].label}</Badge>
          </Line>
        )}
        <Line label="Began">
          <Time value={group.startedAt} />
        </Line>
        {group.takenAt !== null && group.attempt === 1 && (
          <Line label="Waited">{duration(group.takenAt - group.startedAt)} for a worker</Line>
        )}
        {group.endedAt !== null && group.endedAt > group.startedAt && (
          <Line label="Took">{duration(group.endedAt - group.startedAt)}</Line>
        )}
        {(pending?.attempt ?? group.attempt) > 1 && (
          <Line label="Attempt">
            {pending?.attempt ?? group.attempt}
            {pending?.maximum_attempts ? ` of ${pending.maximum_attempts}` : ''}
          </Line>
        )}
        {pending?.next_attempt_time && (
          <Line label="Next">
            <Time value={pending.next_attempt_time} />
          </Line>
        )}
        {group.childExecutionId !== null && (
          <Line label="Execution">
            <Link
              to="/executions/$executionId"
              params={{ executionId: group.childExecutionId }}
              search={group.childRunId === null ? {} : { run: group.childRunId }}
              className="font-mono text-xs break-all text-accent hover:underline"
            >
              {group.childExecutionId}
            </Link>
          </Line>
        )}
        {group.resetFrom !== null && (
          <Line label="Reset from">
            <Link
              to="/executions/$executionId"
              params={{ executionId: execution.executionId }}
              search={{ run: group.resetFrom }}
              className="font-mono text-xs break-all text-accent hover:underline"
            >
              {group.resetFrom}
            </Link>
          </Line>
        )}
        {group.resetFrom !== null && message && <Line label="Reason">{message}</Line>}
      </dl>
      {group.resetFrom === null && message && (
        <p className="rounded-md bg-bad-soft px-3 py-2 break-words whitespace-pre-wrap text-bad">{message}</p>
      )}
      {pieces.length > 0 && (
        <section>
          <h3 className="mb-1 text-xs font-medium text-muted">Attempts</h3>
          <ol aria-label="Attempts" className="flex flex-col gap-0.5 text-xs break-words">
            {pieces.map((piece) => (
              <li key={`${piece.kind} ${piece.last}`} className={clsx(piece.kind === 'wait' && 'text-muted')}>
                {pieceWords(piece, Date.now())}
              </li>
            ))}
          </ol>
        </section>
      )}
      {resetPoint !== null && (
        <div>
          <Button size="small" onClick={() => requestReset(resetPoint)}>
            <RotateCcw aria-hidden /> Reset to before this…
          </Button>
        </div>
      )}
      {group.eventIds.map((eventId) => (
        <EventDetails key={eventId} runId={runId} eventId={eventId} />
      ))}
    </aside>
  )
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  )
}
