import { instantParam } from '../layout/search-params.ts'

export const executionTabs = [
  'timeline',
  'history',
  'events',
  'pending',
  'interact',
  'trace',
  'logs',
  'relations',
] as const
export type ExecutionTab = (typeof executionTabs)[number]

export const historyViews = ['compact', 'full', 'json'] as const
export type HistoryView = (typeof historyViews)[number]

/** What of an execution is looked at. */
export interface ExecutionSearch {
  /** The newest if absent. */
  run?: string
  tab?: ExecutionTab
  view?: HistoryView
  /** Number of the event that is looked at, or of the first one of what is. */
  event?: number
  /** Kinds of things, or types of events, that are shown; all if absent. */
  types?: string[]
  find?: string
  /** The part of the timeline, as ISO 8601; all of it if absent, up to the present. */
  from?: string
  to?: string
  /** Idle time is shown as long as it was. */
  idle?: 'shown'
  /** What belongs to the machinery, such as workflow tasks, is shown too. */
  tasks?: 'shown'
}

function oneOf<const T extends readonly string[]>(values: T, value: unknown): T[number] | undefined {
  return values.find((one) => one === value)
}

/** Reads an address; what it cannot mean is left out. */
export function validateSearch(search: Record<string, unknown>): ExecutionSearch {
  const { run, event, types, find, idle, tasks } = search
  const found: Record<keyof ExecutionSearch, unknown> = {
    run: typeof run === 'string' ? run : undefined,
    tab: oneOf(executionTabs, search.tab),
    view: oneOf(historyViews, search.view),
    event: typeof event === 'number' && Number.isSafeInteger(event) && event > 0 ? event : undefined,
    types: Array.isArray(types) ? types.filter((one) => typeof one === 'string') : undefined,
    find: typeof find === 'string' || typeof find === 'number' ? String(find) : undefined,
    from: instantParam(search.from),
    to: instantParam(search.to),
    idle: oneOf(['shown'], idle),
    tasks: oneOf(['shown'], tasks),
  }
  return Object.fromEntries(
    Object.entries(found).filter(([, value]) => value !== undefined),
  ) as ExecutionSearch
}
