import { Link } from '@tanstack/react-router'
import type { ExecutionStatus } from '@tramontane/contract/executions'
import type { Output } from '../api/call.ts'
import type { Column } from '../components/data-table.tsx'
import { Taken, Time } from '../components/time.tsx'
import { ExecutionStatusBadge } from '../execution/execution-status.tsx'
import { ExecutionLink } from '../workflows/execution-link.tsx'

export type Run = Output<'listRuns'>['runs'][number]

const GONE_ON: ReadonlySet<ExecutionStatus> = new Set(['CONTINUED_AS_NEW', 'TERMINATED'])

/** The columns of a list of runs. */
export const runColumns = {
  status: { id: 'status', header: 'Status', cell: ({ status }) => <ExecutionStatusBadge status={status} /> },
  execution: {
    id: 'execution',
    header: 'Execution',
    className: 'w-3/5 max-w-0',
    cell: ({ execution_id, run_id, status }) => (
      // What went on in another run is not what the execution's page shows by itself.
      <ExecutionLink executionId={execution_id} runId={GONE_ON.has(status) ? run_id : undefined} />
    ),
  },
  workflow: {
    id: 'workflow',
    header: 'Workflow',
    className: 'w-2/5 max-w-0',
    cell: ({ workflow_name, workflow_id }) =>
      workflow_id === null ? (
        <span className="block truncate" title={workflow_name}>
          {workflow_name}
        </span>
      ) : (
        <Link
          to="/workflows/$workflowName"
          params={{ workflowName: workflow_name }}
          title={workflow_name}
          className="block truncate hover:underline"
        >
          {workflow_name}
        </Link>
      ),
  },
  deployment: {
    id: 'deployment',
    header: 'Deployment',
    // Where there is room for it.
    className: 'hidden max-w-48 truncate min-[1600px]:table-cell',
    cell: ({ deployment_name }) => <span title={deployment_name ?? undefined}>{deployment_name}</span>,
  },
  start: {
    id: 'start_time',
    header: 'Started',
    isSortable: true,
    cell: ({ start_time }) => <Time value={start_time} />,
  },
  end: {
    id: 'end_time',
    header: 'Ended',
    isSortable: true,
    className: 'hidden xl:table-cell',
    cell: ({ end_time }) =>
      end_time === null ? <span className="text-muted">–</span> : <Time value={end_time} />,
  },
  duration: {
    id: 'duration',
    header: 'Duration',
    align: 'right',
    className: 'whitespace-nowrap',
    cell: ({ start_time, end_time }) => <Taken from={start_time} to={end_time} />,
  },
} as const satisfies Record<string, Column<Run>>
