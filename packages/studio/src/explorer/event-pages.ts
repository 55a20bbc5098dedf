interface Page<E> {
  readonly completion_events: { readonly results: E[]; next: string | null; cursor: string | null }
}

interface Pages<P> {
  pages: P[]
  pageParams: (string | null)[]
}

/**
 * Puts the newest page of a list before what is known of it. An event that came late stands where its time is; what is older
 * than all that is known comes with a further page.
 * @returns the same object if nothing is new; only the page if so much is new that events between are unknown
 */
export function mergeNewest<E extends { readonly event_id: string }, P extends Page<E>>(
  known: Pages<P>,
  newest: P,
): Pages<P> {
  const ids = new Set(
    known.pages.flatMap(({ completion_events }) => completion_events.results.map((one) => one.event_id)),
  )
  const { results } = newest.completion_events
  const last = known.pages.at(-1)?.completion_events
  const end = (last?.cursor && last.results.at(-1)?.event_id) || ''
  const fresh = results.filter(({ event_id }) => !ids.has(event_id) && event_id > end)
  if (fresh.length === 0) return known
  const isGap = fresh.length === results.length && ids.size > 0 && newest.completion_events.cursor !== null
  const [first, ...others] = known.pages
  if (isGap || !first) return { pages: [newest], pageParams: [null] }
  const merged = [...fresh, ...first.completion_events.results].sort((a, b) =>
    a.event_id < b.event_id ? 1 : -1,
  )
  const page = { ...first, completion_events: { ...first.completion_events, results: merged } }
  return { pages: [page, ...others], pageParams: known.pageParams }
}
