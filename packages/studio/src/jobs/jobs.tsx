import { Suspense, useSyncExternalStore } from 'react'
import { lazyPart } from '../api/lazy-parts.ts'
import { jobsNow, subscribeToJobs } from './job-store.ts'

// Loaded with the first job.
const JobList = lazyPart(() => import('./job-list.tsx'), 'JobList')

/** The jobs of this page, with how far they are, and the dialog of one of them. */
export function Jobs() {
  const now = useSyncExternalStore(subscribeToJobs, jobsNow)
  if (now.jobs.length === 0) return null
  return (
    <Suspense>
      <JobList {...now} />
    </Suspense>
  )
}
