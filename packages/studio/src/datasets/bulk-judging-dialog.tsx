import { Gavel } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { call } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import { Choice } from '../choices/choice.tsx'
import { type Judge, type JudgeThing, judges } from '../choices/named-things.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Progress } from '../components/progress.tsx'
import { complain, say } from '../components/toasts.tsx'
import { count, counted, percent } from '../formats/numbers.ts'
import { answerCounts, judgeAll, type Outcome } from './bulk-judging.ts'
import { readRecord } from './exact-record.ts'
import { judgeRecord } from './judge-record.ts'

const SHOWN = 200

/** Has a saved judge judge the selected records, and shows what it says; the answers can be kept as properties. */
export function BulkJudgingDialog({ ids, onClose }: { ids: readonly string[]; onClose: () => void }) {
  const [chosen, setChosen] = useState<JudgeThing>()
  const [judge, setJudge] = useState<Judge>()
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([])
  const [state, setState] = useState<'choosing' | 'judging' | 'done'>('choosing')
  const [reason, setReason] = useState<string>()
  const [isKeeping, setKeeping] = useState(false)
  const stop = useRef<AbortController>(null)
  useEffect(() => () => stop.current?.abort(), [])

  const begin = async (used: Judge) => {
    stop.current = new AbortController()
    setJudge(used)
    setState('judging')
    setOutcomes([])
    setReason(
      await judgeAll(ids, (id, signal) => judgeRecord(id, used, signal), {
        signal: stop.current.signal,
        onOutcome: (outcome) => setOutcomes((before) => [...before, outcome]),
      }),
    )
    setState('done')
  }

  const keep = async () => {
    setKeeping(true)
    try {
      for (const outcome of outcomes) {
        if (!('verdict' in outcome)) continue
        const params = { dataset_record_id: outcome.recordId }
        const { record, rounding } = await readRecord(outcome.recordId)
        if (rounding) throw rounding
        const { answer, analysis } = outcome.verdict
        const kept = { ...record.properties, judge_id: judge!.id, judge_name: judge!.name, answer, analysis }
        await call('replaceDatasetRecordProperties', { params, body: { properties: kept } })
      }
      say('The answers were written into the properties.')
      onClose()
    } catch (error) {
      complain(error)
    } finally {
      setKeeping(false)
      await refresh('getDatasetRecord', 'listDatasetRecordPreviews')
    }
  }

  const judged = outcomes.filter((outcome) => 'verdict' in outcome).length
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Judge ${counted(ids.length, 'record')}`}
      description="With a saved judge, now. Each record costs a call of the judge's model."
      wide={state !== 'choosing'}
    >
      {state === 'choosing' ? (
        <>
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
            <Button variant="primary" disabled={!chosen} onClick={() => chosen && begin(chosen.judge)}>
              <Gavel aria-hidden /> Judge
            </Button>
          </DialogActions>
        </>
      ) : (
        <>
          <p role="status">
            {count(outcomes.length)} of {counted(ids.length, 'record')}: {count(judged)} judged
            {outcomes.length > judged && `, ${count(outcomes.length - judged)} failed`}
          </p>
          <Progress value={outcomes.length / ids.length} label="Judging" />
          {reason !== undefined && (
            <p role="alert" className="rounded-md border border-bad bg-bad-soft p-3 text-bad">
              The judging was given up: {reason}
            </p>
          )}
          <Answers outcomes={outcomes} judged={judged} />
          <Outcomes ids={ids} outcomes={outcomes} />
          <DialogActions>
            {state === 'judging' ? (
              <Button onClick={() => stop.current?.abort()}>Stop</Button>
            ) : (
              <>
                <Button onClick={onClose}>Close</Button>
                <Button variant="primary" disabled={judged === 0 || isKeeping} onClick={keep}>
                  {isKeeping ? 'Writing…' : 'Keep the answers as properties'}
                </Button>
              </>
            )}
          </DialogActions>
        </>
      )}
    </Dialog>
  )
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
