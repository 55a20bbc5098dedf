import { activities, sleep, workflow } from '@tramontane/worker/workflow'
import { z } from 'zod'
import type * as steps from './activities.ts'

const { translate } = activities<typeof steps>({ timeout: '10 seconds', attempts: 5 })

export const helloWorld = workflow({
  name: 'hello-world',
  displayName: 'Hello, world',
  input: z.object({ name: z.string(), language: z.enum(['English', 'French', 'German']).default('French') }),
  output: z.string(),
  async run({ name, language }) {
    const hello = await translate('Hello', language)
    await sleep('1 second') // stop the worker here, start it again: it goes on
    return `${hello}, ${name}!`
  },
})
