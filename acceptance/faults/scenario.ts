import type { ScriptedProvider } from '@tramontane/testkit/scripted-provider'
import type { Fault } from './fault.ts'
import type { Installation } from './installation.ts'

/** One fault in one scenario, once. */
export interface Round {
  /** Unlike that of every other round on the installation: what a round stores can be told apart by it. */
  readonly name: string
  readonly fault: Fault
  /** Aborted when the round is over, however it ended: readers would go on for ever. */
  readonly signal: AbortSignal
}

/** Work during which a fault strikes, and what must be true afterwards. */
export interface Scenario {
  readonly name: string
  /** About how long the work takes without a fault, in ms: the fault strikes somewhere in it. */
  readonly durationMs: number
  /** If it is about workflows: then it runs on an installation with Temporal and a worker. */
  readonly workflows?: {
    /** The program of the worker. */
    readonly worker: string
    /** What strikes, in place of what strikes all others. */
    readonly faults: readonly Fault[]
  }
  /**
   * Begins the work; the returned function is called when the fault has struck, waits for the work's end, and throws if
   * anything is lost or doubled.
   */
  begin(installation: Installation, provider: ScriptedProvider, round: Round): Promise<() => Promise<void>>
}
