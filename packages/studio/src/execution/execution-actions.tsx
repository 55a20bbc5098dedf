import { useMutation } from '@tanstack/react-query'
import { Ban, CircleStop, RotateCcw } from 'lucide-react'
import { Suspense, useState } from 'react'
import { call } from '../api/call.ts'
import { lazyPart } from '../api/lazy-parts.ts'
import { refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { complain, say } from '../components/toasts.tsx'
import { useMay } from '../session/session.ts'
import { useResetRequests } from './reset-request.ts'
import type { ShownExecution } from './use-execution.ts'

const ResetDialog = lazyPart(() => import('./reset-dialog.tsx'), 'ResetDialog')

/** Ends an execution, or takes it back to an earlier point. */
export function ExecutionActions({ execution }: { execution: ShownExecution }) {
  const mayWrite = useMay('write')
  const confirm = useConfirm()
  const [resetTo, setResetTo] = useState<number | null>()
  useResetRequests(setResetTo)
  const end = useMutation({
    mutationFn: (how: 'cancelExecution' | 'terminateExecution') =>
      call(how, { params: { execution_id: execution.executionId } }),
    onSuccess: (_, how) => {
      say(
        how === 'cancelExecution'
          ? 'The execution was asked to end; its worker decides when.'
          : 'The execution was terminated.',
      )
      return refresh('getExecution', 'getRunDetails', 'listExecutionRuns', 'listRuns')
    },
    onError: complain,
  })
  if (!mayWrite || !execution.isNewest) return null
  const terminate = async () => {
    const isSure = await confirm({
      title: `Terminate the execution “${execution.executionId}”?`,
      text: 'It ends at once, without cleaning up: its code is told nothing, and what it has begun elsewhere stays as it is. This cannot be undone, but the execution can be reset to an earlier point.',
      action: 'Terminate',
    })
    if (isSure) end.mutate('terminateExecution')
  }
  return (
    <>
      {execution.isOpen && (
        <>
          <Button onClick={() => end.mutate('cancelExecution')} disabled={end.isPending}>
            <Ban aria-hidden /> Cancel
          </Button>
          <Button variant="danger" onClick={terminate} disabled={end.isPending}>
            <CircleStop aria-hidden /> Terminate…
          </Button>
        </>
      )}
      <Button onClick={() => setResetTo(null)}>
        <RotateCcw aria-hidden /> Reset…
      </Button>
      {resetTo !== undefined && (
        <Suspense>
          <ResetDialog execution={execution} point={resetTo} onClose={() => setResetTo(undefined)} />
        </Suspense>
      )}
    </>
  )
}
