import type { LiveStream } from '../../platform/http/live-stream.ts'
import type { WakeUps } from '../../platform/streams/wake-ups.ts'
import { followLog, type LogStart } from './log-follower.ts'
import type { LogReadStore } from './log-read-store.ts'
import { type LogFilter, topicOf } from './log-record.ts'
import { toWire } from './log-service.ts'

/** Asks, when all that there is has been sent, whether nothing will come any more. */
export type IsOver = () => Promise<boolean>

/** Sends logs to their readers as they come. */
export class LogStreams {
  readonly #store: LogReadStore
  readonly #wakeUps: WakeUps

  constructor(store: LogReadStore, wakeUps: WakeUps) {
    this.#store = store
    this.#wakeUps = wakeUps
  }

  /** Sends a log, what there is and what comes, until it is over or its reader is gone. Never rejects. */
  async send(
    stream: LiveStream,
    log: { workspaceId: string; filter: LogFilter; start: LogStart },
    isOver: IsOver,
  ): Promise<void> {
    const signal = stream.over
    const topic = topicOf(log.workspaceId, log.filter)
    try {
      const batches = followLog(this.#store, log, {
        wait: () => this.#wakeUps.next(topic, signal),
        isOver,
        signal,
      })
      for await (const records of batches) {
        stream.send(
          records.map((record) =>
            Buffer.from(`id: ${record.sequence}\nevent: log\ndata: ${JSON.stringify(toWire(record))}\n\n`),
          ),
        )
        await stream.ready()
      }
      stream.end()
    } catch {
      // A database that is away for a moment: the reader comes again with the last id that it has.
      stream.breakOff('WF_1400', 'the log cannot be read at the moment', 'read_error')
    }
  }
}
