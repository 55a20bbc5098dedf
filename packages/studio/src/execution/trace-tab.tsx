import { useQuery } from '@tanstack/react-query'
import type { SpanNode } from '@tramontane/contract/execution-traces'
import { clsx } from 'clsx'
import { ChevronRight, X } from 'lucide-react'
import { useMemo, useState } from 'react'
import { query } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { JsonView } from '../components/json-view.tsx'
import { useNow } from '../components/now.ts'
import { Empty, Loaded } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { duration } from '../formats/durations.ts'
import { counted } from '../formats/numbers.ts'
import { isFailed, type SpanRow, spanRows } from './span-rows.ts'
import { type TimeScale, timeScale } from './time-scale.ts'
import { TimelineAxis } from './timeline-axis.tsx'
import { NAMES_WIDTH } from './timeline-line.tsx'
import type { ShownExecution } from './use-execution.ts'
import { VirtualRows } from './virtual-rows.tsx'

const EVERY_MS = 5_000
const ROW_PX = 28
/** A bar that begins beyond has its words on its left. */
const LATE = 0.75

/** What an execution did, as a waterfall of spans: those that came over OTLP, or what its events and its history tell. */
export function TraceTab({ execution }: { execution: ShownExecution }) {
  const params = { execution_id: execution.executionId }
  const every = execution.isOpen ? EVERY_MS : false
  const info = useQuery({ ...query('getTraceInfo', { params }), refetchInterval: every })
  const summary = useQuery({ ...query('getTraceSummary', { params }), refetchInterval: every })
  return (
    <Loaded result={summary}>
      {({ span_tree, truncated }) =>
        span_tree === null ? (
          <Empty title="There is no trace yet">
            <p>It appears when the execution has done something.</p>
          </Empty>
        ) : (
          <Waterfall
            root={span_tree}
            source={
              info.data?.has_trace_data
                ? 'Spans that came over OTLP'
                : 'No spans have come in: what events and history tell'
            }
            traceId={info.data?.otel_trace_id ?? null}
            isCut={truncated}
            isOpen={execution.isOpen}
          />
        )
      }
    </Loaded>
  )
}

function Waterfall({
  root,
  source,
  traceId,
  isCut,
  isOpen,
}: {
  root: SpanNode
  source: string
  traceId: string | null
  isCut: boolean
  isOpen: boolean
}) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(() => new Set())
  const [selected, select] = useState<string>()
  const rows = useMemo(() => spanRows(root, folded), [root, folded])
  const now = useNow(isOpen ? EVERY_MS : null)
  const scale = useMemo(() => scaleOf(rows, isOpen ? now : undefined), [rows, isOpen, now])
  const at = rows.findIndex(({ span }) => span.span_id === selected)
  const chosen = rows[at]
  const fold = (id: string, isFolded: boolean) => {
    const next = new Set(folded)
    if (isFolded) next.add(id)
    else next.delete(id)
    setFolded(next)
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      <p className="shrink-0 border-b border-line px-6 py-2 text-xs text-muted">
        {source} · {counted(rows.length, 'line')}
        {isCut && ' · there is more than is shown'}
        {traceId !== null && (
          <>
            {' · trace '}
            <span className="font-mono">{traceId}</span>
          </>
        )}
      </p>
      <div className="flex min-h-0 flex-1">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          <TimelineAxis scale={scale} />
          <VirtualRows
            label="Trace"
            count={rows.length}
            keyOf={(index) => rows[index]!.span.span_id}
            rowPx={ROW_PX}
            selected={at}
            onSelect={(index) => select(index === undefined ? undefined : rows[index]!.span.span_id)}
          >
            {(index) => <SpanLine row={rows[index]!} scale={scale} onFold={fold} />}
          </VirtualRows>
        </div>
        {chosen && <SpanPanel row={chosen} onFold={fold} onClose={() => select(undefined)} />}
      </div>
    </div>
  )
}

