import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { JudgeDefinition } from '@tramontane/contract/judges'
import type { Output } from '../api/call.ts'
import { query } from '../api/query.ts'
import { Select } from '../components/input.tsx'
import { Card } from '../components/page.tsx'
import { SimpleTable } from '../components/simple-table.tsx'
import { Empty, Loaded } from '../components/states.tsx'
import { count, counted } from '../formats/numbers.ts'
import { AnswerBars, AnswerStrip, colourOf } from './answer-bars.tsx'
import { score, searchOf } from './answer-labels.ts'
import type { CampaignProgress } from './campaign-status.tsx'

type Distribution = Output<'getCampaignDistribution'>

const FIELDS = [
  { value: 'model_name', label: 'Model' },
  { value: 'api_agent_id', label: 'Agent' },
  { value: 'source', label: 'Came in by' },
  { value: 'status', label: 'Status' },
]

/** What the judge answered, as a whole and by the values of a field. */
export function AnswersTab({
  campaign,
  progress,
}: {
  campaign: Output<'getCampaign'>
  progress: CampaignProgress
}) {
  const { group = 'model_name' } = useSearch({ from: '/shell/campaigns/$campaignId' })
  const navigate = useNavigate({ from: '/campaigns/$campaignId' })
  const result = useQuery({
    ...query('getCampaignDistribution', {
      params: { campaign_id: campaign.id },
      query: { group_by: group },
    }),
    placeholderData: keepPreviousData,
  })
  const { output } = campaign.judge
  const choose = (answer: string | number) =>
    navigate({
      search: ({ group: by }) => ({
        ...(by === undefined ? {} : { group: by }),
        tab: 'events' as const,
        ...searchOf(answer, output),
      }),
    })
  return (
    <Loaded result={result}>
      {(distribution) =>
        distribution.answered === 0 ? (
          <Empty title="There is no answer yet">
            {progress.status === 'RUNNING' ? (
              <p>The first ones appear here as soon as the judge has given them.</p>
            ) : (
              <p>Nothing was judged; the failures say why.</p>
            )}
          </Empty>
        ) : (
          <div className="flex flex-col gap-4 p-6">
            <Card title={`${counted(distribution.answered, 'answer')}`}>
              <AnswerBars counts={distribution.counts} output={output} onChoose={choose} />
              {distribution.scores && <Scores scores={distribution.scores} />}
            </Card>
            <Card
              title="By the values of a field"
              actions={
                <Select
                  aria-label="Field"
                  className="w-56!"
                  value={group}
                  onChange={(event) =>
                    navigate({
                      search: (before) => ({ ...before, group: event.target.value }),
                      replace: true,
                    })
                  }
                >
                  {FIELDS.map(({ value, label }) => (
                    <option key={value} value={value}>
                      {label}
                    </option>
                  ))}
                  <optgroup label="Metadata">
                    {distribution.metadata_keys.map((key) => (
                      <option key={key} value={`metadata.${key}`}>
                        {key}
                      </option>
                    ))}
                  </optgroup>
                </Select>
              }
            >
              <Groups distribution={distribution} output={output} />
            </Card>
          </div>
        )
      }
    </Loaded>
  )
}

function Scores({ scores }: { scores: NonNullable<Distribution['scores']> }) {
  return (
    <dl className="mt-3 flex gap-6">
      {(['min', 'median', 'mean', 'max'] as const).map((name) => (
        <div key={name} className="flex items-baseline gap-1.5">
          <dt className="text-xs text-muted">{{ min: 'lowest', max: 'highest' }[name as 'min'] ?? name}</dt>
          <dd className="font-medium tabular-nums">{score(scores[name])}</dd>
        </div>
      ))}
    </dl>
  )
}

function Groups({ distribution, output }: { distribution: Distribution; output: JudgeDefinition['output'] }) {
  const isScore = output.type === 'REGRESSION'
  return (
    <div className="flex flex-col gap-3">
      {!isScore && (
        <ul aria-label="Colours of the classes" className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
          {distribution.counts.map(({ answer }, index) => (
            <li key={answer} className="flex min-w-0 items-center gap-1.5">
              <span aria-hidden className="size-2.5 rounded-sm" style={{ background: colourOf(index) }} />
              <span className="max-w-40 truncate">{answer}</span>
            </li>
          ))}
        </ul>
      )}
      <SimpleTable
        label="Answers by value"
        head={['Value', 'Answers', ...(isScore ? ['Mean'] : []), 'Distribution']}
      >
        {distribution.groups.map((one) => (
          <tr key={String(one.value)}>
            <td className="max-w-64 truncate">
              {one.value ?? <span className="text-muted italic">none</span>}
            </td>
            <td className="tabular-nums">{count(one.answered)}</td>
            {isScore && <td className="tabular-nums">{one.mean === null ? '' : score(one.mean)}</td>}
            <td className="w-1/2 min-w-48">
              <AnswerStrip counts={one.counts} output={output} />
            </td>
          </tr>
        ))}
      </SimpleTable>
      {distribution.other_groups > 0 && (
        <p className="text-xs text-muted">
          {counted(distribution.other_groups, 'further value')} with{' '}
          {counted(distribution.other_answered, 'answer')} are not shown.
        </p>
      )}
    </div>
  )
}
