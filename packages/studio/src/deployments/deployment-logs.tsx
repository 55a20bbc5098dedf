import { useMutation } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { call, type Output } from '../api/call.ts'
import { stream } from '../api/stream.ts'
import { WorkflowChoice } from '../choices/workflow-choice.tsx'
import { Button } from '../components/button.tsx'
import { Select } from '../components/input.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { complain } from '../components/toasts.tsx'
import { counted } from '../formats/numbers.ts'
import { LogList } from '../logs/log-list.tsx'
import { DeploymentLog } from './deployment-log.ts'

const route = getRouteApi('/shell/deployments/$deploymentName')
const PAGE = 100
const PAUSE_MS = 1_000

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
        <>
          {hasOlder && <Older log={log} />}
          <LogList key={`${worker} ${workflow}`} lines={lines} isLive />
        </>
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

/** What is older than the lines that are there. */
function Older({ log }: { log: DeploymentLog }) {
  const older = useMutation({ mutationFn: () => log.readOlder(), onError: complain })
  return (
    <div className="shrink-0 border-b border-line p-2 text-center">
      <Button size="small" disabled={older.isPending} onClick={() => older.mutate()}>
        {older.isPending ? 'Loading…' : 'Load older lines'}
      </Button>
    </div>
  )
}
