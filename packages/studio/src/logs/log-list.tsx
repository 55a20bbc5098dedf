import type { LogRecord } from '@tramontane/contract/logs'
import { clsx } from 'clsx'
import { memo, useState } from 'react'
import { JsonView } from '../components/json-view.tsx'
import { VirtualRows } from '../execution/virtual-rows.tsx'

/** A line of a log, with a key of its own. */
export interface LogLine extends LogRecord {
  readonly key: string | number
}

const ABOUT_PX = 26
const time = new Intl.DateTimeFormat(undefined, {
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})

/** Lines of a log, and the whole of the one that is selected. @param isLive whether more lines may come at the end */
export function LogList({ lines, isLive }: { lines: readonly LogLine[]; isLive: boolean }) {
  const [selected, setSelected] = useState<LogLine['key']>()
  const at = selected === undefined ? -1 : lines.findIndex(({ key }) => key === selected)
  return (
    <div className="flex min-h-0 flex-1">
      <VirtualRows
        label="Log"
        count={lines.length}
        keyOf={(index) => lines[index]!.key}
        rowPx={ABOUT_PX}
        measured
        follow={isLive}
        selected={at}
        onSelect={(index) => setSelected(index === undefined ? undefined : lines[index]!.key)}
      >
        {(index) => <Line line={lines[index]!} />}
      </VirtualRows>
      {lines[at] && (
        <aside
          aria-label="What is selected"
          className="w-[26rem] shrink-0 overflow-y-auto border-l border-line bg-surface p-4"
        >
          <JsonView value={recordOf(lines[at])} label="Record" maxHeight="40rem" />
        </aside>
      )}
    </div>
  )
}

function recordOf({ key: _, ...record }: LogLine): LogRecord {
  return record
}

/** How bad a line is, in its worker's word. */
export function severityOf({ severity_text }: LogRecord): string {
  return severity_text || 'unspecified'
}

const Line = memo(function Line({ line }: { line: LogLine }) {
  const severity = severityOf(line)
  const isBad = /^(err|fatal|crit)/i.test(severity)
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
