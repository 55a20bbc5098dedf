import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { call, type Output } from '../api/call.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { Select } from '../components/input.tsx'
import { LoadMore } from '../components/load-more.tsx'
import { SimpleTable } from '../components/simple-table.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { score } from './answer-labels.ts'
import type { CampaignSearch } from './campaign-search.ts'
import { previewOf } from './estimate-card.tsx'
import { JudgedEvent } from './judged-event.tsx'

type Outcome = Output<'listCampaignOutcomes'>['outcomes'][number]

const PAGE = 50
const NOT_A_FILTER: readonly (keyof CampaignSearch)[] = ['tab', 'group', 'event']

/** The events of a campaign, with what became of each. */
export function OutcomesTab({ campaign }: { campaign: Output<'getCampaign'> }) {
  const search = useSearch({ from: '/shell/campaigns/$campaignId' })
  const navigate = useNavigate({ from: '/campaigns/$campaignId' })
  const { label, from, to, state, reason, event } = search
  const filter = {
    ...(label === undefined ? {} : { label }),
    ...(from === undefined ? {} : { min_score: from }),
    ...(to === undefined ? {} : { max_score: to }),
    ...(state === undefined ? {} : { state }),
    ...(reason === undefined ? {} : { reason }),
  }
  const result = useInfiniteQuery({
    queryKey: ['listCampaignOutcomes', campaign.id, filter],
    queryFn: ({ pageParam, signal }) =>
      call(
        'listCampaignOutcomes',
        { params: { campaign_id: campaign.id }, query: { ...filter, after: pageParam, limit: PAGE } },
        { signal },
      ),
    initialPageParam: -1,
    getNextPageParam: ({ next }) => next,
  })
  const outcomes = result.data?.pages.flatMap((page) => page.outcomes)
  const hasFilter = Object.keys(search).some((key) => !NOT_A_FILTER.includes(key as keyof CampaignSearch))
  const chosen = outcomes?.find(({ event_id }) => event_id === event)
  const move = (changes: CampaignSearch) =>
    navigate({ search: ({ tab, group }) => ({ ...only({ tab, group }), ...changes }) })
  return (
    <div className="flex flex-col gap-3 p-6">
      <div className="flex items-center gap-2">
        <Select
          aria-label="State"
          className="w-44!"
          value={state ?? ''}
          onChange={(changed) =>
            move(only({ state: (changed.target.value || undefined) as Outcome['state'] }))
          }
        >
          <option value="">Any state</option>
          <option value="judged">Judged</option>
          <option value="failed">Failed</option>
          <option value="pending">Waiting</option>
        </Select>
        {label !== undefined && <Chip text={`Answer: ${label}`} onRemove={() => move({})} />}
        {from !== undefined && to !== undefined && (
          <Chip text={`Score from ${score(from)} to ${score(to)}`} onRemove={() => move({})} />
        )}
        {reason !== undefined && <Chip text={`Reason: ${reason}`} onRemove={() => move({})} />}
      </div>
      {result.error ? (
        <Failure error={result.error} onRetry={result.refetch} />
      ) : !outcomes ? (
        <Loading />
      ) : outcomes.length === 0 ? (
        <Empty title="No event is like this">
          {hasFilter && <Button onClick={() => move({})}>Show all events</Button>}
        </Empty>
      ) : (
        <>
          <SimpleTable label="Events" head={['Event', 'Answer', 'Why', 'Model', 'Time']}>
            {outcomes.map((outcome) => (
              <OutcomeRow
                key={outcome.event_id}
                outcome={outcome}
                onOpen={() => navigate({ search: (before) => ({ ...before, event: outcome.event_id }) })}
              />
            ))}
          </SimpleTable>
          <LoadMore list={result} />
        </>
      )}
      {event !== undefined && (
        <JudgedEvent
          eventId={event}
          judgements={chosen ? [{ judge: campaign.judge.name, ...chosen }] : []}
          onClose={() => navigate({ search: ({ event: _, ...rest }) => rest })}
        />
      )}
    </div>
  )
}

function only<T extends object>(values: T): CampaignSearch {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

function Chip({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-1 rounded-md border border-line bg-surface pl-2.5">
      <span className="truncate">{text}</span>
      <Button
        variant="quiet"
        size="icon"
        className="size-7"
        aria-label={`Remove: ${text}`}
        onClick={onRemove}
      >
        <X />
      </Button>
    </span>
  )
}

function OutcomeRow({ outcome, onOpen }: { outcome: Outcome; onOpen: () => void }) {
  const { event, state, answer, analysis, reason } = outcome
  return (
    <tr>
      <td className="max-w-44 xl:max-w-72">
        <button
          type="button"
          onClick={onOpen}
          className="block w-full truncate text-left text-accent hover:underline"
        >
          {event ? previewOf(event) : outcome.event_id}
        </button>
      </td>
      <td className="max-w-32 xl:max-w-40">
        {state === 'judged' ? (
          <span className="block truncate font-medium">
            {typeof answer === 'number'
              ? score(answer)
              : (answer ?? <span className="text-muted">forgotten</span>)}
          </span>
        ) : (
          <Badge tone={state === 'failed' ? 'bad' : 'plain'}>
            {state === 'failed' ? 'failed' : 'waiting'}
          </Badge>
        )}
      </td>
      <td className="max-w-96">
        <span className={state === 'failed' ? 'line-clamp-2 text-bad' : 'line-clamp-2 text-muted'}>
          {reason ?? analysis}
        </span>
      </td>
      <td className="max-w-32 xl:max-w-40 truncate font-mono text-xs">
        {String(event?.extra_fields.model_name ?? '')}
      </td>
      <td>
        {event ? <Time value={event.created_at} /> : <span className="text-muted">not stored any more</span>}
      </td>
    </tr>
  )
}
