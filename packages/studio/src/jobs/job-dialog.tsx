import { type ReactNode, useSyncExternalStore } from 'react'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Progress } from '../components/progress.tsx'
import type { JobProgress, JobViewProps, PageJob } from './page-job.ts'

/** How far a job is, from 0 to 1; null if it cannot be told. */
export function shareOf({ total }: PageJob<unknown>, { state, done }: JobProgress<unknown>): number | null {
  if (state === 'finished') return 1
  return total === null ? null : done / Math.max(1, total)
}

/**
 * The dialog of a job: how far it is, what stopped it, and the way to put it away.
 * @param told says how far it is, in words
 * @param children gets what has come of it so far
 * @param actions more that can be done when it has ended
 */
export function JobDialog<R>({
  job,
  told,
  wide = false,
  children,
  actions,
  onAway,
  onClose,
}: JobViewProps & {
  job: PageJob<R>
  told: (progress: JobProgress<R>) => string
  wide?: boolean
  children?: (progress: JobProgress<R>) => ReactNode
  actions?: (progress: JobProgress<R>) => ReactNode
}) {
  const progress = useSyncExternalStore(job.subscribe, () => job.progress)
  const { state, error } = progress
  const isRunning = state === 'running'
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && (isRunning ? onAway() : onClose())}
      title={job.title}
      wide={wide}
    >
      <Progress label={job.title} value={shareOf(job as PageJob<unknown>, progress)} />
      <p role="status">{told(progress)}</p>
      {error && (
        <p role="alert" className="rounded-md border border-bad bg-bad-soft p-3 text-bad">
          {error.message}
        </p>
      )}
      {isRunning && (
        <p className="text-muted">
          It runs in this browser, and ends with it: leave the studio open. On other pages of the studio it
          goes on.
        </p>
      )}
      {children?.(progress)}
      <DialogActions>
        {isRunning ? (
          <>
            <Button onClick={() => job.stop()}>Stop</Button>
            <Button variant="primary" onClick={onAway}>
              Put away
            </Button>
          </>
        ) : (
          <>
            {state !== 'finished' && (
              <Button onClick={() => void job.run()}>{error ? 'Try again' : 'Go on'}</Button>
            )}
            <Button onClick={onClose}>Close</Button>
            {actions?.(progress)}
          </>
        )}
      </DialogActions>
    </Dialog>
  )
}
