import { readFileSync } from 'node:fs'
import { after } from 'node:test'

// Goes before each test file. What a failed test leaves open must not keep its file, and with it the whole run, from ending.
// Node's own `--test-force-exit` ends the process before it has told its last results: under load, half of the time.
const LEFT_OPEN_MS = 10_000
const TOLD_MS = 1_000
after(() => {
  setTimeout(() => {
    const open = new Set(process.getActiveResourcesInfo())
    process.stderr.write(`${[...open].join(', ')} left open by ${testFiles().join(' or ')}\n`)
    // Has the runner tell the results now.
    process.emit('beforeExit', 0)
    setTimeout(() => process.exit(), TOLD_MS)
  }, LEFT_OPEN_MS).unref()
})

// A worker within a test takes the signal as its own, and would leave a run that was broken off waiting.
process.once('SIGTERM', () => process.exit(1))

/** The file that is run, or those of its group: see `test-groups.ts`. */
function testFiles(): string[] {
  const file = process.argv[1]!
  if (!file.endsWith('.mjs')) return [file]
  return [...readFileSync(file, 'utf8').matchAll(/"(.+)"/g)].map(([, member]) => member!)
}
