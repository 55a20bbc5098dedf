import { Gavel } from 'lucide-react'
import { useState } from 'react'
import { Choice } from '../choices/choice.tsx'
import { type Judge, type JudgeThing, judges } from '../choices/named-things.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { count, counted, percent } from '../formats/numbers.ts'
import { JobDialog } from '../jobs/job-dialog.tsx'
import { startJob } from '../jobs/job-store.ts'
import { PageJob } from '../jobs/page-job.ts'
import { answerCounts, judgeEach, type Outcome } from './bulk-judging.ts'
import { judgeRecord } from './judge-record.ts'
import { keepingJob } from './keep-answers.tsx'

const SHOWN = 200

/** Chooses the saved judge that judges the selected records, and begins. */
export function BulkJudgingDialog({ ids, onClose }: { ids: readonly string[]; onClose: () => void }) {
  const [chosen, setChosen] = useState<JudgeThing>()
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={titleOf(ids)}
      description="With a saved judge, now. Each record costs a call of the judge's model."
    >
      <Field label="Judge">
        <Choice
          things={judges}
          words="Choose a judge"
          chosen={chosen}
          onChoose={setChosen}
          empty="Make one under Judges; then it can judge these records."
        />
      </Field>
      <DialogActions>
        <Button onClick={onClose}>Go back</Button>
        <Button
          variant="primary"
          disabled={!chosen}
          onClick={() => {
            startJob(judgingJob(ids, chosen!.judge))
            onClose()
          }}
        >
          <Gavel aria-hidden /> Judge
        </Button>
      </DialogActions>
    </Dialog>
  )
}

function titleOf(ids: readonly string[]): string {
  return `Judge ${counted(ids.length, 'record')}`
}

/** Has a judge judge records, and shows what it says; the answers can be kept as properties. */
function judgingJob(ids: readonly string[], judge: Judge): PageJob<Outcome> {
  const job: PageJob<Outcome> = new PageJob({
    title: titleOf(ids),
    total: ids.length,
    work: judgeEach(ids, (id, signal) => judgeRecord(id, judge, signal)),
    View: (props) => (
      <JobDialog
        job={job}
        wide
        told={({ done, failed }) =>
          `${count(done)} of ${counted(ids.length, 'record')}: ${count(done - failed)} judged${failed > 0 ? `, ${count(failed)} failed` : ''}`
        }
        actions={({ results, done, failed }) => (
          <Button
            variant="primary"
            disabled={done === failed}
            onClick={() => {
              props.onClose()
              startJob(keepingJob(results, judge))
            }}
          >
            Keep the answers as properties
          </Button>
        )}
        {...props}
      >
        {({ results, done, failed }) => (
          <>
            <Answers outcomes={results} judged={done - failed} />
            <Outcomes ids={ids} outcomes={results} />
          </>
        )}
      </JobDialog>
    ),
  })
  return job
}

const SHOWN_ANSWERS = 12

function Answers({ outcomes, judged }: { outcomes: readonly Outcome[]; judged: number }) {
  const counts = answerCounts(outcomes)
  if (counts.length === 0) return null
  return (
    <ul aria-label="Answers" className="flex flex-col gap-1">
      {counts.slice(0, SHOWN_ANSWERS).map(({ answer, count: times }) => (
        <li key={answer} className="grid grid-cols-[10rem_1fr_6rem] items-center gap-3">
          <span className="truncate">{answer}</span>
          <span className="h-2 rounded-full bg-sunken">
            <span
              className="block h-2 rounded-full bg-accent"
              style={{ width: `${(100 * times) / judged}%` }}
            />
          </span>
          <span className="text-right text-muted tabular-nums">
            {count(times)} · {percent(times / judged)}
          </span>
        </li>
      ))}
    </ul>
  )
}

function Outcomes({ ids, outcomes }: { ids: readonly string[]; outcomes: readonly Outcome[] }) {
  if (outcomes.length === 0) return null
  return (
    <section
      aria-label="What was said of each record"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="max-h-80 overflow-y-auto rounded-md border border-line"
    >
      <ol>
        {outcomes.slice(0, SHOWN).map((outcome) => (
          <li
            key={outcome.recordId}
            className="grid grid-cols-[4.5rem_9rem_1fr] gap-3 border-b border-line px-3 py-1.5 last:border-b-0"
          >
            <span className="text-muted tabular-nums">{count(ids.indexOf(outcome.recordId) + 1)}.</span>
            {'verdict' in outcome ? (
              <>
                <span className="font-medium break-words">{String(outcome.verdict.answer)}</span>
                <span className="break-words whitespace-pre-wrap">{outcome.verdict.analysis}</span>
              </>
            ) : (
              <span className="col-span-2 break-words text-bad">{outcome.error}</span>
            )}
          </li>
        ))}
      </ol>
      {outcomes.length > SHOWN && <p className="p-2 text-muted">The first {SHOWN} are shown.</p>}
    </section>
  )
}
