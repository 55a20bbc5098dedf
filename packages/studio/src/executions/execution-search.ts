import type { ExecutionStatus } from '@tramontane/contract/executions'
import { choiceParam, choicesParam, flagParam, instantParam, textParam } from '../layout/search-params.ts'
import { RUN_STATUSES } from './run-statuses.ts'

/** Spans of time up to now, in minutes. */
export const RANGES = { '15m': 15, '1h': 60, '6h': 360, '24h': 1_440, '7d': 10_080, '30d': 43_200 } as const
export type Range = keyof typeof RANGES

/** What the address of the list of executions says. */
export interface ExecutionSearch {
  readonly q?: string | undefined
  readonly workflow?: string | undefined
  readonly status?: ExecutionStatus[] | undefined
  readonly range?: Range | undefined
  readonly started_after?: string | undefined
  readonly started_before?: string | undefined
  readonly ended_after?: string | undefined
  readonly ended_before?: string | undefined
  readonly deployment?: string | undefined
  readonly root?: string | undefined
  /** Those that the caller's key has started. */
  readonly mine?: true | undefined
  readonly tags?: string[] | undefined
  /** `key:value` */
  readonly keys?: string[] | undefined
  readonly internal?: true | undefined
  readonly sort?: 'end_time' | undefined
  readonly order?: 'asc' | undefined
  /** Of a page that is not the first. */
  readonly page?: string | undefined
  /** The saved view that it began with. */
  readonly view?: string | undefined
}

const MAX_KEYS = 3
const MAX_TAGS = 20

function texts(value: unknown, most: number): string[] | undefined {
  const all = (Array.isArray(value) ? value : [value]).map(textParam).filter((one) => one !== undefined)
  return all.length === 0 ? undefined : all.slice(0, most)
}

/** Reads an address; what makes no sense is left out. */
export function readExecutionSearch(search: Record<string, unknown>): ExecutionSearch {
  return {
    q: textParam(search.q),
    workflow: textParam(search.workflow),
    status: choicesParam<ExecutionStatus>(search.status, RUN_STATUSES),
    range: choiceParam(search.range, Object.keys(RANGES) as Range[]),
    started_after: instantParam(search.started_after),
    started_before: instantParam(search.started_before),
    ended_after: instantParam(search.ended_after),
    ended_before: instantParam(search.ended_before),
    deployment: textParam(search.deployment),
    root: textParam(search.root),
    mine: flagParam(search.mine),
    tags: texts(search.tags, MAX_TAGS),
    keys: texts(search.keys, MAX_KEYS)?.filter((pair) => /^[^:]+:.+$/s.test(pair)),
    internal: flagParam(search.internal),
    sort: choiceParam(search.sort, ['end_time'] as const),
    order: choiceParam(search.order, ['asc'] as const),
    page: textParam(search.page),
    view: textParam(search.view),
  }
}

/** What of an address a saved view keeps: what is set, always in the same order. */
export function viewStateOf(search: ExecutionSearch): Record<string, unknown> {
  const { page: _, view: __, ...state } = readExecutionSearch({ ...search })
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined))
}

const MINUTE_MS = 60_000

/**
 * The filter of the API that an address means, sorting and page aside.
 * @param now a range is up to then; the minute counts, so that the same question is asked for a while
 */
export function runFilterOf(search: ExecutionSearch, now: number) {
  const from = search.range && new Date(Math.floor(now / MINUTE_MS - RANGES[search.range]) * MINUTE_MS)
  return {
    workflow_identifier: search.workflow,
    search: search.q,
    status: search.status,
    deployment_name: search.deployment,
    root_execution_id: search.root,
    user_id: search.mine && 'current',
    workflow_tags: search.tags,
    search_key: search.keys,
    include_internal: search.internal ?? false,
    start_time_after: from?.toISOString() ?? search.started_after,
    start_time_before: search.range ? undefined : search.started_before,
    end_time_after: search.ended_after,
    end_time_before: search.ended_before,
  }
}

/** A part of the filter that the bar has no control of its own for, as a chip says it. */
export interface FilterChip {
  readonly id: string
  readonly text: string
  /** The address without it. */
  readonly without: ExecutionSearch
}

/** @param time writes an instant for people */
export function chipsOf(search: ExecutionSearch, time: (instant: string) => string): FilterChip[] {
  const chips: FilterChip[] = []
  const add = (id: keyof ExecutionSearch, text: string, left?: string[]) =>
    chips.push({
      id: `${id} ${text}`,
      text,
      without: { ...search, page: undefined, [id]: left && left.length > 0 ? left : undefined },
    })
  if (search.deployment) add('deployment', `deployment ${search.deployment}`)
  if (!search.range && search.started_after)
    add('started_after', `started from ${time(search.started_after)}`)
  if (!search.range && search.started_before)
    add('started_before', `started until ${time(search.started_before)}`)
  if (search.ended_after) add('ended_after', `ended from ${time(search.ended_after)}`)
  if (search.ended_before) add('ended_before', `ended until ${time(search.ended_before)}`)
  if (search.root) add('root', `in the tree of ${search.root}`)
  if (search.mine) add('mine', 'started with my key')
  for (const tag of search.tags ?? [])
    add(
      'tags',
      `tag ${tag}`,
      search.tags!.filter((one) => one !== tag),
    )
  for (const key of search.keys ?? [])
    add(
      'keys',
      key.replace(':', ' contains '),
      search.keys!.filter((one) => one !== key),
    )
  if (search.internal) add('internal', 'also internal ones')
  return chips
}

/** Whether anything is filtered. */
export function isFiltered({
  sort: _,
  order: __,
  page: ___,
  internal: ____,
  ...filter
}: ExecutionSearch): boolean {
  return Object.values(filter).some((value) => value !== undefined)
}
