import { clsx } from 'clsx'
import { memo, useMemo, useState } from 'react'
import { JsonView } from '../components/json-view.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { counted } from '../formats/numbers.ts'
import { executionLog, type LogLine } from './execution-log.ts'
import { FindField } from './find-field.tsx'
import { useLive } from './live-store.ts'
import { StreamNotice } from './stream-notice.tsx'
import { TypeChips } from './type-chips.tsx'
import { type ShownExecution, useExecutionSearch, useFurtherRuns } from './use-execution.ts'
import { VirtualRows } from './virtual-rows.tsx'

const ABOUT_PX = 26
const time = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})

/** The log of an execution as it comes. */
export function LogsTab({ execution }: { execution: ShownExecution }) {
  const log = useLive(
    executionLog(execution.executionId, execution.isNewest ? undefined : execution.run.run_id),
  )
  useFurtherRuns(log, execution)
  const [{ types, find }] = useExecutionSearch()
  const [selected, setSelected] = useState<string>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the store is the same and changes inside
  const lines = useMemo(() => {
    const text = find?.toLowerCase()
    return log.lines.filter(
      (line) =>
        (!types || types.includes(severityOf(line))) && (!text || line.body.toLowerCase().includes(text)),
    )
  }, [log, log.version, types?.join(' '), find])
  if (log.lines.length === 0) {
    if (log.state === 'failed') return <Failure error={log.error!} onRetry={log.retry} />
    return (
      <>
        <StreamNotice store={log} what="log" />
        {log.state === 'ended' || execution.isOpen ? (
          <Empty title="The log is empty">
            <p>What the workflow's code and its activities log through the SDK stands here, as it comes.</p>
          </Empty>
        ) : (
          <Loading label="Reading the log" />
        )}
      </>
    )
  }
  const counts = Map.groupBy(log.lines, severityOf)
  const at = selected === undefined ? -1 : lines.findIndex(({ id }) => id === selected)
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex h-12 shrink-0 items-center gap-4 border-b border-line px-6">
        <FindField />
        <TypeChips
          label="Severities"
          options={[...counts].map(([value, list]) => ({ value, label: value, count: list.length }))}
        />
        <span className="ml-auto shrink-0 text-xs whitespace-nowrap text-muted tabular-nums">
          {counted(lines.length, 'line')}
        </span>
      </div>
      <StreamNotice store={log} what="log" />
      <div className="flex min-h-0 flex-1">
        <VirtualRows
          label="Log"
          count={lines.length}
          keyOf={(index) => lines[index]!.id}
          rowPx={ABOUT_PX}
          measured
          follow={execution.isOpen}
          selected={at}
          onSelect={(index) => setSelected(index === undefined ? undefined : lines[index]!.id)}
        >
          {(index) => <Line line={lines[index]!} />}
        </VirtualRows>
        {lines[at] && (
          <aside
            aria-label="What is selected"
            className="w-[26rem] shrink-0 overflow-y-auto border-l border-line bg-surface p-4"
          >
            <JsonView value={lines[at]} label="Record" maxHeight="40rem" />
          </aside>
        )}
      </div>
    </div>
  )
}

function severityOf({ severity_text }: LogLine): string {
  return severity_text || 'unspecified'
}

const Line = memo(function Line({ line }: { line: LogLine }) {
  const severity = severityOf(line)
  const isBad = /^(error|fatal|critical)/i.test(severity)
  return (
    <div className="flex items-start gap-3 px-6 py-1 font-mono text-xs">
      <span className="shrink-0 text-muted tabular-nums">{time.format(new Date(line.timestamp))}</span>
      <span
        className={clsx(
          'w-14 shrink-0',
          isBad ? 'text-bad' : /^warn/i.test(severity) ? 'text-warn' : 'text-muted',
        )}
      >
        {severity}
      </span>
      <span className={clsx('min-w-0 break-words whitespace-pre-wrap', isBad && 'text-bad')}>
        {line.body}
      </span>
    </div>
  )
})
