import type { Filter } from '@tramontane/contract/filter'
import { filterOfChips } from '../filter/filter-chips.ts'

export const panelTabs = ['conversation', 'fields', 'judgements', 'similar', 'trace'] as const
export type PanelTab = (typeof panelTabs)[number]

/** Spans of time that end now. */
export const ranges = {
  '15m': { label: 'Last 15 minutes', ms: 15 * 60_000 },
  '1h': { label: 'Last hour', ms: 3_600_000 },
  '24h': { label: 'Last 24 hours', ms: 86_400_000 },
  '7d': { label: 'Last 7 days', ms: 7 * 86_400_000 },
  '30d': { label: 'Last 30 days', ms: 30 * 86_400_000 },
  all: { label: 'All time', ms: null },
} as const
export type RangeName = keyof typeof ranges
export const DEFAULT_RANGE: RangeName = '7d'

/** A column of the table, and how wide it is in pixels. */
export interface Column {
  readonly name: string
  readonly width: number
}

export const MIN_WIDTH = 56
export const MAX_WIDTH = 1_200
const MAX_COLUMNS = 40

export const DEFAULT_COLUMNS: readonly Column[] = [
  { name: 'timestamp', width: 176 },
  { name: 'status', width: 84 },
  { name: 'model_name', width: 172 },
  { name: 'last_user_message_preview', width: 320 },
  { name: 'response_messages_preview', width: 320 },
  { name: 'total_time_elapsed', width: 92 },
  { name: 'input_tokens', width: 92 },
  { name: 'output_tokens', width: 96 },
]

/** What of the events is looked at: all of it is in the address. */
export interface ExplorerSearch {
  /** The filter's text; every event if absent. */
  filter?: string
  /** One of `ranges`; if absent, `from` and `to`, and without those the default. */
  range?: RangeName
  /** ISO 8601. */
  from?: string
  to?: string
  /** `name:width` each. */
  columns?: string[]
  /** New events are shown as they come. */
  live?: true
  /** The event that the side panel shows. */
  event?: string
  tab?: PanelTab
  /** The saved view that it began with. */
  view?: string
}

const isInstant = (value: unknown): value is string =>
  typeof value === 'string' && value.length < 40 && !Number.isNaN(Date.parse(value))

/** Reads an address; what it cannot mean is left out. */
export function validateSearch(search: Record<string, unknown>): ExplorerSearch {
  const { filter, range, from, to, columns, live, event, tab, view } = search
  const found: Record<keyof ExplorerSearch, unknown> = {
    // The address's reader takes what looks like a number for one.
    filter:
      ['string', 'number', 'boolean'].includes(typeof filter) && filter !== '' ? String(filter) : undefined,
    range: typeof range === 'string' && Object.hasOwn(ranges, range) ? range : undefined,
    from: isInstant(from) ? from : undefined,
    to: isInstant(to) ? to : undefined,
    columns: Array.isArray(columns) ? columns.filter((one) => typeof one === 'string') : undefined,
    live: live === true ? true : undefined,
    event: typeof event === 'string' ? event : undefined,
    tab: panelTabs.find((one) => one === tab),
    view: typeof view === 'string' ? view : undefined,
  }
  return Object.fromEntries(
    Object.entries(found).filter(([, value]) => value !== undefined),
  ) as ExplorerSearch
}

/** What of an address a saved view keeps, always in the same order: everything but the event that is looked at. */
export function viewState(search: object): Record<string, unknown> {
  const { event: _, tab: __, live: ___, view: ____, ...state } = validateSearch({ ...search })
  return state
}

export function readColumns(columns: readonly string[] | undefined): readonly Column[] {
  const read = (columns ?? []).flatMap((text) => {
    const [, name = '', width = ''] = /^(.{1,300}):(\d{1,4})$/s.exec(text) ?? []
    return name === '' ? [] : [{ name, width: Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, Number(width))) }]
  })
  const unique = read.filter(({ name }, at) => read.findIndex((one) => one.name === name) === at)
  return unique.length === 0 ? DEFAULT_COLUMNS : unique.slice(0, MAX_COLUMNS)
}

/** @returns undefined for the default columns, which the address need not carry */
export function writeColumns(columns: readonly Column[]): string[] | undefined {
  const written = columns.map(({ name, width }) => `${name}:${Math.round(width)}`)
  const usual = DEFAULT_COLUMNS.map(({ name, width }) => `${name}:${width}`)
  return written.join('\n') === usual.join('\n') ? undefined : written
}

/** A span of time; null: open at this end. */
export interface Span {
  readonly from: string | null
  readonly to: string | null
}

/** The span that an address names. @param now when it was asked, in milliseconds since 1970 */
export function spanOf({ range, from, to }: ExplorerSearch, now: number): Span {
  if (range === undefined && (from !== undefined || to !== undefined))
    return { from: from ?? null, to: to ?? null }
  const { ms } = ranges[range ?? DEFAULT_RANGE]
  return { from: ms === null ? null : new Date(now - ms).toISOString(), to: null }
}

/** A filter that also keeps to a span of time. */
export function within(filter: Filter | null, { from, to }: Span): Filter | null {
  return filterOfChips([
    ...(filter === null ? [] : [filter]),
    ...(from === null ? [] : [{ field: 'timestamp', op: 'gte' as const, value: from }]),
    ...(to === null ? [] : [{ field: 'timestamp', op: 'lt' as const, value: to }]),
  ])
}
