import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Columns2, Plus } from 'lucide-react'
import { useCallback } from 'react'
import type { Output } from '../api/call.ts'
import { query } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { Page } from '../components/page.tsx'
import { Pager } from '../components/pager.tsx'
import { Progress } from '../components/progress.tsx'
import { SearchInput } from '../components/search-input.tsx'
import { SimpleTable } from '../components/simple-table.tsx'
import { Empty, Loaded, Loading } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { count, counted } from '../formats/numbers.ts'
import { useMay } from '../session/session.ts'
import { CampaignStatus, progressQuery } from './campaign-status.tsx'

const PAGE_SIZE = 25

type Campaign = Output<'getCampaign'>

/** The campaigns of the workspace, and how far each is. */
export function CampaignsPage() {
  const { q = '', page = 1 } = useSearch({ from: '/shell/campaigns' })
  const navigate = useNavigate({ from: '/campaigns' })
  const mayWrite = useMay('write')
  const result = useQuery({
    ...query('listCampaigns', { query: { page, page_size: PAGE_SIZE, ...(q === '' ? {} : { q }) } }),
    placeholderData: keepPreviousData,
  })
  const search = useCallback(
    (text: string) => navigate({ search: text === '' ? {} : { q: text }, replace: true }),
    [navigate],
  )
  const actions = (
    <>
      <Button asChild>
        <Link to="/campaigns/compare">
          <Columns2 aria-hidden /> Compare
        </Link>
      </Button>
      {mayWrite && (
        <Button asChild variant="primary">
          <Link to="/campaigns/new">
            <Plus aria-hidden /> New campaign
          </Link>
        </Button>
      )}
    </>
  )
  return (
    <Page title="Campaigns" actions={actions}>
      <div className="mb-4">
        <SearchInput label="Search by name" value={q} onChange={search} />
      </div>
      <Loaded result={result}>
        {({ campaigns }) =>
          campaigns.count === 0 ? (
            q === '' && result.isPlaceholderData ? (
              <Loading />
            ) : q === '' ? (
              <Empty title="There is no campaign yet">
                <p>A campaign lets a judge judge all events that match a filter, up to 10,000 at a time.</p>
                {mayWrite && (
                  <Button asChild className="mt-3">
                    <Link to="/campaigns/new">Start the first campaign</Link>
                  </Button>
                )}
              </Empty>
            ) : (
              <Empty title="No campaign has this in its name">
                <Button className="mt-3" onClick={() => search('')}>
                  Show all campaigns
                </Button>
              </Empty>
            )
          ) : (
            <>
              <SimpleTable
                label="Campaigns"
                head={['Name', 'Judge', 'Status', 'Judged', 'Failed', 'Started']}
              >
                {campaigns.results.map((campaign) => (
                  <CampaignRow key={campaign.id} campaign={campaign} />
                ))}
              </SimpleTable>
              <Pager
                page={page}
                pageSize={PAGE_SIZE}
                total={campaigns.count}
                onPage={(next) => navigate({ search: (before) => ({ ...before, page: next }) })}
              />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function CampaignRow({ campaign }: { campaign: Campaign }) {
  const { data: progress } = useQuery(progressQuery(campaign.id))
  return (
    <tr>
      <td className="max-w-44 xl:max-w-72">
        <Link
          to="/campaigns/$campaignId"
          params={{ campaignId: campaign.id }}
          className="block truncate font-medium text-accent hover:underline"
        >
          {campaign.name}
        </Link>
        {campaign.description !== '' && <p className="truncate text-xs text-muted">{campaign.description}</p>}
      </td>
      <td className="max-w-36 truncate xl:max-w-56">{campaign.judge.name}</td>
      <td>{progress && <CampaignStatus status={progress.status} />}</td>
      <td className="w-48 whitespace-nowrap tabular-nums">
        {progress && (
          <div className="flex flex-col gap-1">
            {count(progress.judged)} of {counted(progress.total, 'event')}
            {progress.status === 'RUNNING' && (
              <Progress
                label={`Progress of ${campaign.name}`}
                value={(progress.judged + progress.failed) / Math.max(1, progress.total)}
              />
            )}
          </div>
        )}
      </td>
      <td className={progress?.failed ? 'text-bad tabular-nums' : 'text-muted tabular-nums'}>
        {progress && count(progress.failed)}
      </td>
      <td>
        <Time value={campaign.created_at} relative />
      </td>
    </tr>
  )
}