/** @param now of what is under way */
function scaleOf(rows: readonly SpanRow[], now: number | undefined): TimeScale {
  const from = Math.min(...rows.slice(0, 1).map(({ startedAt }) => startedAt))
  let to = from
  let first = from
  for (const { startedAt, endedAt } of rows) {
    first = Math.min(first, startedAt)
    to = Math.max(to, endedAt ?? startedAt)
  }
  return timeScale(first, Math.max(to, now ?? to), { moments: [], busy: [], fold: false })
}

function SpanLine({
  row,
  scale,
  onFold,
}: {
  row: SpanRow
  scale: TimeScale
  onFold: (id: string, isFolded: boolean) => void
}) {
  const { span, depth, isFolded, startedAt, endedAt } = row
  const [left, right] = [scale.place(startedAt), scale.place(endedAt ?? scale.to)]
  const failed = isFailed(span)
  return (
    <div className="flex h-full items-center">
      <div
        className="flex h-full shrink-0 items-center gap-1 border-r border-line pr-2"
        style={{ width: NAMES_WIDTH, paddingLeft: `${1 + Math.min(depth, 14) * 0.9}rem` }}
      >
        <span className="flex size-5 shrink-0 items-center justify-center">
          {isFolded !== null && (
            // biome-ignore lint/a11y/noStaticElementInteractions: a second way; the panel has a button
            // biome-ignore lint/a11y/useKeyWithClickEvents: as above
            <span
              className="flex size-5 items-center justify-center rounded hover:bg-line"
              onClick={(event) => {
                event.stopPropagation()
                onFold(span.span_id, !isFolded)
              }}
            >
              <ChevronRight className={clsx('size-3.5', !isFolded && 'rotate-90')} aria-hidden />
            </span>
          )}
        </span>
        <span className={clsx('truncate', failed && 'text-bad')} title={span.name}>
          {span.name}
        </span>
      </div>
      <div className="relative mx-3 h-full min-w-0 flex-1">
        <span
          className={clsx('absolute top-2 h-3 min-w-[3px] rounded-sm', failed ? 'bg-bad' : 'bg-accent')}
          style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }}
        />
        <span
          className="absolute top-0 px-2 text-xs leading-7 whitespace-nowrap text-muted tabular-nums"
          style={right > LATE ? { right: `${(1 - left) * 100}%` } : { left: `${right * 100}%` }}
        >
          {endedAt === null ? 'under way' : duration(endedAt - startedAt)}
        </span>
      </div>
    </div>
  )
}

function SpanPanel({
  row: { span, isFolded, startedAt, endedAt },
  onFold,
  onClose,
}: {
  row: SpanRow
  onFold: (id: string, isFolded: boolean) => void
  onClose: () => void
}) {
  return (
    <aside
      aria-label="What is selected"
      className="flex w-[26rem] shrink-0 flex-col gap-3 overflow-y-auto border-l border-line bg-surface p-4"
    >
      <div className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <h2 className="font-semibold break-words">{span.name}</h2>
          <p className="text-muted">
            <Time value={startedAt} /> · {endedAt === null ? 'under way' : duration(endedAt - startedAt)}
          </p>
        </div>
        <Button variant="quiet" size="icon" aria-label="Close" onClick={onClose}>
          <X />
        </Button>
      </div>
      {isFolded !== null && (
        <div>
          <Button size="small" onClick={() => onFold(span.span_id, !isFolded)}>
            {isFolded ? 'Unfold' : 'Fold'} {counted(span.children.length, 'span')} within
          </Button>
        </div>
      )}
      <JsonView value={span.attributes} label="Attributes" />
      {span.events.length > 0 && (
        <section>
          <h3 className="mb-1 text-xs font-medium text-muted">Events</h3>
          <JsonView value={span.events} label="Events" />
        </section>
      )}
    </aside>
  )
}
