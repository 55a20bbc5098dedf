import path from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import type { TestGroup } from './test-groups.ts'

/**
 * Runs test files, several processes at a time, and prints how each test ended and where the time went.
 * @param signal breaks them off
 * @returns whether each test passed, and each file was run to its end
 */
export async function runGroups(groups: readonly TestGroup[], signal: AbortSignal): Promise<boolean> {
  let passed = true
  const stream = run({
    files: groups.map(({ file }) => file),
    concurrency: 5,
    execArgv: ['--conditions=tramontane-source', '--import', './scripts/end-when-tested.ts'],
    timeout: 15 * 60_000,
    signal,
  })
  stream.on('test:fail', () => {
    passed = false
  })
  const ended = new Set<string>()
  stream.on('test:summary', ({ file }) => {
    if (file !== undefined) ended.add(path.resolve(file))
  })
  const seconds = new Map<string, number>()
  stream.on('test:complete', ({ name, nesting, file, details }) => {
    // The process that runs a file or a group is told of as a test too, by its path.
    if (nesting > 0 || file === undefined || path.resolve(name) === path.resolve(file)) return
    const known = seconds.get(file) ?? 0
    seconds.set(file, known + details.duration_ms / 1_000)
  })
  const reporter = new spec()
  stream.compose(reporter).pipe(process.stdout)
  await new Promise((resolve) => stream.once('close', resolve))
  // What is tested may have ended its process, with success, before the last test.
  const cutShort = groups.filter(({ file }) => !ended.has(path.resolve(file)))
  if (cutShort.length > 0 && !signal.aborted) {
    passed = false
    process.stdout.write(`\nnot run to the end:\n${cutShort.flatMap(({ members }) => members).join('\n')}\n`)
  }
  if (seconds.size > 1) tellSlowest(seconds)
  return passed
}

/** Where the time went: whoever makes the tests slower sees it here. */
function tellSlowest(seconds: ReadonlyMap<string, number>): void {
  const slowest = [...seconds].sort(([, one], [, other]) => other - one).slice(0, 12)
  const lines = slowest.map(([file, time]) => `${time.toFixed(0).padStart(5)} s  ${path.relative('.', file)}`)
  process.stdout.write(`\nslowest files, ${seconds.size} in all:\n${lines.join('\n')}\n`)
}
