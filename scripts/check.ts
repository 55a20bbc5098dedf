import { spawn } from 'node:child_process'
import { once } from 'node:events'

// Several threads check again and again what they share: that takes three times the processor's time and, on two cores, no
// less of ours.
const COMMANDS = [
  ['tsc', '--noEmit', '--singleThreaded'],
  ['tsc', '--noEmit', '--singleThreaded', '--project', 'packages/studio'],
  ['biome', 'ci', '--max-diagnostics=50', '.'],
]

/** Checks types and lint, side by side, and prints what they find. @returns whether they find nothing */
export async function check(): Promise<boolean> {
  const codes = await Promise.all(
    COMMANDS.map(async ([command, ...args]) => {
      const [code] = await once(spawn(`node_modules/.bin/${command}`, args, { stdio: 'inherit' }), 'exit')
      return code
    }),
  )
  return codes.every((code) => code === 0)
}

if (import.meta.main && !(await check())) process.exitCode = 1
