import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { ApiClient } from './api-client.ts'
import { followHistory } from './execution-stream.ts'

const frame = (id: number, type: string) =>
  `id: ${id}\nevent: history\ndata: ${JSON.stringify({
    events: [
      { event_id: id, event_type: type, event_time: '2026-05-01T10:00:00Z', attributes: {}, previews: {} },
    ],
  })}\n\n`
const error = (code: string) => `event: error\ndata: ${JSON.stringify({ error: 'no more', code })}\n\n`
const CLOSED = frame(2, 'WORKFLOW_EXECUTION_COMPLETED')

/** Follows a history that is sent in these answers, one after the other. */
async function follow(...answers: ((response: ServerResponse) => void)[]) {
  const asked: (string | undefined)[] = []
  const server = createServer(({ url }, response) => {
    response.setHeader('content-type', 'text/event-stream')
    answers[asked.length]?.(response)
    asked.push(url?.replace(/.*\?/, ''))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const api = new ApiClient(`http://127.0.0.1:${port}`, 'a key', () => undefined)
    const seen: number[] = []
    for await (const { event_id } of followHistory(api, 'a run', AbortSignal.timeout(30_000)))
      seen.push(event_id)
    return { seen, asked }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('the following of a history', () => {
  const begun = frame(1, 'WORKFLOW_EXECUTION_STARTED')
  const breaksOff = (response: ServerResponse) => response.write(begun, () => response.destroy())
  const sends = (text: string) => (response: ServerResponse) => void response.end(text)

  it('goes on behind the last event after a connection that breaks, and after a server that stops', async () => {
    for (const first of [breaksOff, sends(begun + error('SERVICE_UNAVAILABLE'))])
      assert.deepEqual(await follow(first, sends(CLOSED)), {
        seen: [1, 2],
        asked: ['last_event_id=0', 'last_event_id=1'],
      })
  })

  it('ends, and asks no more, when what comes cannot be read, or will not come', async () => {
    for (const text of [
      error('WF_1100'),
      error('AUTH_UNAUTHORIZED'),
      'data: {\n\n',
      'data: {"events":[{}]}\n\n',
    ])
      assert.deepEqual(await follow(sends(begun + text), sends(CLOSED)), {
        seen: [1],
        asked: ['last_event_id=0'],
      })
  })
})
