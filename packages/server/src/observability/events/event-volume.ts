import type { EventVolume } from '@tramontane/contract/event-analysis'
import type { Filter } from '@tramontane/contract/filter'
import { ApiError } from '../../platform/http/errors.ts'
import type { EventSearch } from './event-search.ts'
import type { BucketCount, EventVolumeStore } from './event-volume-store.ts'
import { bucketsOf } from './volume-steps.ts'

/** Counting is given up sooner than a search, so that an estimate still comes in time. */
const EXACT_MS = 450
const ESTIMATE_MS = 500
/** Events that an estimate looks at. */
const SAMPLED = 40_000

const toIso = (micros: bigint) => new Date(Number(micros / 1000n)).toISOString()

function microsOf(instant: string): bigint {
  return BigInt(Date.parse(instant)) * 1000n
}

/** How many events there were over time. */
export class EventVolumes {
  readonly #search: EventSearch
  readonly #store: EventVolumeStore

  constructor(search: EventSearch, store: EventVolumeStore) {
    this.#search = search
    this.#store = store
  }

  /** @throws ApiError SEARCH_BAD_REQUEST if the span ends before it begins; what is wrong with the filter */
  async count(
    workspaceId: string,
    filter: Filter | null,
    range: { from?: string | null | undefined; to?: string | null | undefined; maxBuckets: number },
  ): Promise<EventVolume> {
    const fields = await this.#search.fields(workspaceId)
    const compiled = await this.#search.compile(workspaceId, filter, fields)
    const span = range.from && range.to ? undefined : await this.#store.span(workspaceId)
    const from = range.from ? microsOf(range.from) : span?.first
    const to = range.to ? microsOf(range.to) : span && span.last + 1n
    if (from === undefined || to === undefined || (to <= from && !(range.from && range.to))) return NOTHING
    if (to <= from)
      throw new ApiError(
        'SEARCH_BAD_REQUEST',
        'The span of time ends before it begins: `from` must be before `to`.',
      )
    if (from < 0n) throw new ApiError('SEARCH_BAD_REQUEST', '`from` must not be before 1970.')
    const { bounds, stepSeconds } = bucketsOf(from, to, range.maxBuckets)
    const counting = { workspaceId, filter: compiled, bounds }
    const exact = await this.#store.count({ ...counting, timeLimitMs: EXACT_MS })
    const counts = exact ?? (await this.#estimate(counting))
    const sum = (of: (count: BucketCount) => number) => counts.reduce((all, one) => all + of(one), 0)
    return {
      from: toIso(from),
      // What is shown in milliseconds must not end before its last event.
      to: toIso(to + 999n),
      step_seconds: stepSeconds,
      nb_events: sum(({ events }) => events),
      nb_errors: sum(({ errors }) => errors),
      is_exact: exact !== undefined,
      buckets: counts.map(({ events, errors }, index) => ({
        from: toIso(bounds[index]!),
        nb_events: events,
        nb_errors: errors,
      })),
    }
  }

  async #estimate(
    counting: Omit<Parameters<EventVolumeStore['count']>[0], 'timeLimitMs'>,
  ): Promise<BucketCount[]> {
    const ends = [counting.bounds[0]!, counting.bounds.at(-1)!]
    const all = await this.#store.count({
      ...counting,
      bounds: ends,
      filter: { parts: [] },
      timeLimitMs: EXACT_MS,
    })
    const share = all ? SAMPLED / Math.max(SAMPLED, all[0]!.events) : 0.01
    return this.#store.estimate({ ...counting, timeLimitMs: ESTIMATE_MS }, share)
  }
}

const NOTHING: EventVolume = {
  from: null,
  to: null,
  step_seconds: 1,
  nb_events: 0,
  nb_errors: 0,
  is_exact: true,
  buckets: [],
}
