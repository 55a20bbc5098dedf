import { eventually } from './eventually.ts'
import type { ProviderRequest } from './scripted-provider.ts'
import type { TestServer } from './test-server.ts'

/** The scripted judge's answer that fits every judge of `makeJudge`. */
export const GOOD = JSON.stringify({ analysis: 'It is right.', answer: 'good' })

let counter = 0

/** Imports events whose questions are `question 0`, `question 1`, …, the last one the newest. */
export async function importQuestions(
  server: TestServer,
  run: string,
  count: number,
  change: (n: number) => Record<string, unknown> = () => ({}),
): Promise<string[]> {
  const start = Date.UTC(2026, 0, 1)
  const ids: string[] = []
  for (let first = 0; first < count; first += 500) {
    const events = Array.from({ length: Math.min(500, count - first) }, (_, index) => ({
      event_id: `${run}-${first + index}`,
      timestamp: new Date(start + (first + index) * 1_000).toISOString(),
      model_name: 'a-model',
      request_messages: [{ role: 'user', content: `question ${first + index}.` }],
      response_messages: [{ role: 'assistant', content: 'An answer.' }],
      metadata: { run, n: String(first + index) },
      ...change(first + index),
    }))
    const made = await server.call('POST', '/v1/observability/chat-completion-events', { body: { events } })
    if (made.status !== 201) throw new Error(JSON.stringify(made.body))
    ids.push(...made.body.event_ids)
  }
  return ids
}

/** Which question a request asks the judge's model about. */
export function questionOf({ body }: ProviderRequest): number {
  return Number(/question (\d+)\./.exec(JSON.stringify(body.messages))?.[1])
}

/** Selects the events of one `importQuestions`. */
export function ofRun(run: string) {
  return { filters: { field: 'metadata.run', op: 'eq', value: run } }
}

/** Saves a judge with the labels `good` and `bad`; gives its id. */
export async function makeJudge(server: TestServer, changes: Record<string, unknown> = {}): Promise<string> {
  const options = ['good', 'bad'].map((value) => ({ value, description: '' }))
  const body = {
    name: `Scenario judge ${++counter}`,
    description: '',
    model_name: 'scripted-model',
    output: { options },
    instructions: 'Is the answer good?',
    tools: [],
    ...changes,
  }
  const made = await server.call('POST', '/v1/observability/judges', { body })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return made.body.id
}

/** Starts a campaign over the events of a run; gives its id. */
export async function startCampaign(
  server: TestServer,
  run: string,
  judge_id: string,
  changes: Record<string, unknown> = {},
): Promise<string> {
  const body = {
    name: `Campaign ${++counter}`,
    description: '',
    judge_id,
    search_params: ofRun(run),
    max_nb_events: 10_000,
    ...changes,
  }
  const made = await server.call('POST', '/v1/observability/campaigns', { body })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return made.body.id
}

export async function progressOf(server: TestServer, campaign: string) {
  return (await server.call('GET', `/v1/observability/campaigns/${campaign}/status`)).body
}

/** Waits until a campaign has ended, and gives its progress. */
export function ended(server: TestServer, campaign: string) {
  return eventually(
    async () => {
      const progress = await progressOf(server, campaign)
      return progress.status !== 'RUNNING' && progress
    },
    { timeoutMs: 60_000 },
  )
}
