import { runWorker } from '@tramontane/worker'
import * as activities from './activities.ts'

/** A worker as a user's program has it. */
await runWorker({ workflows: import.meta.resolve('./workflows.ts'), activities })
