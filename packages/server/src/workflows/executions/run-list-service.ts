import type { RunFilter } from '@tramontane/contract/runs'
import type { Caller } from '../../platform/http/auth.ts'
import { ApiError } from '../../platform/http/errors.ts'
import { isUuid } from '../../platform/uuid.ts'
import type { RegistrationReader } from '../registrations/registration-reader.ts'
import type { ListedRun, RunListStore, RunSelection } from './run-list-store.ts'
import type { RunStore } from './run-store.ts'
import type { StartedRuns } from './started-runs.ts'
import type { StatusCount, StatusCountStore } from './status-count-store.ts'

/** What a token for the next page holds. */
type Place = NonNullable<RunSelection['after']>

const TIME_LIMIT_MS = 5_000
const COUNT_TIME_LIMIT_MS = 2_000
/** Names of workflows that a text is looked for in. */
const MAX_NAMES = 5_000

function writeToken(run: ListedRun, { sort_by, order }: RunFilter): string {
  const time = sort_by === 'start_time' ? run.startTime : run.endTime
  return Buffer.from(JSON.stringify([sort_by, order, time?.getTime() ?? null, run.runId])).toString(
    'base64url',
  )
}

/** @throws ApiError VALIDATION_ERROR for a token that was not made here, or for another order */
function readToken(token: string, { sort_by, order }: RunFilter): Place {
  try {
    const [sort, direction, time, runId] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[]
    const isTime = time === null || (Number.isSafeInteger(time) && Math.abs(time as number) < 8e15)
    if (sort === sort_by && direction === order && isTime && typeof runId === 'string' && isUuid(runId))
      return { time: time === null ? 'infinity' : new Date(time as number), runId }
  } catch {
    // As below.
  }
  throw new ApiError(
    'VALIDATION_ERROR',
    '`next_page_token` is none of this list: send it with the same sorting.',
    {
      issues: [{ loc: ['query', 'next_page_token'], msg: 'is no token of this list', type: 'value_error' }],
    },
  )
}

/** Lists runs, and counts them. */
export class RunListService {
  readonly #lists: RunListStore
  readonly #counts: StatusCountStore
  readonly #runs: RunStore
  readonly #registrations: RegistrationReader
  readonly #started: Pick<StartedRuns, 'written'>
  readonly #follow: (workspaceId: string) => Promise<void>

  /** @param parts.follow is told of workspaces whose runs are of interest */
  constructor(parts: {
    lists: RunListStore
    counts: StatusCountStore
    runs: RunStore
    registrations: RegistrationReader
    started: Pick<StartedRuns, 'written'>
    follow: (workspaceId: string) => Promise<void>
  }) {
    this.#lists = parts.lists
    this.#counts = parts.counts
    this.#runs = parts.runs
    this.#registrations = parts.registrations
    this.#started = parts.started
    this.#follow = parts.follow
  }

  /**
   * A page of runs as they were when Temporal last said something of them.
   * @throws ApiError VALIDATION_ERROR, DATABASE_TIMEOUT
   */
  async list(
    caller: Caller,
    filter: RunFilter,
    page: { page_size: number; next_page_token?: string },
  ): Promise<{ runs: ListedRun[]; nextPageToken: string | null }> {
    const after = page.next_page_token === undefined ? undefined : readToken(page.next_page_token, filter)
    const selection = await this.#selection(caller, filter)
    const runs = await this.#lists.list({ ...selection, after, limit: page.page_size + 1 }, TIME_LIMIT_MS)
    const shown = runs.slice(0, page.page_size)
    const nextPageToken = runs.length > shown.length ? writeToken(shown.at(-1)!, filter) : null
    return { runs: shown, nextPageToken }
  }

  /**
   * How many runs a list would show, by status, as they were when Temporal last said something of them.
   * @throws ApiError DATABASE_TIMEOUT
   */
  async counts(caller: Caller, filter: Omit<RunFilter, 'sort_by' | 'order'>): Promise<StatusCount[]> {
    const selection = await this.#selection(caller, { ...filter, sort_by: 'start_time', order: 'desc' })
    const { withoutNames } = selection
    if (!withoutNames || selection.names) return this.#counts.count(selection, COUNT_TIME_LIMIT_MS)
    // Counting by name leaves out in the index what is internal.
    const ran = await this.#runs.names(caller.workspaceId, MAX_NAMES)
    const names = ran.filter((name) => !name.startsWith('__') && !withoutNames.includes(name))
    return this.#counts.count({ ...selection, names, withoutNames: undefined }, COUNT_TIME_LIMIT_MS)
  }

  /** What a filter means, read as the store understands it. */
  async #selection(caller: Caller, filter: RunFilter): Promise<Omit<RunSelection, 'after' | 'limit'>> {
    const { workspaceId } = caller
    await Promise.all([this.#follow(workspaceId), this.#started.written(workspaceId)])
    const [names, withoutNames, search] = await Promise.all([
      this.#names(workspaceId, filter),
      filter.include_internal ? undefined : this.#registrations.technicalNames(workspaceId),
      this.#search(workspaceId, filter.search),
    ])
    const date = (text: string | undefined) => (text === undefined ? undefined : new Date(text))
    return {
      workspaceId,
      names,
      withoutNames,
      rootExecutionId: filter.root_execution_id,
      search,
      statuses: filter.status,
      deploymentName: filter.deployment_name,
      userId: filter.user_id === 'current' ? caller.keyId : filter.user_id,
      startAfter: date(filter.start_time_after),
      startBefore: date(filter.start_time_before),
      endAfter: date(filter.end_time_after),
      endBefore: date(filter.end_time_before),
      searchKeys: (filter.search_key ?? []).map((pair) => {
        const [key = '', ...value] = pair.split(':')
        return { key, value: value.join(':') }
      }),
      sortBy: filter.sort_by,
      order: filter.order,
    }
  }

  /** The names that the workflow and its tags allow; undefined if all are. */
  async #names(workspaceId: string, filter: RunFilter): Promise<string[] | undefined> {
    const { workflow_identifier: identifier, workflow_tags: tags } = filter
    const named = identifier === undefined ? undefined : [await this.#nameOf(workspaceId, identifier)]
    if (!tags) return named
    const tagged = await this.#registrations.namesTagged(workspaceId, tags)
    return named ? named.filter((name) => tagged.includes(name)) : tagged
  }

  /** A workflow that nobody has registered is known by its name only. */
  async #nameOf(workspaceId: string, identifier: string): Promise<string> {
    try {
      return (await this.#registrations.findWorkflow(workspaceId, identifier)).name
    } catch (error) {
      if (error instanceof ApiError && error.code === 'WORKFLOW_NOT_FOUND') return identifier
      throw error
    }
  }

  async #search(workspaceId: string, text: string | undefined): Promise<RunSelection['search']> {
    if (!text) return undefined
    const [registered, ran] = await Promise.all([
      this.#registrations.namesMatching(workspaceId, text),
      this.#runs.names(workspaceId, MAX_NAMES),
    ])
    const matching = ran.filter((name) => name.toLowerCase().includes(text.toLowerCase()))
    return {
      names: [...new Set([...registered, ...matching])],
      text,
      runId: isUuid(text) ? text.toLowerCase() : undefined,
    }
  }
}
