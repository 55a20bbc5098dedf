import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { ResumingReader } from '@tramontane/testkit/resuming-reader'
import {
  type SentWorkflowEvent,
  sentWorkflowEvent,
  workflowEventTypes,
} from '@tramontane/testkit/sample-workflow-events'
import { startSecondServer } from '@tramontane/testkit/second-server'
import { StreamReader } from '@tramontane/testkit/stream-reader'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const WRITERS = 5
const EVENTS_EACH = 20_000
/** Events of a batch, at most. */
const BATCH = 400
/** Of one connection, at most: so few that each reader resumes again and again. */
const FRAMES = 8_000
const PATIENCE_MS = 300_000
const READERS = 8

/** A source of chance that gives the same again for the same seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function randomEvent(random: () => number): SentWorkflowEvent {
  return sentWorkflowEvent(workflowEventTypes[Math.floor(random() * workflowEventTypes.length)]!, {
    workflow_exec_id: `execution ${Math.floor(random() * 5)}`,
    workflow_name: random() < 0.5 ? 'even' : 'odd',
    attributes: random() < 0.002 ? { filler: 'x'.repeat(50_000) } : {},
  })
}

/** Which events readers want, each as a query and as a plain condition. */
const filters: readonly [string, (event: SentWorkflowEvent) => boolean][] = [
  ['', () => true],
  ['workflow_exec_id=execution%203', (event) => event.workflow_exec_id === 'execution 3'],
  [
    'workflow_name=odd&scope=activity',
    (event) => event.workflow_name === 'odd' && event.event_type.startsWith('ACTIVITY'),
  ],
  ['stream=token', (event) => event.event_type.startsWith('CUSTOM')],
]

async function listed(server: TestServer): Promise<SentWorkflowEvent[]> {
  const events: SentWorkflowEvent[] = []
  for (let query = ''; ; ) {
    const { body } = await server.call('GET', `/v1/workflows/events/list?limit=1000${query}`)
    events.push(...body.events)
    if (body.next_cursor === null) return events
    query = `&cursor=${body.next_cursor}`
  }
}

describe('readers of the event stream that hang up at random', () => {
  it('read exactly what the list shows of 100,000 events, while many write on two servers', async (test) => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    test.diagnostic(`seed ${seed}`)
    const server = await startTestServer()
    const second = await startSecondServer(server)
    const urls = [server.url, second.url]
    try {
      const readers = Array.from({ length: READERS }, (_, number) => {
        const random = seeded(seed + number)
        const [query, isWanted] = filters[number % filters.length]!
        const open = (lastEventId: number) =>
          StreamReader.open(
            `${urls[Math.floor(random() * 2)]}/v1/workflows/events/stream?last_event_id=${lastEventId}&${query}`,
            server,
          )
        return { isWanted, query, reader: new ResumingReader(open, random, { frames: FRAMES }) }
      })
      await Promise.all(
        Array.from({ length: WRITERS }, async (_, number) => {
          const random = seeded(seed - number - 1)
          for (let left = EVENTS_EACH; left > 0; ) {
            const events = Array.from({ length: Math.min(left, 1 + Math.floor(random() * BATCH)) }, () =>
              randomEvent(random),
            )
            const send = () =>
              server.call('POST', `${urls[number % 2]}/v1/workflows/events/batch`, { body: { events } })
            let { status } = await send()
            // On a machine this busy a commit may take longer than the server waits. Sent again, nothing is there twice.
            while (status === 503) ({ status } = await send())
            assert.equal(status, 200)
            left -= events.length
          }
        }),
      )
      const all = await listed(server)
      assert.equal(all.length, WRITERS * EVENTS_EACH)
      for (const { isWanted, query, reader } of readers) {
        const wanted = all.filter(isWanted).map(({ event_id }) => event_id)
        await eventually(() => reader.events.length >= wanted.length, { timeoutMs: PATIENCE_MS })
        await reader.stop()
        assert.deepEqual(
          reader.events.map(({ id }) => id),
          wanted,
          `${query}, read in ${reader.connections} connections`,
        )
        assert.ok(reader.connections > 3)
        assert.ok(
          reader.events.every(
            ({ sequence }, place) => place === 0 || sequence > reader.events[place - 1]!.sequence,
          ),
        )
      }
    } finally {
      await second.close()
      await server.close()
    }
  })
})
