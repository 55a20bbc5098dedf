import { describe, it } from 'node:test'
import { faultsOf, runRounds, scenarios } from './faults/rounds.ts'

// As `faults.test.ts`, for the scenarios that need a Temporal. They wait much, for tasks of dead workers to time out: so
// half of the faults strike one installation while the other half strike another.
const seed = Number(process.env.TRAMONTANE_FAULTS_SEED) || Math.floor(Math.random() * 1e6)
const HALVES = 2

describe('no execution, effect or event is lost or doubled', { concurrency: HALVES }, () => {
  for (const scenario of scenarios) {
    const { workflows } = scenario
    if (!workflows) continue
    for (let half = 0; half < HALVES; half++) {
      const faults = faultsOf(scenario).filter((_, number) => number % HALVES === half)
      const names = faults.map(({ name }) => name).join(', ')
      it(`${scenario.name} at random moments: ${names}`, async (context) => {
        const report = (line: string) => context.diagnostic(line)
        const part = { ...scenario, workflows: { ...workflows, faults } }
        await runRounds({ scenarios: [part], rounds: 2, seed, report })
      })
    }
  }
})
