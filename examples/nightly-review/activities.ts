import { ApplicationFailure, heartbeat, sleep } from '@tramontane/worker/activity'
import { call } from '../api.ts'

const NAME = 'Nightly review'
const path = '/v1/observability'

/** The id of the judge, which is made the first night. */
export async function createJudge(model: string): Promise<string> {
  const { judges } = await call('GET', `${path}/judges?q=${encodeURIComponent(NAME)}`)
  const known = judges.results.find((judge: { name: string }) => judge.name === NAME)
  if (known) return known.id
  const judge = await call('POST', `${path}/judges`, {
    name: NAME,
    description: 'Does the answer help?',
    model_name: model,
    instructions:
      'Does this answer help?\n{{ user_message }}\n{{ assistant_message }}\n{{ answer_type_definition }}',
    output: {
      type: 'CLASSIFICATION',
      options: [
        { value: 'helpful', description: 'It says what to do.' },
        { value: 'unhelpful', description: 'It does not.' },
      ],
    },
    tools: [],
  })
  return judge.id
}

/** Starts a campaign over the newest events that match, and gives its id. */
export async function startCampaign(judge: string, filter: unknown, max: number): Promise<string> {
  const campaign = await call('POST', `${path}/campaigns`, {
    name: `${NAME} ${new Date().toISOString()}`,
    description: 'Every answer of the day',
    judge_id: judge,
    search_params: { filters: filter },
    max_nb_events: max,
  })
  return campaign.id
}

/** Waits until a campaign is over. If this worker dies, another one waits on. */
export async function waitForCampaign(
  campaign: string,
  judge: string,
): Promise<{ judged: number; unhelpful: number }> {
  for (;;) {
    const { status, judged, reason } = await call('GET', `${path}/campaigns/${campaign}/status`)
    if (status === 'COMPLETED') return { judged, unhelpful: await countUnhelpful(judge) }
    if (status !== 'RUNNING') throw ApplicationFailure.nonRetryable(`the campaign is ${status}: ${reason}`)
    heartbeat({ judged })
    await sleep('1 second')
  }
}

async function countUnhelpful(judge: string): Promise<number> {
  const found = await call('POST', `${path}/chat-completion-events/search-ids`, {
    search_params: {
      filters: { field: `__judge_${judge.replaceAll('-', '')}`, op: 'eq', value: 'unhelpful' },
    },
  })
  return found.completion_event_ids.length
}
