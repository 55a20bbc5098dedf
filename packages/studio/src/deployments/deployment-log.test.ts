import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LogRecord } from '@tramontane/contract/logs'
import { ApiError } from '../api/api-error.ts'
import { DeploymentLog, type LogCalls } from './deployment-log.ts'

const START = Date.UTC(2026, 0, 1)
const record = (second: number, body = `line ${second}`): LogRecord => ({
  timestamp: new Date(START + second * 1_000).toISOString(),
  trace_id: '',
  span_id: '',
  severity_text: 'INFO',
  body,
  log_attributes: {},
})
const frame = (id: number, what: LogRecord) => ({ id: String(id), event: 'log', data: JSON.stringify(what) })
const bodies = (log: DeploymentLog) => log.state.lines.map(({ body }) => body)

/** Calls that answer what a test says, one stream after the other; the last one ends the test. */
function scripted(
  streams: (() => ReturnType<LogCalls['stream']>)[],
  stop: AbortController,
): LogCalls & { from: unknown[] } {
  const from: unknown[] = []
  return {
    from,
    page: async (cursor) =>
      cursor === undefined
        ? { results: [record(3), record(2)], next_cursor: 'older' }
        : { results: [record(1), record(0)], next_cursor: null },
    stream: (start) => {
      from.push(start)
      return streams.shift()!()
    },
    pause: async () => {
      if (streams.length === 0) stop.abort()
    },
  }
}

describe('the log of a deployment', () => {
  it('shows the newest lines, what comes in the order of time, and older ones when asked', async () => {
    const stop = new AbortController()
    const calls = scripted(
      [
        async function* () {
          // Of the older page, which is not there yet.
          yield frame(0, record(1))
          yield frame(1, record(2))
          yield frame(2, record(3))
          yield frame(3, record(3))
          yield frame(4, record(5))
          yield frame(5, record(4, 'late'))
        },
        async function* () {
          yield frame(6, record(6))
        },
      ],
      stop,
    )
    const log = new DeploymentLog(calls)
    await log.follow(stop.signal)
    assert.deepEqual(bodies(log), ['line 2', 'line 3', 'line 3', 'late', 'line 5', 'line 6'])
    assert.deepEqual(calls.from, [
      { after: new Date(START + 3_000 - 60_000).toISOString() },
      { last_event_id: '5' },
    ])
    assert.ok(log.state.hasOlder)
    await log.readOlder()
    assert.deepEqual(bodies(log).slice(0, 3), ['line 0', 'line 1', 'line 2'])
    assert.ok(!log.state.hasOlder)
    assert.equal(new Set(log.state.lines.map(({ key }) => key)).size, 8)
  })

  it('goes on after the connection was lost, and not after a refusal', async () => {
    const stop = new AbortController()
    const states: string[] = []
    const log = new DeploymentLog(
      scripted(
        [
          async function* () {
            yield frame(7, record(4))
            yield { id: undefined, event: 'error', data: '{"error":"too slow"}' }
          },
          async function* () {
            yield frame(8, record(5))
            throw new ApiError('No deployment has this name.', { status: 404 })
          },
        ],
        stop,
      ),
    )
    log.subscribe(() => states.push(log.state.state))
    await log.follow(stop.signal)
    assert.deepEqual(bodies(log), ['line 2', 'line 3', 'line 4', 'line 5'])
    assert.deepEqual(
      states.filter((state, i) => state !== states[i - 1]),
      ['loading', 'live', 'waiting', 'live', 'failed'],
    )
    assert.equal(log.state.error?.message, 'No deployment has this name.')
  })
})
