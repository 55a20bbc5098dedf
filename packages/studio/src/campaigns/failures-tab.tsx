import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { call, type Output } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { Pager } from '../components/pager.tsx'
import { SimpleTable } from '../components/simple-table.tsx'
import { Empty, Loaded } from '../components/states.tsx'
import { complain, say } from '../components/toasts.tsx'
import { count, counted } from '../formats/numbers.ts'
import { useMay } from '../session/session.ts'
import type { CampaignProgress } from './campaign-status.tsx'

const PAGE_SIZE = 25

/** Why events could not be judged, and another try for those that failed. */
export function FailuresTab({
  campaign,
  progress,
}: {
  campaign: Output<'getCampaign'>
  progress: CampaignProgress
}) {
  const [page, setPage] = useState(1)
  const params = { campaign_id: campaign.id }
  const result = useQuery({
    ...query('listCampaignFailures', { params, query: { page, page_size: PAGE_SIZE } }),
    placeholderData: keepPreviousData,
  })
  const retrying = useMutation({
    mutationFn: (reason: string | undefined) =>
      call('retryCampaignFailures', { params, body: reason === undefined ? {} : { reason } }),
    onSuccess: ({ pending }) => {
      say(
        `${counted(pending, 'event')} ${pending === 1 ? 'is' : 'are'} judged again; the others keep what they have.`,
      )
      return refresh('getCampaignStatus', 'listCampaignFailures')
    },
    onError: complain,
  })
  const isRunning = progress.status === 'RUNNING'
  const mayRetry = useMay('write') && !isRunning
  return (
    <Loaded result={result}>
      {({ failures }) =>
        failures.count === 0 ? (
          <Empty title="Nothing has failed">
            <p>Events that cannot be judged are gathered here by the reason, to be tried again.</p>
          </Empty>
        ) : (
          <div className="flex flex-col gap-3 p-6">
            <div className="flex items-center justify-between gap-3">
              <p className="text-muted">
                {counted(progress.failed, 'event')} failed, for {counted(failures.count, 'reason')}.
                {isRunning && ' They can be tried again when the campaign has ended or is paused.'}
              </p>
              {mayRetry && (
                <Button disabled={retrying.isPending} onClick={() => retrying.mutate(undefined)}>
                  <RotateCcw aria-hidden /> Try all {count(progress.failed)} again
                </Button>
              )}
            </div>
            <SimpleTable label="Failures" head={['Reason', 'Events', { hidden: 'Actions' }]}>
              {failures.results.map((group) => (
                <tr key={group.reason}>
                  <td>
                    <p className="line-clamp-4 break-words whitespace-pre-wrap">{group.reason}</p>
                  </td>
                  <td className="tabular-nums">
                    <Link
                      from="/campaigns/$campaignId"
                      to="/campaigns/$campaignId"
                      params={{ campaignId: campaign.id }}
                      search={{ tab: 'events', reason: group.reason }}
                      className="whitespace-nowrap text-accent hover:underline"
                    >
                      {counted(group.count, 'event')}
                    </Link>
                  </td>
                  <td className="w-px">
                    {mayRetry && (
                      <Button
                        size="small"
                        disabled={retrying.isPending}
                        onClick={() => retrying.mutate(group.reason)}
                      >
                        Try again
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </SimpleTable>
            <Pager page={page} pageSize={PAGE_SIZE} total={failures.count} onPage={setPage} />
          </div>
        )
      }
    </Loaded>
  )
}
