import { useQuery } from '@tanstack/react-query'
import { clsx } from 'clsx'
import { useMemo, useState } from 'react'
import type { Output } from '../api/call.ts'
import { query } from '../api/query.ts'
import { CodeBlock } from '../components/copy-button.tsx'
import { Empty, Loaded } from '../components/states.tsx'
import { duration } from '../formats/durations.ts'
import { traceRows } from './trace-rows.ts'

type Trace = Output<'getEventTrace'>

/** The spans of the trace that an event belongs to. */
export function EventTrace({ id }: { id: string }) {
  const result = useQuery(query('getEventTrace', { params: { event_id: id } }))
  return (
    <Loaded result={result}>
      {(trace) =>
        trace.spans.length === 0 ? (
          <Empty title="This call was not traced">
            Calls that come in as OpenTelemetry spans have a trace: send yours to the server's OTLP address.
          </Empty>
        ) : (
          <Waterfall trace={trace} />
        )
      }
    </Loaded>
  )
}

function Waterfall({ trace }: { trace: Trace }) {
  const [chosen, setChosen] = useState<string>()
  const rows = useMemo(() => traceRows(trace.spans), [trace])
  const span = trace.spans.find(({ span_id }) => span_id === chosen)
  return (
    <div className="flex flex-col gap-3 p-4">
      <p className="text-xs text-muted">
        Trace <span className="font-mono">{trace.trace_id}</span>
        {trace.is_cut && ', of which the first spans are shown'}
      </p>
      <ul aria-label="Spans">
        {rows.map(({ span: one, depth, offset, share }) => (
          <li key={one.span_id}>
            <button
              type="button"
              aria-expanded={one.span_id === chosen}
              onClick={() => setChosen(one.span_id === chosen ? undefined : one.span_id)}
              className={clsx(
                'grid w-full grid-cols-[minmax(0,1fr)_minmax(0,1fr)_4.5rem] items-center gap-2 rounded px-1 py-1 text-left text-xs hover:bg-sunken',
                one.span_id === chosen && 'bg-accent-soft',
              )}
            >
              <span className="truncate" style={{ paddingLeft: Math.min(depth, 12) * 12 }} title={one.name}>
                {one.name}
              </span>
              <span aria-hidden className="relative h-2.5 rounded bg-sunken">
                <span
                  className={clsx(
                    'absolute inset-y-0 rounded',
                    one.status === 'error' ? 'bg-bad' : 'bg-accent',
                  )}
                  style={{ left: `${offset * 100}%`, width: `max(2px, ${share * 100}%)` }}
                />
              </span>
              <span
                className={clsx(
                  'text-right tabular-nums',
                  one.status === 'error' ? 'text-bad' : 'text-muted',
                )}
              >
                {duration(one.end_unix_ms - one.start_unix_ms)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {span && (
        <section aria-label={`Span ${span.name}`} className="flex flex-col gap-2">
          <p className="font-medium">
            {span.name}
            {span.service && <span className="text-muted"> · {span.service}</span>}
          </p>
          {span.status_message && <p className="text-bad">{span.status_message}</p>}
          <CodeBlock code={JSON.stringify(span.attributes, null, 2)} label="attributes" />
        </section>
      )}
    </div>
  )
}
