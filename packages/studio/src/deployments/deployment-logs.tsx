import { useMutation } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { clsx } from 'clsx'
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { call, type Output } from '../api/call.ts'
import { stream } from '../api/stream.ts'
import { WorkflowChoice } from '../choices/workflow-choice.tsx'
import { Button } from '../components/button.tsx'
import { Select } from '../components/input.tsx'
import { JsonView } from '../components/json-view.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { complain } from '../components/toasts.tsx'
import { counted } from '../formats/numbers.ts'
import { DeploymentLog, type LogLine } from './deployment-log.ts'

const route = getRouteApi('/shell/deployments/$deploymentName')
const PAGE = 100
const PAUSE_MS = 1_000
const LINE_PX = 24
/** So near to the end, one looks at the end, and stays there. */
const NEAR_END_PX = 40

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PAUSE_MS)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** The log of a deployment's workers, live. */
export function DeploymentLogs({ deployment: { name, workers } }: { deployment: Output<'getDeployment'> }) {
  const { worker, workflow, ...search } = route.useSearch()
  const navigate = route.useNavigate()
  const workerNames = [...new Set(workers.map((one) => one.name))]
  if (worker && !workerNames.includes(worker)) workerNames.unshift(worker)
  const log = useMemo(() => {
    const params = { name }
    const filter = { worker_name: worker, workflow_name: workflow }
    return new DeploymentLog({
      page: (cursor) =>
        call('getDeploymentLogs', { params, query: { ...filter, order: 'desc', limit: PAGE, cursor } }),
      stream: (from, signal) =>
        stream('streamDeploymentLogs', { params, query: { ...filter, ...from } }, { signal }),
      pause,
    })
  }, [name, worker, workflow])
  useEffect(() => {
    const controller = new AbortController()
    void log.follow(controller.signal)
    return () => controller.abort()
  }, [log])
  const { lines, state, error, hasOlder } = useSyncExternalStore(log.subscribe, () => log.state)
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-3 border-b border-line bg-surface px-6 py-2">
        <Select
          aria-label="Worker"
          className="!w-56"
          value={worker ?? ''}
          onChange={({ target }) =>
            navigate({ search: { ...search, workflow, worker: target.value || undefined }, replace: true })
          }
        >
          <option value="">All workers</option>
          {workerNames.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Select>
        <WorkflowChoice
          aria-label="Workflow"
          className="!w-56"
          words="All workflows"
          mayBeNone
          deployment={name}
          value={workflow}
          onChange={(chosen) => navigate({ search: { ...search, worker, workflow: chosen }, replace: true })}
        />
        <span className="ml-auto text-xs text-muted" role="status">
          {state === 'live' && 'Live'}
          {state === 'waiting' && 'The connection was lost; it is made again.'}
        </span>
        <span className="text-xs text-muted tabular-nums">{counted(lines.length, 'line')}</span>
      </div>
      {state === 'failed' && error ? (
        <Failure error={error} />
      ) : lines.length > 0 ? (
        <Lines key={`${worker} ${workflow}`} log={log} lines={lines} hasOlder={hasOlder} />
      ) : state === 'loading' ? (
        <Loading label="Reading the log" />
      ) : (
        <Empty title="The log is empty.">
          What the code of workflows and activities logs through the SDK stands here, as it comes.
        </Empty>
      )}
    </div>
  )
}

function Lines({
  log,
  lines,
  hasOlder,
}: {
  log: DeploymentLog
  lines: readonly LogLine[]
  hasOlder: boolean
}) {
  const scroller = useRef<HTMLElement>(null)
  const isAtEnd = useRef(true)
  const [selected, setSelected] = useState<number>()
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => lines[index]!.key,
    overscan: 20,
  })
  useEffect(() => {
    if (isAtEnd.current) virtual.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [lines.length, virtual])
  const older = useMutation({
    mutationFn: () => {
      isAtEnd.current = false
      return log.readOlder()
    },
    onError: complain,
  })
  const shown = lines.find(({ key }) => key === selected)
  return (
    <div className="flex min-h-0 flex-1">
      <section
        ref={scroller}
        aria-label="Log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="min-h-0 flex-1 overflow-auto py-1"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX
        }}
      >
        {hasOlder && (
          <div className="p-2 text-center">
            <Button size="small" disabled={older.isPending} onClick={() => older.mutate()}>
              {older.isPending ? 'Loading…' : 'Load older lines'}
            </Button>
          </div>
        )}
        <ol className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ key, index, start }) => (
            <li
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${start}px)` }}
            >
              <Line
                line={lines[index]!}
                isSelected={lines[index]!.key === selected}
                onSelect={() => setSelected(lines[index]!.key === selected ? undefined : lines[index]!.key)}
              />
            </li>
          ))}
        </ol>
      </section>
      {shown && (
        <aside
          aria-label="The chosen line"
          className="w-96 shrink-0 overflow-y-auto border-l border-line bg-surface p-4"
        >
          <JsonView value={recordOf(shown)} label="Record" maxHeight="40rem" />
        </aside>
      )}
    </div>
  )
}

function recordOf({ key: _, ...record }: LogLine) {
  return record
}

const time = new Intl.DateTimeFormat(undefined, {
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
})

function Line({ line, isSelected, onSelect }: { line: LogLine; isSelected: boolean; onSelect: () => void }) {
  const isBad = /^(err|fatal|crit)/i.test(line.severity_text)
  const isWarning = /^warn/i.test(line.severity_text)
  return (
    <button
      type="button"
      aria-pressed={isSelected}
      onClick={onSelect}
      className={clsx(
        'flex w-full items-start gap-3 px-6 py-0.5 text-left font-mono text-xs hover:bg-sunken',
        isSelected && 'bg-accent-soft',
      )}
    >
      <span className="shrink-0 text-muted tabular-nums">{time.format(new Date(line.timestamp))}</span>
      <span className={clsx('w-14 shrink-0', isBad ? 'text-bad' : isWarning ? 'text-warn' : 'text-muted')}>
        {line.severity_text}
      </span>
      <span className={clsx('min-w-0 break-words whitespace-pre-wrap', isBad && 'text-bad')}>
        {line.body}
      </span>
    </button>
  )
}
