import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow'

/** Workflows of `startTestWorker`: each leads to one of the things that an execution can come to. */

const activities = proxyActivities<{ flakyActivity(failures: number): Promise<number> }>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '10ms', backoffCoefficient: 1, maximumAttempts: 5 },
})

const patient = proxyActivities<{ flakyActivity(failures: number): Promise<number> }>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '10 minutes', maximumAttempts: 3 },
})

/** Gives back what it gets. */
export async function echo(input: unknown): Promise<unknown> {
  return input
}

/** Fails at once. */
export async function fail(input: { message: string }): Promise<never> {
  throw ApplicationFailure.nonRetryable(input?.message ?? 'told to fail')
}

/** Runs until the signal `finish`; takes values by signal and by update, and tells them when asked. */
export async function collect(input: { values?: number[] } | null): Promise<{ values: number[] }> {
  const values = [...(input?.values ?? [])]
  let isDone = false
  setHandler(defineSignal<[{ value: number }]>('add'), ({ value }) => {
    values.push(value)
  })
  setHandler(defineSignal('finish'), () => {
    isDone = true
  })
  setHandler(defineQuery<number[]>('values'), () => values)
  setHandler(defineQuery<never>('broken'), () => {
    throw new Error('the query failed')
  })
  setHandler(
    defineUpdate<{ count: number }, [{ value: number }]>('append'),
    ({ value }) => {
      if (value === 13) throw ApplicationFailure.nonRetryable('13 is not taken')
      values.push(value)
      return { count: values.length }
    },
    {
      validator: ({ value }) => {
        if (value < 0) throw new Error('value must not be negative')
      },
    },
  )
  await condition(() => isDone)
  return { values }
}

/** Runs `echo` as its child and gives back what that gave. */
export async function parent(input: { childId: string; input: unknown }): Promise<unknown> {
  return { child: await executeChild(echo, { workflowId: input.childId, args: [input.input] }) }
}

/** Continues as new as often as it is told to. */
export async function again(input: { times: number }): Promise<{ times: number }> {
  if (input.times > 0) await continueAsNew<typeof again>({ times: input.times - 1 })
  return input
}

/** Sleeps. */
export async function nap(input: { milliseconds: number }): Promise<string> {
  await sleep(input.milliseconds)
  return 'rested'
}

/** Sleeps longer than its definition lets it run. */
export async function short(): Promise<void> {
  await sleep('1 hour')
}

/** Calls an activity that fails as often as it is told to before it succeeds. */
export async function flaky(input: { failures: number }): Promise<{ attempts: number }> {
  try {
    return { attempts: await activities.flakyActivity(input.failures) }
  } catch (error) {
    if (error instanceof ActivityFailure)
      throw ApplicationFailure.nonRetryable('the activity failed for good')
    throw error
  }
}

/** Calls an activity that fails, and is not tried again before ten minutes have passed. */
export async function waits(): Promise<number> {
  return patient.flakyActivity(1)
}

/**
 * Calls activities and waits for timers, so many at once, until its history has so many events; then it waits for the
 * signal `finish`. Of ten, three are timers unless it is told how many.
 */
export async function busy(input: { events: number; atOnce: number; timers?: number }): Promise<void> {
  let isDone = false
  setHandler(defineSignal('finish'), () => {
    isDone = true
  })
  while (workflowInfo().historyLength < input.events)
    await Promise.all(
      Array.from({ length: input.atOnce }, async (_, index) =>
        index % 10 < (input.timers ?? 3) ? sleep(1) : activities.flakyActivity(0),
      ),
    )
  await condition(() => isDone)
}

/** Has a fault in its own code, so that its task fails again and again and it never gets anywhere. */
export async function stuck(): Promise<never> {
  throw new Error('a fault in the code of the workflow')
}

/** Gives back nothing. */
export async function nothing(): Promise<void> {}
