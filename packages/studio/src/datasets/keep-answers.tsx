import { call } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import type { Judge } from '../choices/named-things.ts'
import { say } from '../components/toasts.tsx'
import { count, counted } from '../formats/numbers.ts'
import { JobDialog } from '../jobs/job-dialog.tsx'
import { PageJob } from '../jobs/page-job.ts'
import type { Outcome } from './bulk-judging.ts'
import { readRecord } from './exact-record.ts'

/** Writes what a judge said of records into their properties. */
export function keepingJob(outcomes: readonly Outcome[], judge: Judge): PageJob<never> {
  const left = outcomes.filter((outcome) => 'verdict' in outcome)
  const total = left.length
  const job: PageJob<never> = new PageJob({
    title: `Keep ${counted(total, 'answer')}`,
    total,
    work: async (report, signal) => {
      try {
        while (left[0] && !signal.aborted) {
          const { recordId, verdict } = left[0]
          const { record, rounding } = await readRecord(recordId, signal)
          if (rounding) throw rounding
          const { answer, analysis } = verdict
          const kept = { ...record.properties, judge_id: judge.id, judge_name: judge.name, answer, analysis }
          const params = { dataset_record_id: recordId }
          await call('replaceDatasetRecordProperties', { params, body: { properties: kept } })
          left.shift()
          report({ done: 1, failed: 0, results: [] })
        }
        if (!left[0]) say('The answers were written into the properties.')
      } finally {
        await refresh('getDatasetRecord', 'listDatasetRecordPreviews')
      }
    },
    View: (props) => (
      <JobDialog
        job={job}
        told={({ done }) => `${count(done)} of ${counted(total, 'answer')} written into the properties`}
        {...props}
      />
    ),
  })
  return job
}
