import type { TemporalPayload } from '@tramontane/contract/workflow-payload'

const KEPT_MS = 5 * 60_000
const MAX_RUNS = 2_000
const MAX_BYTES = 16 * 1024

/**
 * What runs were given that were started here a short while ago. If their worker does not say that they have begun, we do, and need
 * not ask Temporal for what we gave it.
 */
export class RecentInputs {
  readonly #inputs = new Map<string, { payload: TemporalPayload; until: number }>()

  note(runId: string, payload: TemporalPayload): void {
    if ((payload.data?.length ?? 0) > MAX_BYTES) return
    this.#inputs.set(runId, { payload, until: Date.now() + KEPT_MS })
    for (const [oldest, { until }] of this.#inputs) {
      if (this.#inputs.size <= MAX_RUNS && until > Date.now()) break
      this.#inputs.delete(oldest)
    }
  }

  /** The input, once; undefined if it is not known any more. */
  take(runId: string): TemporalPayload | undefined {
    const input = this.#inputs.get(runId)
    this.#inputs.delete(runId)
    return input?.payload
  }
}
