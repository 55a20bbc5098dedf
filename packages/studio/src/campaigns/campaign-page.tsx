import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { printFilter } from '@tramontane/contract/filter-print'
import { Columns2, Pause, Play, Trash2 } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { call, type Output } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { Page } from '../components/page.tsx'
import { Progress } from '../components/progress.tsx'
import { Loaded } from '../components/states.tsx'
import { Tabs } from '../components/tabs.tsx'
import { Time } from '../components/time.tsx'
import { complain, say } from '../components/toasts.tsx'
import { duration } from '../formats/durations.ts'
import { compactCount, count, counted } from '../formats/numbers.ts'
import { useMay } from '../session/session.ts'
import { AnswersTab } from './answers-tab.tsx'
import type { CampaignTab } from './campaign-search.ts'
import { type CampaignProgress, CampaignStatus, progressQuery } from './campaign-status.tsx'
import { FailuresTab } from './failures-tab.tsx'
import { OutcomesTab } from './outcomes-tab.tsx'

type Campaign = Output<'getCampaign'>

/** A campaign: how far it is, what came out of it, and what failed. */
export function CampaignPage() {
  const { campaignId } = useParams({ from: '/shell/campaigns/$campaignId' })
  const campaign = useQuery(query('getCampaign', { params: { campaign_id: campaignId } }))
  const progress = useQuery({ ...progressQuery(campaignId), enabled: campaign.isSuccess })
  useAnswersKeptUp(progress.data)
  const loaded = campaign.data
  return (
    <Page
      title={loaded?.name ?? 'Campaign'}
      fill
      actions={loaded && progress.data && <Actions campaign={loaded} progress={progress.data} />}
    >
      <Loaded result={campaign}>
        {(one) => (
          <Loaded result={progress}>
            {(reached) => (
              <>
                <Head campaign={one} progress={reached} />
                <CampaignTabs campaign={one} progress={reached} />
              </>
            )}
          </Loaded>
        )}
      </Loaded>
    </Page>
  )
}

/** What is shown of the answers follows the progress, which alone is asked again and again. */
function useAnswersKeptUp(progress: CampaignProgress | undefined): void {
  // What failed and was then judged moves from one number to the other between two looks, or fails once more.
  const reached =
    progress && `${progress.judged} ${progress.failed} ${progress.status} ${progress.finished_at ?? ''}`
  const before = useRef(reached)
  useEffect(() => {
    if (before.current !== undefined && reached !== undefined && before.current !== reached)
      void refresh('getCampaignDistribution', 'listCampaignFailures', 'listCampaignOutcomes')
    before.current = reached
  }, [reached])
}

function Actions({ campaign, progress }: { campaign: Campaign; progress: CampaignProgress }) {
  const confirm = useConfirm()
  const navigate = useNavigate()
  const mayWrite = useMay('write')
  const params = { campaign_id: campaign.id }
  const then = () => refresh('getCampaignStatus')
  const pausing = useMutation({
    mutationFn: () => call('cancelCampaign', { params }),
    onSuccess: then,
    onError: complain,
  })
  const resuming = useMutation({
    mutationFn: () => call('resumeCampaign', { params }),
    onSuccess: then,
    onError: complain,
  })
  const deleting = useMutation({
    mutationFn: () => call('deleteCampaign', { params }),
    onSuccess: () => {
      void refresh('listCampaigns', 'getJudgeUsage')
      say(`The campaign “${campaign.name}” is deleted.`)
      navigate({ to: '/campaigns' })
    },
    onError: complain,
  })
  const ask = async () => {
    const yes = await confirm({
      title: `Delete the campaign “${campaign.name}”?`,
      text: `${progress.status === 'RUNNING' ? 'It is stopped. ' : ''}What it has judged stays with the events; how it went is lost.`,
      action: 'Delete',
    })
    if (yes) deleting.mutate()
  }
  const isRunning = progress.status === 'RUNNING'
  return (
    <>
      {/* In one place, so that one is the other, and keeps the focus. */}
      {mayWrite &&
        (isRunning ? (
          <Button disabled={pausing.isPending} onClick={() => pausing.mutate()}>
            <Pause aria-hidden /> Pause
          </Button>
        ) : (
          progress.pending > 0 && (
            <Button variant="primary" disabled={resuming.isPending} onClick={() => resuming.mutate()}>
              <Play aria-hidden /> Go on with {count(progress.pending)}
            </Button>
          )
        ))}
      <Button asChild>
        <Link to="/campaigns/compare" search={{ left: campaign.id }}>
          <Columns2 aria-hidden /> Compare
        </Link>
      </Button>
      {mayWrite && (
        <Button variant="quiet" size="icon" aria-label="Delete this campaign" onClick={ask}>
          <Trash2 />
        </Button>
      )}
    </>
  )
}

