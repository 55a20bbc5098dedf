import { once } from 'node:events'
import { startTestWorker } from '@tramontane/testkit/test-worker'

// The worker of a benchmark, in a process of its own as workers are: in that of the caller it would slow what is measured. Says
// when it is ready, and ends with whoever started it.
const worker = await startTestWorker(JSON.parse(process.argv[2]!) as Parameters<typeof startTestWorker>[0])
process.send!('ready')
await once(process, 'disconnect')
await worker.stop()
process.exit()
