export interface CampaignsSearch {
  /** A part of the name. */
  q?: string
  page?: number
}

export interface NewCampaignSearch {
  /** Which events, as text. */
  filter?: string
  judge?: string
}

export type CampaignTab = 'events' | 'failures'

/** What of a campaign is looked at. */
export interface CampaignSearch {
  /** The answers if absent. */
  tab?: CampaignTab
  /** A field by whose values the answers are told apart. */
  group?: string
  /** Only events with this class, … */
  label?: string
  /** … or with a score in this part of the range, … */
  from?: number
  to?: number
  /** … or in this state, … */
  state?: 'pending' | 'judged' | 'failed'
  /** … or that failed for this reason. */
  reason?: string
  /** The event that is looked at. */
  event?: string
}

/** Two campaigns side by side. */
export interface ComparisonSearch {
  left?: string
  right?: string
  /** A pair of answers whose events are listed. */
  this?: string
  other?: string
  event?: string
}

type Values = Record<string, unknown>

function text(value: unknown): string | undefined {
  // Numbers come as such from an address: `?label=1`.
  const found = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  return typeof found === 'string' && found !== '' ? found : undefined
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** Takes out what is undefined, so that it does not stand in the address. */
function present<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T
}

/** Reads an address; what it cannot mean is left out. */
export function validateCampaignsSearch({ q, page }: Values): CampaignsSearch {
  const at = number(page)
  return present<CampaignsSearch>({
    q: text(q),
    page: at !== undefined && Number.isInteger(at) && at > 1 ? at : undefined,
  })
}

/** Reads an address; what it cannot mean is left out. */
export function validateNewCampaignSearch({ filter, judge }: Values): NewCampaignSearch {
  return present<NewCampaignSearch>({ filter: text(filter), judge: text(judge) })
}

/** Reads an address; what it cannot mean is left out. */
export function validateCampaignSearch(search: Values): CampaignSearch {
  const { tab, state } = search
  return present<CampaignSearch>({
    tab: tab === 'events' || tab === 'failures' ? tab : undefined,
    group: text(search.group),
    label: text(search.label),
    from: number(search.from),
    to: number(search.to),
    state: state === 'pending' || state === 'judged' || state === 'failed' ? state : undefined,
    reason: text(search.reason),
    event: text(search.event),
  })
}

/** Reads an address; what it cannot mean is left out. */
export function validateComparisonSearch(search: Values): ComparisonSearch {
  return present<ComparisonSearch>({
    left: text(search.left),
    right: text(search.right),
    this: text(search.this),
    other: text(search.other),
    event: text(search.event),
  })
}
