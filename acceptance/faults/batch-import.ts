import assert from 'node:assert/strict'
import type { Scenario } from './scenario.ts'

const BATCHES = 30
const BATCH_SIZE = 100
const SENDERS = 3

/** A batch import that sends each batch until it is acknowledged: every record is stored, once. */
export const batchImport: Scenario = {
  name: 'batch import',
  durationMs: 1_200,
  begin: async (installation, _provider, { name }) => {
    const path = '/v1/observability/chat-completion-events'
    const acknowledged: string[] = []
    const send = async (batch: number) => {
      const events = Array.from({ length: BATCH_SIZE }, (_, index) => ({
        event_id: `${name}:${batch}:${index}`,
        correlation_id: `${name}:${batch}:${index}`,
        model_name: 'imported',
        // Half of the batches have a time of their own; of the others, the first time that they are sent must count.
        ...(batch % 2 === 0
          ? { timestamp: new Date(Date.UTC(2026, 0, 1, 0, batch, 0, index)).toISOString() }
          : {}),
        request_messages: [{ role: 'user', content: `Question ${index} of batch ${batch}` }],
        response_messages: [{ role: 'assistant', content: 'x'.repeat(1_000) }],
      }))
      const { event_ids: ids } = await installation.insist<{ event_ids: string[] }>(201, 'POST', path, {
        events,
      })
      acknowledged.push(...ids)
    }
    const batches = Array.from({ length: BATCHES }, (_, batch) => batch).values()
    const sending = Promise.all(
      Array.from({ length: SENDERS }, async () => {
        for (const batch of batches) await send(batch)
      }),
    )
    return async () => {
      await sending
      assert.equal(new Set(acknowledged).size, BATCHES * BATCH_SIZE)
      const { completion_event_ids: ids } = await installation.insist<{ completion_event_ids: string[] }>(
        200,
        'POST',
        `${path}/search-ids`,
        { search_params: { filters: { field: 'correlation_id', op: 'startswith', value: `${name}:` } } },
      )
      assert.deepEqual(ids.sort(), acknowledged.sort(), 'what is stored is not what was acknowledged')
    }
  },
}
