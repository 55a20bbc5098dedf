import { after } from 'node:test'

// Goes before each test file. What a failed test leaves open must not keep its file, and with it the whole run, from ending.
// Node's own `--test-force-exit` ends the process before it has told its last results: under load, half of the time.
const TOLD_MS = 10_000
after(() => {
  setTimeout(() => process.exit(), TOLD_MS).unref()
})
