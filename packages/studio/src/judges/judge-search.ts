/** What the list of judges shows. */
export interface JudgesSearch {
  /** A part of the name. */
  q?: string
  page?: number
}

export type JudgeTab = 'revisions' | 'usage'

/** What of a judge is looked at, and on what it is tried. */
export interface JudgeSearch {
  /** The editor if absent. */
  tab?: JudgeTab
  /** A revision, whose difference to the one before it is shown. */
  revision?: string
  /** The event on which the judge is tried. */
  event?: string
  /** The dataset, and its record, on which the judge is tried. */
  dataset?: string
  record?: string
  /** Which events are offered. */
  filter?: string
}

function text(value: unknown): string | undefined {
  // Numbers come as such from an address: `?q=12`.
  const found = typeof value === 'number' ? String(value) : value
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** Takes out what is undefined, so that it does not stand in the address. */
function present<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T
}

/** Reads an address; what it cannot mean is left out. */
export function validateJudgesSearch({ q, page }: Record<string, unknown>): JudgesSearch {
  const number = Number(page)
  return present<JudgesSearch>({
    q: text(q),
    page: Number.isInteger(number) && number > 1 ? number : undefined,
  })
}

/** Reads an address; what it cannot mean is left out. */
export function validateJudgeSearch(search: Record<string, unknown>): JudgeSearch {
  const { tab } = search
  return present<JudgeSearch>({
    tab: tab === 'revisions' || tab === 'usage' ? tab : undefined,
    revision: text(search.revision),
    event: text(search.event),
    dataset: text(search.dataset),
    record: text(search.record),
    filter: text(search.filter),
  })
}
