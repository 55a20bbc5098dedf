import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import type { Info } from '@temporalio/activity'
import { noopMetricMeter } from '@temporalio/common'
import {
  ActivityCancellationDetails,
  type ActivityCancellationDetailsOptions,
} from '@temporalio/common/lib/activity-cancellation-details.js'
import { DefaultLogger } from '@temporalio/worker'
import { Activity, type CancelReason } from '@temporalio/worker/lib/activity.js'
import type { SentEvent } from '../run-events.ts'
import { activityInterceptors } from './activity-interceptor.ts'
import { EventPublisher } from './event-publisher.ts'
import { Telemetry } from './telemetry.ts'
import { workerSettings } from './worker-settings.ts'

const telemetry = new Telemetry({
  ...workerSettings({ apiKey: 'k', deploymentName: 'd' }),
  telemetry: { traces: null, logs: null },
})

/** An attempt at an activity as Temporal's own worker makes one, of three. */
function attempt(changes: Partial<Info>, send: (events: readonly SentEvent[]) => Promise<undefined>) {
  const publisher = new EventPublisher(send, () => assert.fail('nothing is dropped'))
  const info = {
    activityId: '1',
    activityType: 'a',
    workflowType: 'w',
    workflowExecution: { workflowId: 'e', runId: 'r' },
    attempt: 1,
    startToCloseTimeoutMs: 60_000,
    retryPolicy: { maximumAttempts: 3 },
    ...changes,
  } as Info
  const activity = new Activity(
    info,
    undefined,
    {} as never,
    {} as never,
    undefined,
    () => {},
    undefined,
    new DefaultLogger('ERROR'),
    noopMetricMeter,
    [activityInterceptors(publisher, telemetry)],
  )
  return {
    activity,
    run: (code: () => Promise<unknown>) => activity.runNoEncoding(code, { args: [], headers: {} }),
  }
}

/** Timers that do what they are told instead of waiting: how busy the machine is does not matter. */
const timers = (set: (done: () => void) => void) =>
  mock.method(globalThis, 'setTimeout', ((done: () => void) => set(done)) as never).mock

describe('what is told of an attempt at an activity', () => {
  it('that is cut short: whether another one comes, as Temporal decides it', async () => {
    const cases: [CancelReason, ActivityCancellationDetailsOptions, number, string][] = [
      ['TIMED_OUT', { timedOut: true, notFound: true }, 1, 'RETRYING'],
      ['TIMED_OUT', { timedOut: true, notFound: true }, 3, 'FAILED'],
      ['NOT_FOUND', { notFound: true }, 2, 'RETRYING'],
      ['WORKER_SHUTDOWN', { workerShutdown: true }, 1, 'RETRYING'],
      ['WORKER_SHUTDOWN', { workerShutdown: true }, 3, 'FAILED'],
      ['PAUSED', { paused: true }, 1, 'RETRYING'],
      ['RESET', { reset: true }, 1, 'RETRYING'],
      ['CANCELLED', { cancelRequested: true }, 1, 'FAILED'],
    ]
    for (const [reason, details, count, expected] of cases) {
      const told: string[] = []
      const { activity, run } = attempt({ attempt: count }, async (events) => {
        told.push(...events.map(({ event_type }) => event_type))
        return undefined
      })
      const ended = run(() => activity.context.cancelled)
      activity.cancel(reason, new ActivityCancellationDetails(details))
      await assert.rejects(ended, { message: reason })
      assert.equal(told.at(-1), `ACTIVITY_TASK_${expected}`, `${reason}, attempt ${count}`)
    }
  })

  it('whose call was cancelled: that it is over, whatever it throws then', async () => {
    const told: string[] = []
    const { activity, run } = attempt({}, async (events) => {
      told.push(...events.map(({ event_type }) => event_type))
      return undefined
    })
    const ended = run(() =>
      activity.context.cancelled.catch(() => {
        throw new Error('stopped half way')
      }),
    )
    activity.cancel('CANCELLED', new ActivityCancellationDetails({ cancelRequested: true }))
    await assert.rejects(ended, { message: 'stopped half way' })
    assert.deepEqual(told, ['ACTIVITY_TASK_STARTED', 'ACTIVITY_TASK_FAILED'])
  })

  it('arrives before the attempt is over', async () => {
    const waits = timers(() => {})
    const arrived: string[] = []
    const { run } = attempt({}, async (events) => {
      await new Promise(setImmediate)
      arrived.push(...events.map(({ event_type }) => event_type))
      return undefined
    })
    assert.equal(await run(async () => 7), 7)
    assert.deepEqual(arrived, ['ACTIVITY_TASK_STARTED', 'ACTIVITY_TASK_COMPLETED'])
    waits.restore()
  })

  it('holds it up for a moment only, and for less where Temporal would miss it by then', {
    timeout: 30_000,
  }, async () => {
    const never = new Promise<undefined>(() => {})
    for (const [timeouts, mostMs] of [
      [{}, 1_000],
      [{ heartbeatTimeoutMs: 200 }, 50],
      [{ startToCloseTimeoutMs: 400 }, 100],
    ] as const) {
      const waits = timers((done) => setImmediate(done))
      const { run } = attempt(timeouts, () => never)
      assert.equal(await run(async () => 'done'), 'done')
      const failing = async () => {
        throw new Error('fails')
      }
      await assert.rejects(run(failing), { message: 'fails' })
      const waited = waits.calls.map(({ arguments: [, ms] }) => ms!)
      assert.equal(waited.length, 2)
      assert.ok(Math.max(...waited) <= mostMs, `${waited} ms`)
      waits.restore()
    }
  })
})
