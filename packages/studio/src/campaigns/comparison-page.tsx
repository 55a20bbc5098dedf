import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ArrowLeftRight } from 'lucide-react'
import type { Output } from '../api/call.ts'
import { query } from '../api/query.ts'
import { Choice } from '../choices/choice.tsx'
import { campaigns } from '../choices/named-things.ts'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { Card, Page } from '../components/page.tsx'
import { Empty, Loaded } from '../components/states.tsx'
import { count, counted, percent } from '../formats/numbers.ts'
import { score } from './answer-labels.ts'
import type { ComparisonSearch } from './campaign-search.ts'
import { ComparisonMatrix } from './comparison-matrix.tsx'
import { DifferencesList } from './differences-list.tsx'

type Campaign = Output<'getCampaign'>

/** Two campaigns side by side: how their answers go together, and the events on which they differ. */
export function ComparisonPage() {
  const search = useSearch({ from: '/shell/campaigns/compare' })
  const navigate = useNavigate({ from: '/campaigns/compare' })
  const { left, right } = search
  const choose = (changes: ComparisonSearch) =>
    navigate({
      search: ({ left: one, right: two }) =>
        Object.fromEntries(
          Object.entries({ left: one, right: two, ...changes }).filter(([, value]) => value),
        ) as ComparisonSearch,
    })
  return (
    <Page title="Compare two campaigns">
      <div className="flex flex-col gap-4">
        <div className="grid grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)] items-end gap-3">
          <CampaignChoice label="One campaign" value={left} onChange={(id) => choose({ left: id })} />
          <Button
            size="icon"
            aria-label="Swap them"
            disabled={!left && !right}
            onClick={() => choose({ left: right, right: left } as ComparisonSearch)}
          >
            <ArrowLeftRight />
          </Button>
          <CampaignChoice label="The other one" value={right} onChange={(id) => choose({ right: id })} />
        </div>
        {left === undefined || right === undefined ? (
          <Empty title="Choose two campaigns">
            <p>What both have judged is compared, event by event: two judges, or two revisions of one.</p>
          </Empty>
        ) : (
          <Comparison left={left} right={right} />
        )}
      </div>
    </Page>
  )
}

function CampaignChoice({
  label,
  value,
  onChange,
}: {
  label: string
  value: string | undefined
  onChange: (id: string) => void
}) {
  const chosen = useQuery({
    ...query('getCampaign', { params: { campaign_id: value ?? '' } }),
    enabled: value !== undefined,
  })
  return (
    <Field label={label}>
      <Choice
        things={campaigns}
        words="Choose a campaign"
        chosen={
          value === undefined
            ? undefined
            : { id: value, name: chosen.data ? `${chosen.data.name} (${chosen.data.judge.name})` : value }
        }
        onChoose={(campaign) => onChange(campaign!.id)}
        empty="Start two, then they can be compared."
      />
    </Field>
  )
}

function Comparison({ left, right }: { left: string; right: string }) {
  const search = useSearch({ from: '/shell/campaigns/compare' })
  const navigate = useNavigate({ from: '/campaigns/compare' })
  const one = useQuery(query('getCampaign', { params: { campaign_id: left } }))
  const two = useQuery(query('getCampaign', { params: { campaign_id: right } }))
  const result = useQuery(
    query('compareCampaigns', { params: { campaign_id: left, other_campaign_id: right } }),
  )
  return (
    <Loaded result={one}>
      {(first) => (
        <Loaded result={two}>
          {(second) => (
            <Loaded result={result}>
              {(comparison) =>
                comparison.both === 0 ? (
                  <Empty title="They have judged no event in common">
                    <p>
                      Start a campaign with the same filter, or choose others.{' '}
                      {counted(comparison.only_this, 'event')} and {counted(comparison.only_other, 'event')}{' '}
                      were judged by one of them only.
                    </p>
                  </Empty>
                ) : (
                  <>
                    <Figures comparison={comparison} left={first} right={second} />
                    <Card title="How the answers go together">
                      <ComparisonMatrix
                        comparison={comparison}
                        left={first}
                        right={second}
                        chosen={
                          search.this !== undefined && search.other !== undefined
                            ? { this: search.this, other: search.other }
                            : undefined
                        }
                        onChoose={(pair) => navigate({ search: { left, right, ...pair } })}
                      />
                    </Card>
                    <DifferencesList left={first} right={second} />
                  </>
                )
              }
            </Loaded>
          )}
        </Loaded>
      )}
    </Loaded>
  )
}

function Figures({
  comparison,
  left,
  right,
}: {
  comparison: Output<'compareCampaigns'>
  left: Campaign
  right: Campaign
}) {
  const { both, agreeing, kappa, correlation, mean_difference, only_this, only_other } = comparison
  const figures: [label: string, value: string, explained: string][] = [
    [
      'Judged by both',
      count(both),
      `and ${count(only_this)} by ${left.name} only, ${count(only_other)} by ${right.name} only`,
    ],
    ['The same answer', percent(agreeing / both), counted(agreeing, 'event')],
  ]
  if (kappa !== null)
    figures.push(["Cohen's kappa", kappa.toFixed(2), '1: always agree; 0: as often as by chance'])
  if (correlation !== null) figures.push(['Correlation', correlation.toFixed(2), "Pearson's, from −1 to 1"])
  if (mean_difference !== null)
    figures.push(['Mean distance', score(mean_difference), 'between the two scores'])
  return (
    <dl className="grid grid-cols-4 gap-4">
      {figures.map(([label, value, explained]) => (
        <div key={label} className="flex min-w-0 flex-col">
          <dt className="text-xs text-muted">{label}</dt>
          <dd className="text-xl font-semibold tabular-nums">{value}</dd>
          <dd className="text-xs text-muted">{explained}</dd>
        </div>
      ))}
    </dl>
  )
}
