import {
  ApplicationFailure,
  activities,
  condition,
  executeChild,
  log,
  sleep,
  startChild,
  task,
  waitForInput,
  workflow,
} from '@tramontane/worker/workflow'
import { z } from 'zod'
import type * as steps from './activities.ts'

/** Workflows for tests, each for one thing that a workflow can do. */

const { translate, write } = activities<typeof steps>({ timeout: '10 seconds' })
const quickly = { initialInterval: '10ms', backoffCoefficient: 1 } as const
const { flaky, refuse } = activities<typeof steps>({ timeout: '1 minute', retry: quickly })
// Of its signs of life, four fifths of this time apart, each has the rest of it to get to Temporal.
const { slow } = activities<typeof steps>({ timeout: '1 minute', heartbeat: '5 seconds', retry: quickly })
const { flaky: patiently } = activities<typeof steps>({
  timeout: '1 minute',
  retry: { initialInterval: '5 minutes', maximumAttempts: 4 },
})
const { now } = activities<typeof steps>({ rateLimit: { key: 'clock', max: 5, per: '1 second' } })

export const hello = workflow({
  name: 'hello',
  displayName: 'Hello',
  description: 'Says hello.',
  input: z.object({ name: z.string().min(1), language: z.string().default('French') }),
  output: z.string(),
  async run({ name, language }) {
    log.info('saying hello')
    return `${await translate('Hello', language)}, ${name}!`
  },
})

export const nothing = workflow({ name: 'nothing', async run() {} })

export const order = workflow({
  name: 'order',
  input: z.object({ id: z.string() }),
  output: z.object({ paid: z.number(), city: z.string() }),
  signals: { pay: { input: z.object({ amount: z.number().positive() }), description: 'A payment came in.' } },
  queries: { status: { output: z.object({ paid: z.number(), city: z.string() }) } },
  updates: { move: { input: z.object({ city: z.string().min(2) }), output: z.object({ from: z.string() }) } },
  searchKeys: ({ id }) => ({ 'order.id': id, unpaid: true }),
  async run(_input, { handle }) {
    let paid = 0
    let city = 'nowhere'
    handle({
      pay({ amount }) {
        paid += amount
      },
      status: () => ({ paid, city }),
      async move(input) {
        if (input.city === city) throw ApplicationFailure.nonRetryable('already there')
        const from = city
        city = await translate(input.city, 'none')
        return { from }
      },
    })
    await condition(() => paid >= 10)
    return { paid, city }
  },
})

export const retries = workflow({
  name: 'retries',
  input: z.object({ failures: z.int() }),
  output: z.number(),
  run: ({ failures }) => flaky({ failures }),
})

/** Fails once, and is not tried again before five minutes have passed. */
export const patient = workflow({
  name: 'patient',
  output: z.number(),
  run: () => patiently({ failures: 1 }),
})

export const refused = workflow({
  name: 'refused',
  input: z.object({ reason: z.string() }),
  async run({ reason }) {
    await refuse(reason)
  },
})

export const mistaken = workflow({
  name: 'mistaken',
  async run() {
    throw new TypeError('the author has made a mistake')
  },
})

export const parent = workflow({
  name: 'parent',
  input: z.object({ names: z.array(z.string()) }),
  output: z.array(z.string()),
  async run({ names }) {
    return Promise.all(names.map((name) => executeChild(hello, { name })))
  },
})

export const paymaster = workflow({
  name: 'paymaster',
  output: z.number(),
  async run() {
    const child = await startChild(order, { id: 'x' })
    await child.signal('pay', { amount: 12 })
    return (await child.result()).paid
  },
})

export const countdown = workflow({
  name: 'countdown',
  input: z.object({ from: z.int(), runs: z.int().default(1) }),
  output: z.object({ runs: z.int() }),
  async run({ from, runs }, { continueAsNew }) {
    if (from > 0) await continueAsNew({ from: from - 1, runs: runs + 1 })
    return { runs }
  },
})

export const nap = workflow({
  name: 'nap',
  input: z.object({ ms: z.int() }),
  output: z.string(),
  async run({ ms }) {
    await sleep(ms)
    return 'rested'
  },
})

export const approval = workflow({
  name: 'approval',
  input: z.object({ timeoutMs: z.int().optional() }),
  output: z.object({ approved: z.boolean(), by: z.string() }),
  executionTimeout: '7 days',
  async run({ timeoutMs }) {
    const answer = z.object({ approved: z.boolean(), by: z.string() })
    if (timeoutMs === undefined) return waitForInput(answer, { label: 'Shall we?' })
    const given = await waitForInput(answer, { label: 'Shall we?', timeout: timeoutMs })
    return given ?? { approved: false, by: 'nobody' }
  },
})

export const writer = workflow({
  name: 'writer',
  input: z.object({ words: z.array(z.string()) }),
  output: z.string(),
  run: ({ words }) => write(words),
})

export const steps3 = workflow({
  name: 'steps',
  output: z.number(),
  async run() {
    return task('steps', { done: 0 }, async (all) => {
      for (let i = 1; i <= 3; i++) await all.update({ done: i })
      return all.state.done
    })
  },
})

export const long = workflow({
  name: 'long',
  input: z.object({ ms: z.int() }),
  output: z.number(),
  run: ({ ms }) => slow({ ms }),
})

export const clocked = workflow({
  name: 'clocked',
  input: z.object({ times: z.int() }),
  output: z.array(z.number()),
  run: ({ times }) => Promise.all(Array.from({ length: times }, () => now())),
})

export const nightly = workflow({
  name: 'nightly',
  input: z.object({ note: z.string() }),
  output: z.string(),
  schedules: [{ id: 'nightly-test', cron: '0 3 * * *', timeZone: 'Europe/Paris', input: { note: 'night' } }],
  async run({ note }) {
    return note
  },
})
