import { activities, condition, workflow } from '@tramontane/worker/workflow'
import { z } from 'zod'
import type * as steps from './activities.ts'

const { answer } = activities<typeof steps>({ timeout: '2 minutes', heartbeat: '30 seconds' })

export const chat = workflow({
  name: 'chat',
  displayName: 'Chat',
  description:
    'A conversation that lasts for a day, through every restart; each answer is on the stream as it is written.',
  input: z.object({ model: z.string() }),
  output: z.object({ turns: z.int() }),
  signals: { goodbye: { description: 'Ends the conversation.' } },
  queries: { history: { output: z.array(z.object({ role: z.string(), content: z.string() })) } },
  updates: { say: { input: z.object({ text: z.string().min(1) }), output: z.object({ text: z.string() }) } },
  executionTimeout: '1 day',
  async run({ model }, { handle }) {
    const messages: { role: string; content: string }[] = []
    let isOver = false
    handle({
      async say({ text }) {
        messages.push({ role: 'user', content: text })
        const reply = await answer(model, messages)
        messages.push({ role: 'assistant', content: reply })
        return { text: reply }
      },
      history: () => messages,
      goodbye() {
        isOver = true
      },
    })
    await condition(() => isOver)
    return { turns: messages.length / 2 }
  },
})
