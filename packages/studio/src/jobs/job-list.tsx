import { useLocation } from '@tanstack/react-router'
import { Maximize2, Square, X } from 'lucide-react'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { Button } from '../components/button.tsx'
import { Progress } from '../components/progress.tsx'
import { count } from '../formats/numbers.ts'
import { shareOf } from './job-dialog.tsx'
import { type AnyJob, dropJob, showJob } from './job-store.ts'

const ENDS = { running: '', stopped: 'stopped, ', interrupted: 'interrupted, ', finished: 'done, ' }

/** A line for each job of this page, and the dialog of the one that is looked at. */
export function JobList({ jobs, open }: { jobs: readonly AnyJob[]; open: AnyJob | undefined }) {
  const { pathname } = useLocation()
  const shown = useRef(pathname)
  useEffect(() => {
    // A link in the dialog leads to another page, which the dialog would cover.
    if (shown.current !== pathname) showJob(undefined)
    shown.current = pathname
  }, [pathname])
  return (
    <>
      <section
        aria-label="Work in this browser"
        className="max-h-48 shrink-0 divide-y divide-line overflow-y-auto border-t border-line"
      >
        {jobs.map((job) => (
          <JobLine key={job.id} job={job} />
        ))}
      </section>
      {open && <open.View key={open.id} onAway={() => showJob(undefined)} onClose={() => dropJob(open)} />}
    </>
  )
}

function JobLine({ job }: { job: AnyJob }) {
  const progress = useSyncExternalStore(job.subscribe, () => job.progress)
  const { state, done, failed } = progress
  const { title, total } = job
  const isRunning = state === 'running'
  // Last when it has ended: whoever clicks twice to stop it would dismiss it, with what came of it.
  const show = (
    <Button variant="quiet" size="icon" aria-label={`Show: ${title}`} onClick={() => showJob(job)}>
      <Maximize2 />
    </Button>
  )
  return (
    <div className="flex flex-col gap-1 px-3 py-2">
      <div className="flex items-center">
        <p className="min-w-0 flex-1 truncate text-xs font-medium" title={title}>
          {title}
        </p>
        {isRunning && show}
        {isRunning ? (
          <Button variant="quiet" size="icon" aria-label={`Stop: ${title}`} onClick={() => job.stop()}>
            <Square />
          </Button>
        ) : (
          <Button variant="quiet" size="icon" aria-label={`Dismiss: ${title}`} onClick={() => dropJob(job)}>
            <X />
          </Button>
        )}
        {!isRunning && show}
      </div>
      <Progress label={title} value={shareOf(job, progress)} />
      <p className="text-xs text-muted tabular-nums">
        <span role="status">{ENDS[state]}</span>
        {count(done)}
        {total !== null && ` of ${count(total)}`}
        {failed > 0 && <span className="text-bad">, {count(failed)} failed</span>}
      </p>
    </div>
  )
}
