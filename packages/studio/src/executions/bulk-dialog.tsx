import { useMutation } from '@tanstack/react-query'
import { useState, useSyncExternalStore } from 'react'
import { refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Progress } from '../components/progress.tsx'
import { count, counted } from '../formats/numbers.ts'
import { ExecutionLink } from '../workflows/execution-link.tsx'
import type { BulkEnd, BulkProgress } from './bulk-end.ts'
import type { BulkJob, Ending } from './bulk-job.ts'

const TEXTS: Readonly<Record<Ending, { verb: string; done: string; explanation: string }>> = {
  cancel: {
    verb: 'Cancel',
    done: 'asked to end',
    explanation:
      'Each is asked to end. Its code may tidy up first, and its worker decides when it is over. This cannot be taken back.',
  },
  terminate: {
    verb: 'Terminate',
    done: 'terminated',
    explanation:
      'Each ends at once, whatever it is doing: nothing of its code runs any more, no tidying up either. This cannot be taken back.',
  },
}
const MAX_SHOWN = 200

/** Asks once more, ends the executions and shows how far it is, what failed, and how to stop. */
export function BulkDialog({ job, onClose }: { job: BulkJob; onClose: (isDone: boolean) => void }) {
  const [bulk, setBulk] = useState<BulkEnd>()
  const { verb, explanation } = TEXTS[job.ending]
  if (bulk) return <Running job={job} bulk={bulk} onClose={() => onClose(true)} />
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose(false)}
      title={`${verb} ${job.what}?`}
      description={explanation}
    >
      <DialogActions>
        <Button onClick={() => onClose(false)}>Go back</Button>
        <Button
          variant="danger"
          onClick={() => {
            const made = job.make()
            void made.run()
            setBulk(made)
          }}
        >
          {verb}
        </Button>
      </DialogActions>
    </Dialog>
  )
}

function Running({ job, bulk, onClose }: { job: BulkJob; bulk: BulkEnd; onClose: () => void }) {
  const progress = useSyncExternalStore(bulk.subscribe, () => bulk.progress)
  const resume = useMutation({ mutationFn: () => bulk.run() })
  const { verb } = TEXTS[job.ending]
  const isRunning = progress.state === 'running'
  const close = () => {
    bulk.stop()
    void refresh('listRuns', 'countRuns')
    onClose()
  }
  return (
    <Dialog open onOpenChange={(open) => !open && !isRunning && close()} title={`${verb} ${job.what}`}>
      <Progress
        label="Executions that were dealt with"
        value={
          progress.state === 'finished'
            ? 1
            : job.total === null
              ? null
              : progress.done / Math.max(1, job.total)
        }
      />
      <p role="status">{toldOf(progress, job)}</p>
      {progress.error && <p className="text-bad">{progress.error.message}</p>}
      {progress.failures.length > 0 && (
        <section aria-label="What failed" className="max-h-64 overflow-y-auto rounded-md border border-line">
          <ul className="divide-y divide-line">
            {progress.failures.slice(0, MAX_SHOWN).map(({ executionId, error }) => (
              <li key={executionId} className="px-3 py-1.5">
                <ExecutionLink executionId={executionId} />
                <p className="text-xs text-bad">{error}</p>
              </li>
            ))}
            {progress.failures.length > MAX_SHOWN && (
              <li className="px-3 py-1.5 text-muted">
                and {count(progress.failures.length - MAX_SHOWN)} more
              </li>
            )}
          </ul>
        </section>
      )}
      <DialogActions>
        {isRunning ? (
          <Button onClick={() => bulk.stop()}>Stop</Button>
        ) : (
          <>
            {progress.state !== 'finished' && (
              <Button onClick={() => resume.mutate()}>{progress.error ? 'Try again' : 'Go on'}</Button>
            )}
            <Button variant="primary" onClick={close}>
              Close
            </Button>
          </>
        )}
      </DialogActions>
    </Dialog>
  )
}

function toldOf({ state, done, failures }: BulkProgress, { ending, total }: BulkJob): string {
  const ended = `${counted(done - failures.length, 'execution')} ${TEXTS[ending].done}`
  const failed = failures.length > 0 ? `, ${count(failures.length)} failed` : ''
  const left = total !== null && state !== 'finished' && total > done ? `, ${count(total - done)} left` : ''
  const end = {
    running: '…',
    stopped: '. It was stopped.',
    interrupted: '. It was interrupted.',
    finished: '.',
  }
  return `${ended}${failed}${left}${end[state]}`
}
