import { startWorker } from '@tramontane/worker'
import { result, start } from '../api.ts'
import * as activities from './activities.ts'

// A worker, and beside it somebody who starts an execution. In real life they are two programs.
await using _worker = await startWorker({
  workflows: import.meta.resolve('./workflows.ts'),
  activities,
  deploymentName: 'hello-world',
})

const id = await start('hello-world', { name: process.argv[2] ?? 'world' })
console.log(`execution ${id} runs`)
console.log((await result(id)).result)
