import type { UseQueryResult } from '@tanstack/react-query'
import type { Output } from '../api/call.ts'
import { Badge } from '../components/badge.tsx'
import { Failure, Loading } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { compactCount, count, counted } from '../formats/numbers.ts'

type Estimate = Output<'estimateCampaign'>

/** How many events a campaign would judge, about how many tokens that takes, and a sample of the events. */
export function EstimateCard({
  result,
  judge,
}: {
  result: UseQueryResult<Estimate, Error>
  judge: Output<'getJudge'> | undefined
}) {
  if (result.error) return <Failure error={result.error} onRetry={result.refetch} />
  if (!result.data) return <Loading label="Counting" />
  const estimate = result.data
  if (estimate.selected === 0)
    return <p>No event matches this filter, so there is nothing to judge. Widen it.</p>
  return (
    <div className="flex flex-col gap-4" aria-busy={result.isFetching}>
      <dl className="grid grid-cols-3 gap-3">
        <Figure label="Events judged" value={count(estimate.selected)}>
          {estimate.matching_more
            ? `the newest of more than ${count(estimate.matching)}`
            : estimate.matching === estimate.selected
              ? 'all that match'
              : `the newest of ${count(estimate.matching)}`}
        </Figure>
        <Figure label="Input tokens" value={`≈ ${compactCount(estimate.input_tokens)}`}>
          {counted(Math.round(estimate.input_tokens / estimate.selected), 'token')} an event
        </Figure>
        <Figure label="Output tokens" value={`≈ ${compactCount(estimate.output_tokens)}`}>
          {judge?.model_name}
        </Figure>
      </dl>
      <p className="text-xs text-muted">
        {estimate.measured_answers > 0
          ? `Measured by ${counted(estimate.measured_answers, 'answer')} of this judge's newest campaign.`
          : 'A rule of thumb, four characters a token: this judge has not judged a campaign yet.'}{' '}
        Answers that do not fit are asked for again, which takes more.
      </p>
      <section>
        <h3 className="mb-1 font-medium">A sample</h3>
        <ul className="divide-y divide-line rounded-md border border-line">
          {estimate.sample.map(({ event, input_tokens, problem }) => (
            <li key={event.event_id} className="flex flex-col gap-0.5 px-3 py-1.5">
              <span className="flex items-center justify-between gap-3">
                <span className="truncate">{previewOf(event)}</span>
                <span className="shrink-0 text-xs text-muted tabular-nums">
                  {problem === null ? (
                    counted(input_tokens, 'token')
                  ) : (
                    <Badge tone="warn">cannot be judged</Badge>
                  )}
                </span>
              </span>
              <span className="flex gap-2 text-xs text-muted">
                <Time value={event.created_at} />
                <span className="truncate">{problem ?? String(event.extra_fields.model_name ?? '')}</span>
              </span>
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}

function Figure({ label, value, children }: { label: string; value: string; children?: React.ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="text-xl font-semibold tabular-nums">{value}</dd>
      <dd className="truncate text-xs text-muted">{children}</dd>
    </div>
  )
}

/** What an event is about, in a line. */
export function previewOf({ extra_fields }: { extra_fields: Record<string, unknown> }): string {
  const { last_user_message_preview: question, response_messages_preview: answer } = extra_fields
  return String(question ?? answer ?? '(no text)')
}
