import type { ExecutionStatus } from '@tramontane/contract/executions'
import { Badge, type Tone } from '../components/badge.tsx'

const LOOKS: Readonly<Record<ExecutionStatus, { tone: Tone; label: string }>> = {
  RUNNING: { tone: 'accent', label: 'Running' },
  COMPLETED: { tone: 'good', label: 'Completed' },
  FAILED: { tone: 'bad', label: 'Failed' },
  CANCELED: { tone: 'warn', label: 'Canceled' },
  TERMINATED: { tone: 'bad', label: 'Terminated' },
  CONTINUED_AS_NEW: { tone: 'note', label: 'Continued as new' },
  TIMED_OUT: { tone: 'bad', label: 'Timed out' },
  RETRYING_AFTER_ERROR: { tone: 'warn', label: 'Retrying' },
}

/** How an execution, or a run of it, stands. */
export function ExecutionStatusBadge({ status }: { status: ExecutionStatus }) {
  const { tone, label } = LOOKS[status]
  return <Badge tone={tone}>{label}</Badge>
}

export function statusLabel(status: ExecutionStatus): string {
  return LOOKS[status].label
}
