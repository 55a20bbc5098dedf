import { ApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'

/** Something with a page of its own. */
export interface Found {
  readonly kind: 'Event' | 'Judge' | 'Campaign' | 'Dataset' | 'Workflow' | 'Execution'
  readonly name: string
  /** Its id, or what else tells it from others of this name. */
  readonly detail: string
  /** Its address in the studio. */
  readonly href: string
}

/** Of each kind. */
const SHOWN = 5
const UUID = /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i

export const hrefs = {
  event: (id: string) => `/explorer?event=${encodeURIComponent(id)}`,
  judge: (id: string) => `/judges/${encodeURIComponent(id)}`,
  campaign: (id: string) => `/campaigns/${encodeURIComponent(id)}`,
  dataset: (id: string) => `/datasets/${encodeURIComponent(id)}`,
  workflow: (name: string) => `/workflows/${encodeURIComponent(name)}`,
  execution: (id: string) => `/executions/${encodeURIComponent(id)}`,
}

/** The id that a text can only be, as it is spelled usually; undefined if it may be a name. Fields of judges have it without dashes. */
export function asId(text: string): string | undefined {
  const bare = text.replace(/^__judge_/, '')
  if (!UUID.test(bare)) return undefined
  const hex = bare.replaceAll('-', '').toLowerCase()
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/**
 * Looks for what has this id, or a name like this. What cannot be looked up now (no engine, a slow search) is left out.
 * @param text not empty
 */
export async function findThings(text: string, signal: AbortSignal): Promise<Found[]> {
  const id = asId(text)
  const looks = [...named(text, signal), ...(id ? identified(id, signal) : [])]
  const found = await Promise.all(
    looks.map((look) =>
      look.catch((error: unknown): Found[] => {
        if (error instanceof ApiError && error.status !== 0) return []
        throw error
      }),
    ),
  )
  const seen = new Set<string>()
  return found.flat().filter(({ href }) => !seen.has(href) && seen.add(href))
}

function named(text: string, signal: AbortSignal): Promise<Found[]>[] {
  const query = { q: text, page_size: SHOWN }
  return [
    call('listJudges', { query }, { signal }).then(({ judges }) =>
      judges.results.map(({ id, name }) => ({ kind: 'Judge', name, detail: id, href: hrefs.judge(id) })),
    ),
    call('listCampaigns', { query }, { signal }).then(({ campaigns }) =>
      campaigns.results.map(({ id, name }) => ({
        kind: 'Campaign',
        name,
        detail: id,
        href: hrefs.campaign(id),
      })),
    ),
    call('listDatasets', { query }, { signal }).then(({ datasets }) =>
      datasets.results.map(({ id, name }) => ({
        kind: 'Dataset',
        name,
        detail: id,
        href: hrefs.dataset(id),
      })),
    ),
    call('listWorkflows', { query: { search: text, limit: SHOWN } }, { signal }).then(({ workflows }) =>
      workflows.map(({ name, display_name }) => ({
        kind: 'Workflow',
        name: display_name,
        detail: name,
        href: hrefs.workflow(name),
      })),
    ),
    call('listRuns', { query: { search: text, page_size: SHOWN } }, { signal }).then(({ runs }) =>
      runs.map(({ execution_id, workflow_name, status }) => ({
        kind: 'Execution',
        name: execution_id,
        detail: `${workflow_name}, ${status}`,
        href: hrefs.execution(execution_id),
      })),
    ),
  ]
}

function identified(id: string, signal: AbortSignal): Promise<Found[]>[] {
  return [
    call('getEvent', { params: { event_id: id } }, { signal }).then((event) => [
      {
        kind: 'Event',
        name: event.event_id,
        detail: event.correlation_id,
        href: hrefs.event(event.event_id),
      },
    ]),
    call('getJudge', { params: { judge_id: id } }, { signal }).then(({ id: judgeId, name }) => [
      { kind: 'Judge', name, detail: judgeId, href: hrefs.judge(judgeId) },
    ]),
    call('getCampaign', { params: { campaign_id: id } }, { signal }).then((campaign) => [
      { kind: 'Campaign', name: campaign.name, detail: campaign.id, href: hrefs.campaign(campaign.id) },
    ]),
    call('getDataset', { params: { dataset_id: id } }, { signal }).then((dataset) => [
      { kind: 'Dataset', name: dataset.name, detail: dataset.id, href: hrefs.dataset(dataset.id) },
    ]),
  ]
}
