import { executeChild, remoteWorkflow, workflow } from '@tramontane/worker/workflow'
import { z } from 'zod'

/** Workflows in TypeScript whose children are Python's. */

const deployment = 'python-children'
const input = z.object({ text: z.string() })
const summarise = remoteWorkflow({
  name: 'python-summarise',
  deployment,
  input,
  output: z.object({ summary: z.string(), length: z.int() }),
})
const shout = remoteWorkflow({ name: 'python-shout', deployment, input, output: z.string() })

export const parent = workflow({
  name: 'typescript-parent',
  input,
  output: z.object({ summary: z.string(), length: z.int(), loud: z.string() }),
  async run({ text }) {
    const [summary, loud] = await Promise.all([
      executeChild(summarise, { text }),
      executeChild(shout, { text }),
    ])
    return { ...summary, loud }
  },
})

export const hello = workflow({
  name: 'hello',
  input: z.object({ name: z.string() }),
  output: z.string(),
  run: async ({ name }) => `Hello, ${name}!`,
})
