import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Output } from '../api/call.ts'
import { query } from '../api/query.ts'
import { Empty, Loaded } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { counted } from '../formats/numbers.ts'

/** Where a judge is used: its campaigns, and how many events carry its answers. */
export function UsageTab({ judge }: { judge: Output<'getJudge'> }) {
  const result = useQuery(query('getJudgeUsage', { query: { judge_id: [judge.id] } }))
  return (
    <Loaded result={result}>
      {({ judges: [usage] }) =>
        !usage?.campaigns ? (
          <Empty title="No campaign uses this judge">
            <p>A campaign lets it judge all events that match a filter.</p>
            <p className="mt-2">
              <Link to="/campaigns/new" search={{ judge: judge.id }} className="text-accent underline">
                Start one
              </Link>
            </p>
          </Empty>
        ) : (
          <dl className="grid max-w-2xl grid-cols-[max-content_1fr] gap-x-6 gap-y-2 p-6">
            <dt className="text-muted">Campaigns</dt>
            <dd>
              {counted(usage.campaigns, 'campaign')}
              {usage.running > 0 && `, ${usage.running} running`}
              <ul aria-label="Newest campaigns" className="mt-1 flex flex-col gap-1">
                {usage.newest_campaigns.map(({ id, name, created_at }) => (
                  <li key={id}>
                    <Link
                      to="/campaigns/$campaignId"
                      params={{ campaignId: id }}
                      className="text-accent hover:underline"
                    >
                      {name}
                    </Link>
                    <span className="text-muted">
                      , <Time value={created_at} relative />
                    </span>
                  </li>
                ))}
              </ul>
            </dd>
            <dt className="text-muted">Answers</dt>
            <dd>{counted(usage.answers, 'event')} carry its answer</dd>
            <dt className="text-muted">In filters</dt>
            <dd className="font-mono text-xs">__judge_{judge.id.replaceAll('-', '')}</dd>
          </dl>
        )
      }
    </Loaded>
  )
}
