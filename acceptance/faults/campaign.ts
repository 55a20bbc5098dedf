import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { CampaignProgress } from '@tramontane/contract/campaigns'
import { eventually } from '@tramontane/testkit/eventually'
import type { ScriptedProvider } from '@tramontane/testkit/scripted-provider'
import type { Installation } from './installation.ts'
import type { Scenario } from './scenario.ts'

const EVENTS = 800
const TOKENS = 7
/** Judged and not yet committed when the server dies: at most as many as are under way at a time, and are judged again. */
const UNDER_WAY = 64
const BASE = '/v1/observability'

/** A judge's model that says `even` or `odd` of the number in an answer. @returns how often it was asked */
function scriptJudge(provider: ScriptedProvider, round: string): () => number {
  let asked = 0
  provider.script(async ({ body }) => {
    const number = new RegExp(`${round} answers (\\d+)\\.`).exec(JSON.stringify(body.messages))?.[1]
    if (number !== undefined) asked++
    await delay(100)
    const answer = Number(number) % 2 === 0 ? 'even' : 'odd'
    return {
      status: 200,
      body: {
        id: 'scripted',
        object: 'chat.completion',
        created: 0,
        model: 'scripted-judge',
        choices: [
          {
            index: 0,
            finish_reason: 'stop',
            message: { role: 'assistant', content: JSON.stringify({ analysis: 'Scripted.', answer }) },
          },
        ],
        usage: { prompt_tokens: 1, completion_tokens: TOKENS, total_tokens: TOKENS + 1 },
      },
    }
  })
  return () => asked
}

async function importEvents(installation: Installation, round: string): Promise<string[]> {
  const events = Array.from({ length: EVENTS }, (_, index) => ({
    event_id: `${round}:${index}`,
    timestamp: new Date(Date.UTC(2026, 0, 2) + index).toISOString(),
    model_name: 'imported',
    metadata: { round },
    request_messages: [{ role: 'user', content: `Question ${index}` }],
    response_messages: [{ role: 'assistant', content: `${round} answers ${index}.` }],
  }))
  const path = `${BASE}/chat-completion-events`
  return (await installation.insist<{ event_ids: string[] }>(201, 'POST', path, { events })).event_ids
}

async function makeJudge(installation: Installation, round: string): Promise<string> {
  const judge = await installation.insist<{ id: string }>(201, 'POST', `${BASE}/judges`, {
    name: `Judge ${round}`,
    description: 'Scripted',
    model_name: 'scripted-judge',
    instructions: 'Even or odd?',
    output: {
      type: 'CLASSIFICATION',
      options: ['even', 'odd'].map((value) => ({ value, description: '' })),
    },
    tools: [],
  })
  return judge.id
}

async function selected(installation: Installation, campaignId: string): Promise<string[]> {
  const ids: string[] = []
  for (let page = 1; ; page++) {
    const { completion_events: events } = await installation.insist<{
      completion_events: { results: { event_id: string }[]; next: string | null }
    }>(200, 'GET', `${BASE}/campaigns/${campaignId}/selected-events?page_size=100&page=${page}`)
    ids.push(...events.results.map(({ event_id }) => event_id))
    if (events.next === null) return ids
  }
}

async function annotated(installation: Installation, judgeId: string, answer: string): Promise<string[]> {
  const filters = { field: `__judge_${judgeId.replaceAll('-', '')}`, op: 'eq', value: answer }
  const { completion_event_ids: ids } = await installation.insist<{ completion_event_ids: string[] }>(
    200,
    'POST',
    `${BASE}/chat-completion-events/search-ids`,
    { search_params: { filters } },
  )
  return ids.sort()
}

/** Waits for the campaign's end; what was judged never becomes less on the way. */
async function ended(installation: Installation, campaignId: string): Promise<CampaignProgress> {
  const judged: number[] = []
  const progress = await eventually(
    async () => {
      const now = await installation.insist<CampaignProgress>(
        200,
        'GET',
        `${BASE}/campaigns/${campaignId}/status`,
      )
      judged.push(now.judged)
      return now.status !== 'RUNNING' && now
    },
    { timeoutMs: 90_000, everyMs: 250 },
  )
  assert.deepEqual(
    judged,
    judged.toSorted((a, b) => a - b),
    'progress went back',
  )
  return progress
}

/** A campaign that is running when the fault strikes: it completes by itself, each event judged, once. */
export const campaign: Scenario = {
  name: 'campaign',
  durationMs: 2_500,
  begin: async (installation, provider, { name }) => {
    const asked = scriptJudge(provider, name)
    const events = await importEvents(installation, name)
    const judgeId = await makeJudge(installation, name)
    const { id } = await installation.insist<{ id: string }>(201, 'POST', `${BASE}/campaigns`, {
      name: `Campaign ${name}`,
      description: 'Scripted',
      judge_id: judgeId,
      max_nb_events: 10_000,
      search_params: { filters: { field: 'metadata.round', op: 'eq', value: name } },
    })
    return async () => {
      const progress = await ended(installation, id)
      assert.equal(progress.status, 'COMPLETED', JSON.stringify(progress))
      assert.deepEqual([progress.judged, progress.failed, progress.pending], [EVENTS, 0, 0])
      // Added up when a result is stored: it would be more, had one been stored twice.
      assert.equal(progress.output_tokens, EVENTS * TOKENS)
      assert.ok(asked() >= EVENTS && asked() <= EVENTS + UNDER_WAY, `the model was asked ${asked()} times`)
      assert.deepEqual(await selected(installation, id), events.toReversed())
      const [even, odd] = [0, 1].map((rest) => events.filter((_, index) => index % 2 === rest).sort())
      assert.deepEqual(await annotated(installation, judgeId, 'even'), even)
      assert.deepEqual(await annotated(installation, judgeId, 'odd'), odd)
    }
  },
}
