import { useQuery } from '@tanstack/react-query'
import { query } from '../api/query.ts'
import { Empty, Loaded } from '../components/states.tsx'
import { DeploymentTable } from '../deployments/deployment-table.tsx'
import type { Workflow } from './workflow.ts'

const EVERY_MS = 10_000

/** The deployments that have registered a workflow. One is active here if a worker of it runs this workflow. */
export function WorkflowDeployments({ workflow }: { workflow: Workflow }) {
  const result = useQuery({
    ...query('listDeployments', { query: { workflow_name: workflow.name, active_only: false, limit: 100 } }),
    refetchInterval: EVERY_MS,
  })
  return (
    <Loaded result={result}>
      {({ deployments }) =>
        deployments.length === 0 ? (
          <Empty title="No deployment runs this workflow.">
            Start a worker with it; its deployment appears here by itself.
          </Empty>
        ) : (
          <DeploymentTable deployments={deployments} />
        )
      }
    </Loaded>
  )
}
