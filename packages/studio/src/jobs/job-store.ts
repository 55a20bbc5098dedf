import type { PageJob } from './page-job.ts'

export type AnyJob = PageJob<unknown>

let jobs: readonly AnyJob[] = []
/** The one whose dialog is open. */
let open: AnyJob | undefined
let state = { jobs, open }
const listeners = new Set<() => void>()

function set(nextJobs: readonly AnyJob[], nextOpen: AnyJob | undefined): void {
  jobs = nextJobs
  open = nextOpen
  state = { jobs, open }
  for (const listener of listeners) listener()
}

function ask(event: BeforeUnloadEvent): void {
  if (jobs.some(({ progress }) => progress.state === 'running')) event.preventDefault()
}

/** Begins a job and opens its dialog. It goes on whatever page is shown, until the studio is left, which asks first. */
export function startJob<R>(job: PageJob<R>): void {
  addEventListener('beforeunload', ask)
  void job.run()
  set([...jobs, job as AnyJob], job as AnyJob)
}

/** Opens the dialog of a job; undefined: puts away the one that is open. */
export function showJob(job: AnyJob | undefined): void {
  set(jobs, job)
}

/** Forgets a job that has ended. */
export function dropJob(job: AnyJob): void {
  set(
    jobs.filter((one) => one !== job),
    open === job ? undefined : open,
  )
}

/** The jobs of this page, and which of them is looked at. */
export function jobsNow(): typeof state {
  return state
}

export function subscribeToJobs(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
