import type { Overview } from '@tramontane/contract/overview'
import type { CampaignReader } from '../observability/campaigns/campaign-reader.ts'
import type { EventReader } from '../observability/events/event-reader.ts'
import type { Platform } from '../platform/platform.ts'
import type { RunReader } from '../workflows/executions/run-reader.ts'
import type { RegistrationReader } from '../workflows/registrations/registration-reader.ts'

const HOUR_MS = 3_600_000
const HOURS = 24
/** Counting is given up sooner than somebody who waits. */
const COUNT_MS = 2_000
/** Pages that are open side by side share what was counted a moment ago. */
const REMEMBERED_MS = 2_000

type Counted = Pick<Overview, 'last_day' | 'executions'>

interface Needs {
  readonly events: EventReader
  readonly campaigns: CampaignReader
  readonly registrations: RegistrationReader
  readonly runs: RunReader
}

/** Puts together what a workspace's first page shows. */
export class OverviewService {
  readonly #platform: Pick<Platform, 'config' | 'publicUrl' | 'temporal' | 'workerEntrance'>
  readonly #needs: Needs
  readonly #counted = new Map<string, { at: number; counts: Promise<Counted> }>()

  constructor(
    platform: Pick<Platform, 'config' | 'publicUrl' | 'temporal' | 'workerEntrance'>,
    needs: Needs,
  ) {
    this.#platform = platform
    this.#needs = needs
  }

  /** A workspace at a glance; what cannot be counted in time is left out. */
  async of(workspaceId: string): Promise<Overview> {
    const { config, publicUrl, temporal, workerEntrance } = this.#platform
    const { events, campaigns, registrations } = this.#needs
    const [counts, newest, workers, running] = await Promise.all([
      this.#counts(workspaceId),
      events.newest(workspaceId),
      registrations.workers(workspaceId),
      campaigns.running(workspaceId),
    ])
    const { address, closed } = workerEntrance()
    return {
      public_url: publicUrl(),
      is_public_url_set: config.http.publicUrl !== null,
      providers: config.providers.map(({ name, models }) => ({ name, models })),
      workflows: {
        engine: config.temporal.kind,
        unavailable: temporal.unavailable,
        worker_address: address?.address ?? null,
        worker_closed: address ? null : closed,
      },
      retention_days: config.retentionDays,
      workflow_retention_days: config.workflowRetentionDays,
      last_event_at: newest?.toISOString() ?? null,
      last_worker_at: workers.lastSeen?.toISOString() ?? null,
      nb_workers: workers.count,
      campaigns: { nb_running: running.count, running: running.newest },
      ...counts,
    }
  }

  #counts(workspaceId: string): Promise<Counted> {
    const now = Date.now()
    for (const [id, { at }] of this.#counted) if (at < now - REMEMBERED_MS) this.#counted.delete(id)
    let known = this.#counted.get(workspaceId)
    if (!known) {
      known = { at: now, counts: this.#count(workspaceId, now) }
      this.#counted.set(workspaceId, known)
      known.counts.catch(() => this.#counted.delete(workspaceId))
    }
    return known.counts
  }

  async #count(workspaceId: string, now: number): Promise<Counted> {
    const { events, runs } = this.#needs
    const bounds = Array.from({ length: HOURS + 1 }, (_, index) => new Date(now - (HOURS - index) * HOUR_MS))
    const [hours, counts] = await Promise.all([
      events.traffic(workspaceId, bounds, COUNT_MS).catch(unlessTimedOut),
      runs.counts(workspaceId, bounds[0]!, COUNT_MS).catch(unlessTimedOut),
    ])
    return {
      last_day: hours ? lastDay(hours) : null,
      executions: counts
        ? { nb_running: counts.running, nb_started: counts.started, nb_failed: counts.failed }
        : null,
    }
  }
}

type Hours = Awaited<ReturnType<EventReader['traffic']>>

function lastDay(hours: Hours): NonNullable<Overview['last_day']> {
  const spans = hours.map((hour) => ({
    from: hour.from.toISOString(),
    nb_events: hour.events,
    nb_errors: hour.errors,
    nb_cancelled: hour.cancelled,
    input_tokens: hour.inputTokens,
    output_tokens: hour.outputTokens,
  }))
  const sum = (name: 'nb_events' | 'nb_errors' | 'nb_cancelled' | 'input_tokens' | 'output_tokens') =>
    spans.reduce((total, span) => total + span[name], 0)
  return {
    nb_events: sum('nb_events'),
    nb_errors: sum('nb_errors'),
    nb_cancelled: sum('nb_cancelled'),
    input_tokens: sum('input_tokens'),
    output_tokens: sum('output_tokens'),
    hours: spans,
  }
}

function unlessTimedOut(error: unknown): null {
  if ((error as { code?: unknown }).code === '57014') return null
  throw error
}
