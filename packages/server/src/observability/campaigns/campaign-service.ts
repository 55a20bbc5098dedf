import type { Campaign, CampaignProgress } from '@tramontane/contract/campaigns'
import type { EventPreview } from '@tramontane/contract/events'
import type { FilterPayload } from '@tramontane/contract/filter'
import type { Caller } from '../../platform/http/auth.ts'
import { ApiError } from '../../platform/http/errors.ts'
import type { WorkItem } from '../../platform/tasks/work-queue.ts'
import { isUuid } from '../../platform/uuid.ts'
import type { EventReader } from '../events/event-reader.ts'
import type { JudgeReader } from '../judges/judge-reader.ts'
import { CampaignRunner, type RunNeeds } from './campaign-runner.ts'
import type { CampaignStore } from './campaign-store.ts'

interface Page {
  readonly page: number
  readonly page_size: number
}

interface ServiceNeeds {
  readonly store: CampaignStore
  readonly judges: Pick<JudgeReader, 'get'>
  readonly events: Pick<EventReader, 'selectIds' | 'previews'>
  readonly run: RunNeeds
}

function notFound(id: string): ApiError {
  return new ApiError('CAMPAIGN_NOT_FOUND', `No campaign has the id ${JSON.stringify(id)}.`)
}

function rangeOf({ page, page_size }: Page) {
  return { limit: page_size, offset: (page - 1) * page_size }
}

/** Campaigns: made with their events, run in the background, stopped and resumed. */
export class CampaignService {
  readonly #needs: ServiceNeeds
  readonly #store: CampaignStore
  /** Runs that this server works on, by their id. */
  readonly #running = new Map<string, AbortController>()

  constructor(needs: ServiceNeeds) {
    this.#needs = needs
    this.#store = needs.store
  }

  /**
   * Makes a campaign over the newest events that match, and starts it. Events and judge are fixed from here on.
   * @throws ApiError JUDGE_NOT_FOUND, CAMPAIGN_NO_MATCHING_EVENTS, or what is wrong with the filter
   */
  async create(
    caller: Caller,
    wanted: {
      name: string
      description: string
      judge_id: string
      search_params: FilterPayload
      max_nb_events: number
    },
  ): Promise<Campaign> {
    const { workspaceId } = caller
    const judge = await this.#needs.judges.get(workspaceId, wanted.judge_id)
    const eventIds = await this.#needs.events.selectIds(
      workspaceId,
      wanted.search_params.filters,
      wanted.max_nb_events,
    )
    if (eventIds.length === 0)
      throw new ApiError(
        'CAMPAIGN_NO_MATCHING_EVENTS',
        'The filter matches no event, so there is nothing to judge: widen search_params.',
      )
    return this.#store.add({
      workspaceId,
      ownerId: caller.keyId,
      name: wanted.name,
      description: wanted.description,
      searchParams: wanted.search_params,
      maxNbEvents: wanted.max_nb_events,
      judge,
      eventIds,
    })
  }

  /** @throws ApiError CAMPAIGN_NOT_FOUND */
  async get(workspaceId: string, id: string): Promise<Campaign> {
    const campaign = isUuid(id) ? await this.#store.find(workspaceId, id) : undefined
    if (!campaign) throw notFound(id)
    return campaign
  }

  async list(
    workspaceId: string,
    q: string | undefined,
    page: Page,
  ): Promise<{ campaigns: Campaign[]; count: number }> {
    const [count, campaigns] = await Promise.all([
      this.#store.count(workspaceId, q),
      page.page_size === 0 ? [] : this.#store.list(workspaceId, q, rangeOf(page)),
    ])
    return { campaigns, count }
  }

  /** How many run, and the newest of them. */
  running(workspaceId: string): Promise<{ count: number; newest: { id: string; name: string }[] }> {
    return this.#store.running(workspaceId)
  }

  /** @throws ApiError CAMPAIGN_NOT_FOUND */
  async progress(workspaceId: string, id: string): Promise<CampaignProgress> {
    const progress = isUuid(id) ? await this.#store.progress(workspaceId, id) : undefined
    if (!progress) throw notFound(id)
    return progress
  }

  /**
   * A page of the events that were selected, as they are now.
   * @throws ApiError CAMPAIGN_NOT_FOUND
   */
  async selectedEvents(
    workspaceId: string,
    id: string,
    page: Page,
  ): Promise<{ events: EventPreview[]; count: number }> {
    const count = isUuid(id) ? await this.#store.countEvents(workspaceId, id) : undefined
    if (count === undefined) throw notFound(id)
    const ids = page.page_size === 0 ? [] : await this.#store.eventIds(workspaceId, id, rangeOf(page))
    return { events: await this.#needs.events.previews(workspaceId, ids), count }
  }

  /** All events that were selected, newest first; none if there is no such campaign. */
  eventIds(workspaceId: string, id: string): Promise<string[]> {
    return this.#store.eventIds(workspaceId, id)
  }

  /** @throws ApiError CAMPAIGN_NOT_FOUND */
  async cancel(workspaceId: string, id: string): Promise<CampaignProgress> {
    if (!isUuid(id)) throw notFound(id)
    this.#leaveOff(await this.#store.cancel(workspaceId, id))
    return this.progress(workspaceId, id)
  }

  /** @throws ApiError CAMPAIGN_NOT_FOUND */
  async resume(workspaceId: string, id: string): Promise<CampaignProgress> {
    if (!isUuid(id)) throw notFound(id)
    await this.#store.resume(workspaceId, id)
    return this.progress(workspaceId, id)
  }

  /** @throws ApiError CAMPAIGN_NOT_FOUND */
  async delete(workspaceId: string, id: string): Promise<void> {
    const runId = isUuid(id) ? await this.#store.delete(workspaceId, id) : undefined
    if (runId === undefined) throw notFound(id)
    this.#leaveOff(runId)
  }

  /** Works on a run, from wherever it was left. Rejects if it has to be tried again later. */
  async work({ workspaceId, id: runId, signal }: WorkItem): Promise<void> {
    const run = await this.#needs.run.store.start(workspaceId, runId)
    if (!run) return
    const controller = new AbortController()
    this.#running.set(runId, controller)
    try {
      await new CampaignRunner(run, this.#needs.run).work(AbortSignal.any([signal, controller.signal]))
    } finally {
      this.#running.delete(runId)
    }
  }

  /** Ends the calls of a run at once if this server works on it; another server's notices within a second. */
  #leaveOff(runId: string | undefined): void {
    if (runId !== undefined) this.#running.get(runId)?.abort(new Error('the campaign was stopped'))
  }
}
