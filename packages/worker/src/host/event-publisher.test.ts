import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runEvent, type SentEvent } from '../run-events.ts'
import { ServerError } from './control-plane.ts'
import { EventPublisher } from './event-publisher.ts'

const source = {
  workflow_name: 'w',
  workflow_exec_id: 'e',
  workflow_run_id: 'r',
  root_workflow_exec_id: 'e',
  parent_workflow_exec_id: null,
  continued_run_id: null,
  first_execution_run_id: null,
  schedule_id: null,
}
const event = (id: number, value: unknown = null): SentEvent =>
  runEvent(source, String(id), 1_764_000_000_000.123, 'ACTIVITY_TASK_STARTED', {
    task_id: '1',
    activity_name: 'a',
    input: { type: 'json', value },
  })
const ids = (batches: (readonly SentEvent[])[]) =>
  batches.map((batch) => batch.map(({ event_id }) => event_id))

describe('the publisher of events', () => {
  it('sends what gathers while a request is under way in the next one, in order', async () => {
    const batches: (readonly SentEvent[])[] = []
    const first = Promise.withResolvers<undefined>()
    const publisher = new EventPublisher(
      async (events) => {
        batches.push(events)
        return batches.length === 1 ? first.promise : undefined
      },
      () => assert.fail('nothing is dropped'),
    )
    const one = publisher.publish([event(1)])
    await Promise.resolve()
    await Promise.resolve()
    const others = [publisher.publish([event(2)]), publisher.publish([event(3), event(4)])]
    first.resolve(undefined)
    await Promise.all([one, ...others])
    assert.deepEqual(ids(batches), [['1'], ['2', '3', '4']])
    assert.equal(batches[0]![0]!.event_timestamp, 1_764_000_000_000_123_000)
  })

  it('tries again what may pass, and drops what does not, with a word', async () => {
    const warnings: Record<string, unknown>[] = []
    let calls = 0
    const publisher = new EventPublisher(
      async () => {
        calls++
        if (calls < 3) throw new ServerError('away', 0)
        if (calls === 4) throw new ServerError('no', 413)
        return calls === 5 ? 'event 3 has no type' : undefined
      },
      (message, details) => warnings.push({ message, ...details }),
    )
    await publisher.publish([event(1)])
    assert.equal(calls, 3)
    await publisher.publish([event(2)])
    await publisher.publish([event(3)])
    assert.deepEqual(
      warnings.map(({ message }) => message),
      ['Events were not sent, and are dropped', 'The server left out events'],
    )
  })

  it('keeps requests small, and those who make too many events waiting', async () => {
    const sizes: number[] = []
    const publisher = new EventPublisher(
      async (events) => {
        sizes.push(events.length)
        return undefined
      },
      () => {},
    )
    const large = 'x'.repeat(600_000)
    const all = publisher.publish(Array.from({ length: 40 }, (_, id) => event(id, large)))
    let hasRoom = false
    const room = publisher.room().then(() => {
      hasRoom = true
    })
    await Promise.resolve()
    assert.equal(hasRoom, false)
    await all
    await room
    assert.deepEqual(sizes, Array(40).fill(1))
    await publisher.publish(Array.from({ length: 1_200 }, (_, id) => event(id)))
    assert.deepEqual(sizes.slice(40), [500, 500, 200])
    await publisher.drain()
  })
})
