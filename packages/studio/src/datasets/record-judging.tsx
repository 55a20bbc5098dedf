import { useMutation } from '@tanstack/react-query'
import { Gavel } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Choice } from '../choices/choice.tsx'
import { type JudgeThing, judges } from '../choices/named-things.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { Failure } from '../components/states.tsx'
import { duration } from '../formats/durations.ts'
import { answerText, judgeRecord } from './judge-record.ts'

/** Has a saved judge judge one record, and shows what it says and why. */
export function RecordJudging({ recordId }: { recordId: string }) {
  const [chosen, setChosen] = useState<JudgeThing>()
  const stop = useRef<AbortController>(null)
  const judging = useMutation({
    mutationFn: async ({ judge }: JudgeThing) => {
      stop.current = new AbortController()
      const started = performance.now()
      const verdict = await judgeRecord(recordId, judge, stop.current.signal)
      return { verdict, judge, took: performance.now() - started }
    },
  })
  useEffect(() => () => stop.current?.abort(), [])
  const { data } = judging
  const wasStopped = stop.current?.signal.aborted ?? false
  return (
    <div className="flex flex-col gap-4">
      <Field label="Judge">
        <Choice
          things={judges}
          words="Choose a judge"
          chosen={chosen}
          onChoose={setChosen}
          empty="Make one under Judges; then it can judge this record."
        />
      </Field>
      <div className="flex items-center gap-3">
        <Button
          variant="primary"
          disabled={!chosen || judging.isPending}
          onClick={() => chosen && judging.mutate(chosen)}
        >
          <Gavel aria-hidden /> {judging.isPending ? 'Judging…' : 'Judge this record'}
        </Button>
        {judging.isPending && <Button onClick={() => stop.current?.abort()}>Stop</Button>}
      </div>
      {judging.error && !wasStopped && <Failure error={judging.error} />}
      {data && !judging.isPending && (
        <section
          aria-label="What the judge says"
          className="flex flex-col gap-2 rounded-lg border border-line p-3"
        >
          <div className="flex flex-wrap items-center gap-2">
            <Badge tone="accent">{answerText(data.verdict.answer, data.judge)}</Badge>
            <span className="text-muted">
              {data.judge.name}, {data.judge.model_name}, {duration(data.took)}
            </span>
          </div>
          <p className="break-words whitespace-pre-wrap">
            {data.verdict.analysis || <span className="text-muted italic">without an analysis</span>}
          </p>
        </section>
      )}
    </div>
  )
}
