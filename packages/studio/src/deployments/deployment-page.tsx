import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Output } from '../api/call.ts'
import { query } from '../api/query.ts'
import { Badge } from '../components/badge.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Page } from '../components/page.tsx'
import { Empty, Loaded } from '../components/states.tsx'
import { Tabs } from '../components/tabs.tsx'
import { Time } from '../components/time.tsx'
import { counted } from '../formats/numbers.ts'
import { EngineNotice } from '../workflows/engine-notice.tsx'
import { HandlerNames } from '../workflows/handler-names.tsx'
import { DeploymentLogs } from './deployment-logs.tsx'
import type { DeploymentTab } from './deployment-search.ts'
import { PlaceText, placeText } from './deployment-table.tsx'

type Deployment = Output<'getDeployment'>
type Worker = Deployment['workers'][number]
type Registration = Output<'listWorkflowRegistrations'>['workflow_registrations'][number]

const route = getRouteApi('/shell/deployments/$deploymentName')
const EVERY_MS = 5_000

/** A deployment: its workers, what they run, and their log. */
export function DeploymentPage() {
  const { deploymentName } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const result = useQuery({
    ...query('getDeployment', { params: { name: deploymentName } }),
    refetchInterval: EVERY_MS,
  })
  return (
    <Page title={deploymentName} fill>
      <EngineNotice />
      <Loaded result={result}>
        {(deployment) => {
          const tabs: { value: DeploymentTab; label: string; content: ReactNode }[] = [
            { value: 'workers', label: 'Workers', content: <Workers deployment={deployment} /> },
            { value: 'workflows', label: 'What they run', content: <Workflows name={deployment.name} /> },
            { value: 'logs', label: 'Log', content: <DeploymentLogs deployment={deployment} /> },
          ]
          return (
            <>
              <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-6 pt-3 pb-1">
                {deployment.is_active ? <Badge tone="good">active</Badge> : <Badge>no worker now</Badge>}
                <span className="text-muted">
                  {counted(deployment.active_worker_count, 'worker')} of {deployment.worker_count} there
                </span>
                {deployment.location && <span className="text-muted">{placeText(deployment.location)}</span>}
                <span className="text-muted">
                  first seen <Time value={deployment.created_at} />
                </span>
              </div>
              <Tabs
                label="About the deployment"
                tabs={tabs}
                value={search.tab ?? 'workers'}
                onValueChange={(tab) =>
                  navigate({
                    search: { ...search, tab: tab === 'workers' ? undefined : (tab as DeploymentTab) },
                  })
                }
              />
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}

const WORKERS: readonly Column<Worker>[] = [
  {
    id: 'name',
    header: 'Worker',
    className: 'w-3/5 max-w-0',
    cell: ({ name }) => (
      <route.Link
        to="."
        search={{ tab: 'logs', worker: name }}
        title={`The log of ${name}`}
        className="block truncate font-mono text-xs text-accent hover:underline"
      >
        {name}
      </route.Link>
    ),
  },
  {
    id: 'state',
    header: 'State',
    cell: ({ is_active }) => (is_active ? <Badge tone="good">there</Badge> : <Badge>gone</Badge>),
  },
  { id: 'seen', header: 'Last seen', cell: ({ last_seen_at }) => <Time value={last_seen_at} relative /> },
  { id: 'registered', header: 'Started', cell: ({ updated_at }) => <Time value={updated_at} /> },
  {
    id: 'first',
    header: 'First seen',
    className: 'hidden xl:table-cell',
    cell: ({ created_at }) => <Time value={created_at} />,
  },
  {
    id: 'place',
    header: 'Where',
    className: 'w-2/5 max-w-0',
    cell: ({ location }) => <PlaceText location={location} />,
  },
]

function Workers({ deployment }: { deployment: Deployment }) {
  if (deployment.workers.length === 0)
    return (
      <Empty title="It has no worker any more.">
        Start one with <code className="font-mono">DEPLOYMENT_NAME={deployment.name}</code>; it appears here
        by itself.
      </Empty>
    )
  return (
    <DataTable
      label="Workers"
      columns={WORKERS}
      rows={deployment.workers}
      keyOf={({ name, created_at }) => `${name} ${created_at}`}
    />
  )
}

function Workflows({ name }: { name: string }) {
  const all = useQuery({
    ...query('listWorkflowRegistrations', { query: { task_queue: name, with_workflow: true, limit: 200 } }),
    refetchInterval: EVERY_MS,
  })
  const active = useQuery({
    ...query('listWorkflowRegistrations', { query: { task_queue: name, active_only: true, limit: 200 } }),
    refetchInterval: EVERY_MS,
  })
  const activeIds = new Set(active.data?.workflow_registrations.map(({ id }) => id))
  const columns: Column<Registration>[] = [
    {
      id: 'workflow',
      header: 'Workflow',
      className: 'w-1/2 max-w-0',
      cell: ({ workflow }) =>
        workflow && (
          <Link
            to="/workflows/$workflowName"
            params={{ workflowName: workflow.name }}
            title={workflow.display_name}
            className="block truncate font-medium text-accent hover:underline"
          >
            {workflow.display_name}
          </Link>
        ),
    },
    {
      id: 'state',
      header: 'Worker',
      cell: ({ id }) => (activeIds.has(id) ? <Badge tone="good">active</Badge> : <Badge>none</Badge>),
    },
    {
      id: 'registration',
      header: 'Registration',
      cell: ({ id, workflow }) =>
        workflow ? (
          <Link
            to="/workflows/$workflowName"
            params={{ workflowName: workflow.name }}
            search={{ tab: 'definition', registration: id }}
            className="font-mono text-xs text-accent hover:underline"
          >
            {id}
          </Link>
        ) : (
          <span className="font-mono text-xs">{id}</span>
        ),
    },
    {
      id: 'handlers',
      header: 'Signals, queries, updates',
      className: 'w-1/2 max-w-0',
      cell: ({ definition }) => <HandlerNames definition={definition} />,
    },
  ]
  return (
    <Loaded result={all}>
      {({ workflow_registrations: rows }) =>
        rows.length === 0 ? (
          <Empty title="It has registered nothing." />
        ) : (
          // The definitions of one workflow come together, the newest first.
          <DataTable
            label="What they run"
            columns={columns}
            rows={rows.toSorted((a, b) => (a.workflow?.name ?? '').localeCompare(b.workflow?.name ?? ''))}
            keyOf={({ id }) => id}
          />
        )
      }
    </Loaded>
  )
}
