import { refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { count, counted } from '../formats/numbers.ts'
import { JobDialog } from '../jobs/job-dialog.tsx'
import { startJob } from '../jobs/job-store.ts'
import { type JobProgress, PageJob } from '../jobs/page-job.ts'
import { ExecutionLink } from '../workflows/execution-link.tsx'
import type { BulkFailure } from './bulk-end.ts'
import type { BulkPlan, Ending } from './bulk-plan.ts'

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

/** Asks once more, then begins. */
export function BulkDialog({ plan, onClose }: { plan: BulkPlan; onClose: (hasBegun: boolean) => void }) {
  const { verb, explanation } = TEXTS[plan.ending]
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose(false)}
      title={`${verb} ${plan.what}?`}
      description={explanation}
    >
      <DialogActions>
        <Button onClick={() => onClose(false)}>Go back</Button>
        <Button
          variant="danger"
          onClick={() => {
            startJob(jobOf(plan))
            onClose(true)
          }}
        >
          {verb}
        </Button>
      </DialogActions>
    </Dialog>
  )
}

function jobOf(plan: BulkPlan): PageJob<BulkFailure> {
  const work = plan.work()
  const job: PageJob<BulkFailure> = new PageJob({
    title: `${TEXTS[plan.ending].verb} ${plan.what}`,
    total: plan.total,
    work: async (report, signal) => {
      try {
        await work(report, signal)
      } finally {
        void refresh('listRuns', 'countRuns')
      }
    },
    View: (props) => (
      <JobDialog job={job} told={(progress) => toldOf(progress, plan)} {...props}>
        {({ results }) => results.length > 0 && <Failures failures={results} />}
      </JobDialog>
    ),
  })
  return job
}

function Failures({ failures }: { failures: readonly BulkFailure[] }) {
  return (
    <section aria-label="What failed" className="max-h-64 overflow-y-auto rounded-md border border-line">
      <ul className="divide-y divide-line">
        {failures.slice(0, MAX_SHOWN).map(({ executionId, error }) => (
          <li key={executionId} className="px-3 py-1.5">
            <ExecutionLink executionId={executionId} />
            <p className="text-xs text-bad">{error}</p>
          </li>
        ))}
        {failures.length > MAX_SHOWN && (
          <li className="px-3 py-1.5 text-muted">and {count(failures.length - MAX_SHOWN)} more</li>
        )}
      </ul>
    </section>
  )
}

function toldOf(
  { state, done, failed: failures }: JobProgress<BulkFailure>,
  { ending, total }: BulkPlan,
): string {
  const ended = `${counted(done - failures, 'execution')} ${TEXTS[ending].done}`
  const failed = failures > 0 ? `, ${count(failures)} failed` : ''
  const left = total !== null && state !== 'finished' && total > done ? `, ${count(total - done)} left` : ''
  const end = {
    running: '…',
    stopped: '. It was stopped.',
    interrupted: '. It was interrupted.',
    finished: '.',
  }
  return `${ended}${failed}${left}${end[state]}`
}
