import { describe, it } from 'node:test'
import { runRounds, scenarios } from './faults/rounds.ts'

// Two rounds of each fault in each scenario; `npm run test:faults` runs twenty.
const seed = Number(process.env.TRAMONTANE_FAULTS_SEED) || Math.floor(Math.random() * 1e6)

describe('nothing acknowledged is lost or doubled', { concurrency: 3 }, () => {
  for (const scenario of scenarios.filter(({ workflows }) => !workflows)) {
    it(`${scenario.name}, struck at random moments`, async (context) => {
      const report = (line: string) => context.diagnostic(line)
      await runRounds({ scenarios: [scenario], rounds: 2, seed, report })
    })
  }
})
