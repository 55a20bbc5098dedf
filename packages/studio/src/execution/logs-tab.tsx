import { useMemo } from 'react'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { counted } from '../formats/numbers.ts'
import { LogList, severityOf } from '../logs/log-list.tsx'
import { executionLog } from './execution-log.ts'
import { FindField } from './find-field.tsx'
import { useLive } from './live-store.ts'
import { StreamNotice } from './stream-notice.tsx'
import { TypeChips } from './type-chips.tsx'
import { type ShownExecution, useExecutionSearch, useFurtherRuns } from './use-execution.ts'

/** The log of an execution as it comes. */
export function LogsTab({ execution }: { execution: ShownExecution }) {
  const log = useLive(
    executionLog(execution.executionId, execution.isNewest ? undefined : execution.run.run_id),
  )
  useFurtherRuns(log, execution)
  const [{ types, find }] = useExecutionSearch()
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
      <LogList lines={lines} isLive={execution.isOpen} />
    </div>
  )
}
