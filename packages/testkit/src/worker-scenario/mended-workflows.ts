import { workflow } from '@tramontane/worker/workflow'
import { z } from 'zod'

/** A workflow that waits for mended code when it has a mistake. This is the mended one. */
export const stubborn = workflow({
  name: 'stubborn',
  output: z.string(),
  onError: 'wait',
  async run() {
    return 'mended'
  },
})
