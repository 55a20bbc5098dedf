import { Link } from '@tanstack/react-router'

/**
 * Leads to an execution; ids that were made up are long and are cut at their end.
 * @param runId of one that is not the newest
 */
export function ExecutionLink({ executionId, runId }: { executionId: string; runId?: string | undefined }) {
  return (
    <Link
      to="/executions/$executionId"
      params={{ executionId }}
      search={runId === undefined ? {} : { run: runId }}
      title={executionId}
      preload={false}
      className="block max-w-72 truncate font-mono text-xs text-accent hover:underline"
    >
      {executionId}
    </Link>
  )
}
