import { Link } from '@tanstack/react-router'
import type { Output } from '../api/call.ts'
import { Badge } from '../components/badge.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Time } from '../components/time.tsx'

export type Deployment = Output<'listDeployments'>['deployments'][number]

const LOCATIONS = { local: 'local', k8s: 'Kubernetes', managed: 'managed' } as const

/** Where workers run, in words. */
export function placeText(location: Deployment['location']): string {
  if (!location) return ''
  const parts = [LOCATIONS[location.location_type], location.k8s_cluster, location.k8s_namespace]
  return parts.filter(Boolean).join(' / ')
}

/** The same, cut where there is no more room. */
export function PlaceText({ location }: { location: Deployment['location'] }) {
  const text = placeText(location)
  return (
    <span className="block truncate" title={text}>
      {text}
    </span>
  )
}

const COLUMNS: readonly Column<Deployment>[] = [
  {
    id: 'name',
    header: 'Deployment',
    className: 'w-3/5 max-w-0',
    cell: ({ name }) => (
      <Link
        to="/deployments/$deploymentName"
        params={{ deploymentName: name }}
        title={name}
        className="block truncate font-medium text-accent hover:underline"
      >
        {name}
      </Link>
    ),
  },
  {
    id: 'state',
    header: 'State',
    cell: ({ is_active }) => (is_active ? <Badge tone="good">active</Badge> : <Badge>no worker</Badge>),
  },
  {
    id: 'workers',
    header: 'Workers',
    align: 'right',
    cell: ({ active_worker_count, worker_count }) => (
      <span title={`${active_worker_count} of ${worker_count} workers are there`}>
        {active_worker_count} / {worker_count}
      </span>
    ),
  },
  {
    id: 'place',
    header: 'Where',
    className: 'w-2/5 max-w-0',
    cell: ({ location }) => <PlaceText location={location} />,
  },
  {
    id: 'created',
    header: 'First seen',
    className: 'hidden xl:table-cell',
    cell: ({ created_at }) => <Time value={created_at} />,
  },
  { id: 'updated', header: 'Last change', cell: ({ updated_at }) => <Time value={updated_at} relative /> },
]

export function DeploymentTable({ deployments }: { deployments: readonly Deployment[] }) {
  return <DataTable label="Deployments" columns={COLUMNS} rows={deployments} keyOf={({ id }) => id} />
}
