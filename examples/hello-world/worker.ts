import { runWorker } from '@tramontane/worker'
import * as activities from './activities.ts'

await runWorker({ workflows: import.meta.resolve('./workflows.ts'), activities })
