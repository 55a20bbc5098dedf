import { spawnSync } from 'node:child_process'

// Types and lint, as `npm test` runs them first.
for (const [command, ...args] of [
  ['tsc', '--noEmit'],
  ['tsc', '--noEmit', '--project', 'packages/studio'],
  ['biome', 'ci', '--max-diagnostics=50', '.'],
]) {
  const done = spawnSync(`node_modules/.bin/${command}`, args, { stdio: 'inherit' })
  if (done.status !== 0) process.exit(done.status ?? 1)
}
