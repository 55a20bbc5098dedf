import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { call, type Output } from '../api/call.ts'
import { Button } from '../components/button.tsx'
import { LoadMore } from '../components/load-more.tsx'
import { Card } from '../components/page.tsx'
import { SimpleTable } from '../components/simple-table.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { answerLabel, score } from './answer-labels.ts'
import { previewOf } from './estimate-card.tsx'
import { JudgedEvent } from './judged-event.tsx'

type Campaign = Output<'getCampaign'>
type Difference = Output<'listCampaignDifferences'>['differences'][number]

const PAGE = 25

/** The events on which two campaigns differ, or those with a chosen pair of answers; a page at a time. */
export function DifferencesList({ left, right }: { left: Campaign; right: Campaign }) {
  const search = useSearch({ from: '/shell/campaigns/compare' })
  const navigate = useNavigate({ from: '/campaigns/compare' })
  const pair =
    search.this !== undefined && search.other !== undefined
      ? { this_answer: search.this, other_answer: search.other }
      : {}
  const result = useInfiniteQuery({
    queryKey: ['listCampaignDifferences', left.id, right.id, pair],
    queryFn: ({ pageParam, signal }) =>
      call(
        'listCampaignDifferences',
        {
          params: { campaign_id: left.id, other_campaign_id: right.id },
          query: {
            ...pair,
            limit: PAGE,
            ...(pageParam === null ? {} : { after: pageParam }),
          },
        },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })
  const differences = result.data?.pages.flatMap((page) => page.differences)
  const hasPair = 'this_answer' in pair
  const chosen = differences?.find(({ event_id }) => event_id === search.event)
  const title = hasPair
    ? `${nameOf(search.this!, left)} and ${nameOf(search.other!, right)}`
    : 'Where they differ'
  return (
    <Card
      title={title}
      actions={
        hasPair && (
          <Button size="small" onClick={() => navigate({ search: { left: left.id, right: right.id } })}>
            Show all differences
          </Button>
        )
      }
    >
      {result.error ? (
        <Failure error={result.error} onRetry={result.refetch} />
      ) : !differences ? (
        <Loading />
      ) : differences.length === 0 ? (
        <Empty title={hasPair ? 'No event has this pair of answers' : 'They agree on every event'} />
      ) : (
        <div className="flex flex-col gap-3">
          <SimpleTable label="Differences" head={['Event', left.name, right.name, 'Time']}>
            {differences.map((one) => (
              <tr key={one.event_id}>
                <td className="max-w-72">
                  <button
                    type="button"
                    onClick={() => navigate({ search: (before) => ({ ...before, event: one.event_id }) })}
                    className="block w-full truncate text-left text-accent hover:underline"
                  >
                    {one.event ? previewOf(one.event) : one.event_id}
                  </button>
                </td>
                <Answered judgement={one.this} />
                <Answered judgement={one.other} />
                <td>{one.event && <Time value={one.event.created_at} />}</td>
              </tr>
            ))}
          </SimpleTable>
          <LoadMore list={result} />
        </div>
      )}
      {search.event !== undefined && (
        <JudgedEvent
          eventId={search.event}
          judgements={
            chosen
              ? [
                  { judge: left.name, ...chosen.this },
                  { judge: right.name, ...chosen.other },
                ]
              : []
          }
          onClose={() => navigate({ search: ({ event: _, ...rest }) => rest })}
        />
      )}
    </Card>
  )
}

function nameOf(answer: string, { judge: { output } }: Campaign): string {
  return answerLabel(output.type === 'REGRESSION' ? Number(answer) : answer, output)
}

function Answered({ judgement: { answer, analysis } }: { judgement: Difference['this'] }) {
  return (
    <td className="max-w-80">
      <span className="block truncate font-medium">
        {typeof answer === 'number' ? score(answer) : answer}
      </span>
      <span className="line-clamp-2 text-xs text-muted">{analysis}</span>
    </td>
  )
}
