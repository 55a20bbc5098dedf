import assert from 'node:assert/strict'
import { eventually } from '@tramontane/testkit/eventually'
import { ResumingReader } from '@tramontane/testkit/resuming-reader'
import { sentWorkflowEvent } from '@tramontane/testkit/sample-workflow-events'
import { StreamReader } from '@tramontane/testkit/stream-reader'
import type { Installation } from './installation.ts'
import { type Listed, listEvents } from './listed-events.ts'
import type { Scenario } from './scenario.ts'

const WRITERS = 3
const BATCHES = 60
const BATCH_SIZE = 25
const READERS = 3
/** One reader begins at the very first event, as long as there are not more than so many. */
const HISTORY = 150_000

/** Sends batches one after the other, each until it is acknowledged. @returns the ids, in order */
async function write(installation: Installation, round: string, writer: string): Promise<string[]> {
  const acknowledged: string[] = []
  for (let batch = 0; batch < BATCHES; batch++) {
    const events = Array.from({ length: BATCH_SIZE }, () =>
      sentWorkflowEvent('CUSTOM_TASK_IN_PROGRESS', {
        workflow_exec_id: writer,
        root_workflow_exec_id: round,
        workflow_name: round,
      }),
    )
    const answer = await installation.insist<{ status: string }>(200, 'POST', '/v1/workflows/events/batch', {
      events,
    })
    assert.equal(answer.status, 'success')
    acknowledged.push(...events.map(({ event_id }) => event_id))
  }
  return acknowledged
}

/**
 * Workers that store events and readers that hang up at random: each reader has what the list shows, in its order, and
 * the list has what was acknowledged, once.
 */
export const workflowStream: Scenario = {
  name: 'workflow events',
  durationMs: 1_500,
  begin: async (installation, _provider, { name, signal }) => {
    const round = `round-${name}`
    const read = (query: string, longest: number) =>
      new ResumingReader(
        (lastEventId) =>
          StreamReader.open(
            `${installation.url}/v1/workflows/events/stream?last_event_id=${lastEventId}${query}`,
            installation,
          ),
        Math.random,
        { frames: longest, signal },
      )
    const readers = Array.from({ length: READERS }, (_, number) =>
      read(number === 0 ? `&workflow_name=${round}` : `&root_workflow_exec_id=${round}`, 500),
    )
    const historian = read('', 20_000)
    const writers = Array.from({ length: WRITERS }, (_, number) => `${round}-${number}`)
    const writing = Promise.all(writers.map((writer) => write(installation, round, writer)))
    return async () => {
      const acknowledged = await writing
      const listed = await listEvents(installation, `root_workflow_exec_id=${round}`)
      for (const [number, writer] of writers.entries())
        assert.deepEqual(
          listed.filter((event) => event.workflow_exec_id === writer).map(({ event_id }) => event_id),
          acknowledged[number],
          'what is listed is not what was acknowledged, in its order',
        )
      for (const reader of readers) await checkReader(reader, listed)
      const all = await listEvents(installation, '')
      if (all.length <= HISTORY) await checkReader(historian, all)
      else await historian.stop()
    }
  },
}

async function checkReader(reader: ResumingReader, listed: readonly Listed[]): Promise<void> {
  await eventually(() => reader.events.length >= listed.length, { timeoutMs: 120_000 }).catch(() => {})
  await reader.stop()
  assert.deepEqual(
    reader.events.map(({ id }) => id),
    listed.map(({ event_id }) => event_id),
    `a reader, in ${reader.connections} connections, has not read what is listed`,
  )
  const sequences = reader.events.map(({ sequence }) => sequence)
  assert.ok(
    sequences.every((sequence, place) => place === 0 || sequence > sequences[place - 1]!),
    'sequences do not only grow',
  )
}