function Head({ campaign, progress }: { campaign: Campaign; progress: CampaignProgress }) {
  const { filters } = campaign.search_params
  const done = progress.judged + progress.failed
  return (
    <div className="flex flex-col gap-2 border-b border-line bg-surface px-6 py-3">
      <div className="flex flex-wrap items-center gap-x-5 gap-y-1">
        <CampaignStatus status={progress.status} />
        <span className="tabular-nums">
          <strong>{count(progress.judged)}</strong> of {counted(progress.total, 'event')} judged
          {progress.failed > 0 && <span className="text-bad">, {count(progress.failed)} failed</span>}
          {progress.pending > 0 && <span className="text-muted">, {count(progress.pending)} waiting</span>}
        </span>
        <span className="text-muted tabular-nums">
          {compactCount(progress.input_tokens)} tokens in, {compactCount(progress.output_tokens)} out
        </span>
        <span className="text-muted">
          Started <Time value={campaign.created_at} />
          {progress.started_at && progress.finished_at && (
            <>, took {duration(Date.parse(progress.finished_at) - Date.parse(progress.started_at))}</>
          )}
        </span>
      </div>
      {progress.status === 'RUNNING' && (
        <Progress label="Progress" value={done / Math.max(1, progress.total)} />
      )}
      {progress.reason && (
        <p role="status" className={progress.status === 'FAILED' ? 'text-bad' : 'text-warn'}>
          {progress.reason}
        </p>
      )}
      <p className="truncate text-xs text-muted">
        Judge{' '}
        <Link to="/judges/$judgeId" params={{ judgeId: campaign.judge.id }} className="text-accent underline">
          {campaign.judge.name}
        </Link>{' '}
        as it was at the start · {campaign.judge.model_name} ·{' '}
        {filters === null ? 'all events' : <code className="font-mono">{printFilter(filters)}</code>}
      </p>
    </div>
  )
}

function CampaignTabs({ campaign, progress }: { campaign: Campaign; progress: CampaignProgress }) {
  const { tab = 'answers' } = useSearch({ from: '/shell/campaigns/$campaignId' })
  const navigate = useNavigate({ from: '/campaigns/$campaignId' })
  return (
    <Tabs
      label="Parts of the campaign"
      value={tab}
      onValueChange={(value) =>
        navigate({
          search: ({ group }) => ({
            ...(group === undefined ? {} : { group }),
            ...(value === 'answers' ? {} : { tab: value as CampaignTab }),
          }),
        })
      }
      tabs={[
        {
          value: 'answers',
          label: 'Answers',
          content: <AnswersTab campaign={campaign} progress={progress} />,
        },
        { value: 'events', label: 'Events', content: <OutcomesTab campaign={campaign} /> },
        {
          value: 'failures',
          label: progress.failed > 0 ? `Failures (${count(progress.failed)})` : 'Failures',
          content: <FailuresTab campaign={campaign} progress={progress} />,
        },
      ]}
    />
  )
}
