import { isClosingEvent } from '@tramontane/contract/closing-events'
import type { HistoryEvent } from '@tramontane/contract/run-history'
import type { Frame } from '../api/stream.ts'
import { HistoryGroups } from './history-groups.ts'
import { keptStores, LiveStore } from './live-store.ts'

/** The history of a run as it grows, in short, and what happened in it. */
export class RunHistory extends LiveStore {
  readonly runId: string
  readonly events: HistoryEvent[] = []
  readonly groups = new HistoryGroups()
  protected override readonly operation = 'streamRunHistory'
  protected override readonly parts: { params: { run_id: string } }

  constructor(runId: string) {
    super()
    this.runId = runId
    this.parts = { params: { run_id: runId } }
  }

  /** Whether its last event is there. */
  get isClosed(): boolean {
    return isClosingEvent(this.events.at(-1)?.event_type ?? '')
  }

  protected override take({ data }: Frame): void {
    const { events } = JSON.parse(data) as { events: HistoryEvent[] }
    for (const event of events) this.events.push(event)
    this.groups.add(events)
  }

  protected override isOver(): boolean {
    return this.isClosed
  }
}

/** The history of a run; the same each time. */
export const runHistory = keptStores((runId) => new RunHistory(runId))
