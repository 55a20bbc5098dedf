import { activities, workflow } from '@tramontane/worker/workflow'
import { z } from 'zod'
import type * as steps from './activities.ts'

const { createJudge, startCampaign } = activities<typeof steps>({ timeout: '30 seconds' })
const { waitForCampaign } = activities<typeof steps>({ timeout: '3 hours', heartbeat: '1 minute' })

export const nightlyReview = workflow({
  name: 'nightly-review',
  displayName: 'Nightly review',
  description: "Lets a judge judge the day's answers while everybody sleeps.",
  input: z.object({
    filter: z.record(z.string(), z.unknown()),
    model: z.string(),
    max: z.int().default(1000),
  }),
  output: z.object({ campaign: z.string(), judged: z.int(), unhelpful: z.int() }),
  executionTimeout: '4 hours',
  schedules: [
    {
      id: 'nightly-review',
      cron: '0 2 * * *',
      timeZone: 'Europe/Paris',
      input: {
        filter: { field: 'status', op: 'eq', value: 'ok' },
        model: 'mistral-small-latest',
      },
    },
  ],
  async run({ filter, model, max }) {
    const judge = await createJudge(model)
    const campaign = await startCampaign(judge, filter, max)
    return { campaign, ...(await waitForCampaign(campaign, judge)) }
  },
})
