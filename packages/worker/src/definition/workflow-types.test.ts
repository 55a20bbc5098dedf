import { it } from 'node:test'
import { z } from 'zod'
import { activities, executeChild, remoteWorkflow, startChild, waitForInput, workflow } from '../workflow.ts'

/** What the compiler must take, and what it must refuse; nothing here runs. */
export async function typesOf(): Promise<void> {
  const order = workflow({
    name: 'order',
    input: z.object({ id: z.string(), count: z.int().default(1) }),
    output: z.object({ paid: z.number() }),
    signals: { pay: { input: z.object({ amount: z.number() }) }, stop: {} },
    queries: { paid: { output: z.number() } },
    updates: { move: { input: z.object({ city: z.string() }), output: z.string() } },
    searchKeys: ({ id, count }) => ({ id: id.trim(), count: count + 1 }),
    schedules: [
      { id: 'a', cron: '* * * * *', input: { id: 'x' } },
      // @ts-expect-error the input of a schedule is the workflow's
      { id: 'b', cron: '* * * * *', input: { id: 1 } },
    ],
    async run({ id, count }, { handle, continueAsNew }) {
      const paid: number = count
      handle({
        pay: ({ amount }) => void amount.toFixed(),
        stop: async () => {},
        paid: () => paid,
        move: async ({ city }) => city + id,
      })
      // @ts-expect-error a handler is missing
      handle({ pay: () => {}, stop: () => {}, paid: () => paid })
      // @ts-expect-error a query answers what its schema says
      handle({ pay: () => {}, stop: () => {}, paid: () => 'much', move: () => '' })
      // @ts-expect-error a query answers at once
      handle({ pay: () => {}, stop: () => {}, paid: async () => paid, move: () => '' })
      // What has a default may be left out.
      if (count > 9) await continueAsNew({ id })
      // @ts-expect-error the next run takes the same input
      await continueAsNew({ count: 1 })
      return { paid }
    },
  })
  // @ts-expect-error the result must fit the output
  workflow({ name: 'a', output: z.string(), run: async () => 1 })
  // @ts-expect-error an input is an object
  workflow({ name: 'a', input: z.string(), run: async () => {} })
  const plain = workflow({ name: 'plain', run: async () => {} })

  const { paid }: { paid: number } = await executeChild(order, { id: '7' })
  paid.toFixed()
  await executeChild(plain)
  // @ts-expect-error the child takes an id
  await executeChild(order, { id: 7 })
  // @ts-expect-error the child takes an input
  await executeChild(order)
  const child = await startChild(order, { id: '7' }, { whenParentCloses: 'abandon' })
  await child.signal('pay', { amount: 1 })
  await child.signal('stop')
  // @ts-expect-error there is no such signal
  await child.signal('charge', { amount: 1 })
  // @ts-expect-error the signal takes an amount
  await child.signal('pay')
  const remote = remoteWorkflow({
    name: 'remote',
    deployment: 'python',
    input: z.object({ text: z.string() }),
    output: z.array(z.string()),
  })
  const words: string[] = await executeChild(remote, { text: 'a' })
  words.at(0)

  const answer: { ok: boolean } = await waitForInput(z.object({ ok: z.boolean() }))
  const perhaps = await waitForInput(z.object({ ok: z.boolean() }), { timeout: '1 day' })
  // @ts-expect-error nobody may have answered
  perhaps.ok satisfies boolean
  answer.ok satisfies boolean

  interface Steps {
    add(a: number, b: number): number
    name(): Promise<string>
    limit: number
  }
  const calls = activities<Steps>({ timeout: '1 minute', attempts: 2 })
  const sum: number = await calls.add(1, 2)
  const name: string = await calls.name()
  sum.toFixed(name.length)
  // @ts-expect-error an activity takes what its function takes
  await calls.add('1', 2)
  // @ts-expect-error what is no function is no activity
  calls.limit
}

it('the types of definitions refuse what cannot work', () => {
  // The compiler has seen to it.
})
