import { getRouteApi, Link } from '@tanstack/react-router'
import { Badge } from '../components/badge.tsx'
import { CopyButton } from '../components/copy-button.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty, Loaded } from '../components/states.tsx'
import { HandlerNames } from './handler-names.tsx'
import { type Registration, useRegistrations } from './registrations-query.ts'
import type { Workflow } from './workflow.ts'

const route = getRouteApi('/shell/workflows/$workflowName')

/** Each definition that a deployment has registered under the workflow's name. */
export function WorkflowRegistrations({ workflow }: { workflow: Workflow }) {
  const { all, activeIds } = useRegistrations(workflow.id)
  const columns: Column<Registration>[] = [
    {
      id: 'id',
      header: 'Registration',
      cell: ({ id }) => (
        <span className="flex items-center gap-1">
          <route.Link
            to="."
            search={{ tab: 'definition', registration: id }}
            className="font-mono text-xs text-accent hover:underline"
          >
            {id}
          </route.Link>
          <CopyButton text={id} label="Copy the id" />
        </span>
      ),
    },
    {
      id: 'deployment',
      header: 'Deployment',
      className: 'w-1/2 max-w-0',
      cell: ({ deployment_name }) => (
        <Link
          to="/deployments/$deploymentName"
          params={{ deploymentName: deployment_name }}
          title={deployment_name}
          className="block truncate text-accent hover:underline"
        >
          {deployment_name}
        </Link>
      ),
    },
    {
      id: 'active',
      header: 'Worker',
      cell: ({ id }) => (activeIds.has(id) ? <Badge tone="good">active</Badge> : <Badge>none</Badge>),
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
          <Empty title="No deployment has registered this workflow." />
        ) : (
          <DataTable label="Registrations" columns={columns} rows={rows} keyOf={({ id }) => id} />
        )
      }
    </Loaded>
  )
}
