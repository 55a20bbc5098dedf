import assert from 'node:assert/strict'
import { syncBuiltinESMExports } from 'node:module'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { ApiError } from '../../platform/http/errors.ts'
import type { LiveStream } from '../../platform/http/live-stream.ts'
import { ExecutionEnd, type ExecutionState } from './execution-end.ts'
import type { StoredEvent } from './stored-event.ts'

const STARTED = 'WORKFLOW_EXECUTION_STARTED'
const COMPLETED = 'WORKFLOW_EXECUTION_COMPLETED'
const CONTINUED = 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW'

/** The end of an execution's stream, with its states as a test says. */
describe("the end of an execution's stream", () => {
  let over: AbortController
  let state: ExecutionState | Error | undefined
  let sentUpTo: number
  let end: ExecutionEnd
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] })
    // What is imported by name keeps the real timers else.
    syncBuiltinESMExports()
    over = new AbortController()
    sentUpTo = 0
    state = { runId: 'second', endTime: null, untold: [], position: 0 }
    const stream = { over: over.signal, end: () => over.abort() } as unknown as LiveStream
    end = new ExecutionEnd(stream, {
      state: async () => {
        if (state instanceof Error) throw state
        return state
      },
      hasSent: (sequence) => sentUpTo >= sequence,
    })
  })
  afterEach(() => {
    over.abort()
    mock.timers.reset()
    syncBuiltinESMExports()
  })

  const sent = (run: string, ...types: string[]) => {
    for (const type of types) end.sent({ event_type: type, workflow_run_id: run } as StoredEvent)
  }
  /** Lets time pass, in steps that are shorter than any pause. */
  const pass = async (milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += 50) {
      mock.timers.tick(50)
      for (let turns = 0; turns < 10; turns++) await Promise.resolve()
    }
  }
  const closed = (untold: string[], position: number): ExecutionState => ({
    runId: 'second',
    endTime: new Date(),
    untold,
    position,
  })

  it('comes when the last run has ended and its events are sent', async () => {
    sent('first', STARTED, CONTINUED)
    sent('second', STARTED, COMPLETED)
    await pass(10_000)
    assert.ok(!over.signal.aborted, 'the run is open')
    state = closed(['second'], 0)
    await pass(5_000)
    assert.ok(over.signal.aborted)
  })

  it('waits for an earlier run of which not all is told, and for what was stored then', async () => {
    state = closed(['first', 'second'], 4)
    sent('second', STARTED, COMPLETED)
    await pass(20_000)
    assert.ok(!over.signal.aborted, 'the end of the first run is not stored')
    state = closed(['second'], 6)
    await pass(10_000)
    assert.ok(!over.signal.aborted, 'it is stored, and not sent')
    sentUpTo = 6
    state = closed(['second'], 7)
    await pass(5_000)
    assert.ok(over.signal.aborted, 'what others store later is not waited for')
  })

  it('comes at once with the event that was waited for', async () => {
    state = closed(['first', 'second'], 0)
    sent('second', STARTED, COMPLETED)
    await pass(20_000)
    sent('first', STARTED, CONTINUED)
    await pass(100)
    assert.ok(over.signal.aborted)
  })

  it('waits for a beginning that no worker has told', async () => {
    state = closed(['second'], 0)
    sent('second', COMPLETED)
    await pass(10_000)
    assert.ok(!over.signal.aborted)
    state = closed([], 0)
    await pass(5_000)
    assert.ok(over.signal.aborted)
  })

  it('does not wait for ever', async () => {
    state = closed(['first', 'second'], 0)
    end.caughtUp()
    await pass(55_000)
    assert.ok(!over.signal.aborted)
    await pass(15_000)
    assert.ok(over.signal.aborted)
  })

  it('is put off by a run that goes on in place of the last', async () => {
    state = closed(['second'], 0)
    sent('second', STARTED)
    await pass(50_000)
    state = { runId: 'third', endTime: null, untold: [], position: 0 }
    sent('second', COMPLETED)
    await pass(50_000)
    assert.ok(!over.signal.aborted)
  })

  it('comes after an end if the engine cannot tell of more, and not because the database is slow', async () => {
    state = new Error('the database')
    sent('second', COMPLETED)
    await pass(30_000)
    assert.ok(!over.signal.aborted)
    state = new ApiError('TEMPORAL_UNAVAILABLE', 'there is no engine')
    await pass(20_000)
    assert.ok(over.signal.aborted)
  })
})
