import { runWorker } from '@tramontane/worker'

await runWorker({ workflows: import.meta.resolve('./workflows.ts') })
