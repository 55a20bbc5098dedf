import type { Output } from '../api/call.ts'
import { query } from '../api/query.ts'
import { Badge, type Tone } from '../components/badge.tsx'

export type CampaignProgress = Output<'getCampaignStatus'>

const LOOKS: Readonly<Record<string, { tone: Tone; label: string }>> = {
  RUNNING: { tone: 'accent', label: 'running' },
  COMPLETED: { tone: 'good', label: 'completed' },
  FAILED: { tone: 'bad', label: 'failed' },
  CANCELED: { tone: 'warn', label: 'paused' },
}

/** What the status of a campaign is called: one that its user cancelled can be gone on with, and is paused. */
export function CampaignStatus({ status }: { status: CampaignProgress['status'] }) {
  const { tone, label } = LOOKS[status] ?? { tone: 'plain' as const, label: status.toLowerCase() }
  return <Badge tone={tone}>{label}</Badge>
}

const OFTEN_MS = 1_000
const SELDOM_MS = 3_000
/** Small campaigns cost little to be looked at. */
const SMALL = 2_000

/** How far a campaign is, asked again while it runs. */
export function progressQuery(campaignId: string) {
  return {
    ...query('getCampaignStatus', { params: { campaign_id: campaignId } }),
    refetchInterval: ({ state }: { state: { data: CampaignProgress | undefined } }) => {
      if (state.data?.status !== 'RUNNING') return false
      return state.data.total <= SMALL ? OFTEN_MS : SELDOM_MS
    },
  }
}
