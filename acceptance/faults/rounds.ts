import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { testTemporalBin } from '@tramontane/testkit/test-temporal'
import { batchImport } from './batch-import.ts'
import { campaign } from './campaign.ts'
import { conversationTurns } from './conversation-turns.ts'
import { datasetImport } from './dataset-import.ts'
import { type Fault, faults } from './fault.ts'
import { gatewayTraffic } from './gateway.ts'
import { Installation } from './installation.ts'
import type { Round, Scenario } from './scenario.ts'
import { workflowExecutions } from './workflow-executions.ts'
import { workflowStream } from './workflow-stream.ts'

/** Those that take longest first, since tests run several of them at a time. */
export const scenarios: readonly Scenario[] = [
  campaign,
  datasetImport,
  gatewayTraffic,
  batchImport,
  conversationTurns,
  workflowStream,
  workflowExecutions,
]

/** What strikes a scenario. */
export function faultsOf({ workflows }: Scenario): readonly Fault[] {
  return workflows?.faults ?? faults
}

/** What is to be run. */
export interface Rounds {
  readonly scenarios: readonly Scenario[]
  /** Of each scenario with each fault. */
  readonly rounds: number
  /** Decides the moments of the faults; printed, so that a round that failed can be run again. */
  readonly seed: number
  /** When no round is begun any more, in ms since 1970. */
  readonly until?: number
  /** Gets a line for each round that passed. */
  readonly report: (line: string) => void
}

/**
 * Runs each scenario against each of its faults, the fault at a random moment of each round; those about workflows on one
 * installation, all others on another. All of them come by turns, so that a run that ends early has seen each about as
 * often.
 * @returns how many rounds passed, by scenario and fault
 * @throws the first thing that was lost or doubled, with the round, the moment and what the server printed
 */
export async function runRounds(options: Rounds): Promise<Map<string, number>> {
  const passed = new Map<string, number>()
  const provider = await startScriptedProvider()
  const installations = new Map<string | undefined, Installation>()
  const installationFor = async ({ workflows }: Scenario) => {
    const known = installations.get(workflows?.worker)
    if (known) return known
    const engine = workflows && { temporalBin: testTemporalBin(), worker: workflows.worker }
    const installation = await Installation.start(provider.url, engine)
    installations.set(workflows?.worker, installation)
    return installation
  }
  const turns = Math.max(...options.scenarios.map((scenario) => faultsOf(scenario).length))
  try {
    for (let round = 1; round <= options.rounds; round++) {
      for (let turn = 0; turn < turns; turn++) {
        for (const scenario of options.scenarios) {
          const fault = faultsOf(scenario)[turn]
          if (!fault) continue
          if (Date.now() > (options.until ?? Number.POSITIVE_INFINITY)) return passed
          const what = `${scenario.name}, ${fault.name}`
          const installation = await installationFor(scenario)
          options.report(await runRound(installation, provider, scenario, { fault, what, round, ...options }))
          passed.set(what, (passed.get(what) ?? 0) + 1)
        }
      }
    }
    return passed
  } finally {
    for (const installation of installations.values()) await installation.close()
    await provider.close()
  }
}

async function runRound(
  installation: Installation,
  provider: ScriptedProvider,
  scenario: Scenario,
  { fault, what, round, seed }: { fault: Round['fault']; what: string; round: number; seed: number },
): Promise<string> {
  // From the names, not from a sequence: a round is the same whichever others are run before it.
  const random = createHash('sha256').update(`${seed} ${what} ${round}`).digest()
  const afterMs = random.readUInt32BE(0) % scenario.durationMs
  const name = `${seed}-${random.toString('hex', 4, 8)}`
  const startedAt = performance.now()
  const over = new AbortController()
  const label = `${what} after ${afterMs} ms, round ${round}, seed ${seed}`
  try {
    await installation.ready()
    const finish = await scenario.begin(installation, provider, { name, fault, signal: over.signal })
    await delay(afterMs)
    await fault.strike(installation)
    await finish()
  } catch (cause) {
    throw new Error(`${label}\n${installation.log}`, { cause })
  } finally {
    over.abort()
  }
  return `${label} (${((performance.now() - startedAt) / 1_000).toFixed(1)} s)`
}
