import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { sentWorkflowEvent } from '@tramontane/testkit/sample-workflow-events'
import { ApiClient } from './api-client.ts'
import type { Session } from './session.ts'
import { Timeline } from './timeline.ts'
import { watchAll } from './watch-sources.ts'

/** A server that takes so long for each history; of the execution it tells only when that has ended. */
const SLOW_MS = 2_500

const began = (run: string) => ({
  stream: 'workflow',
  timestamp: '2026-05-01T10:00:00Z',
  data: sentWorkflowEvent('WORKFLOW_EXECUTION_STARTED', {
    workflow_exec_id: 'execution',
    workflow_run_id: run,
  }),
  workflow_context: {
    namespace: 'a namespace',
    workflow_name: 'greet',
    workflow_exec_id: 'execution',
    parent_workflow_exec_id: null,
    root_workflow_exec_id: 'execution',
  },
  metadata: {},
  broker_sequence: 1,
})
const event = (event_id: number, event_type: string, attributes = {}) => ({
  event_id,
  event_type,
  event_time: '2026-05-01T10:00:00Z',
  attributes,
  previews: {},
})

describe('watching an execution', () => {
  it('waits for the histories of all its runs, however slowly they come', async () => {
    const server = createServer(async ({ url }, response) => {
      if (!url!.includes('/stream')) {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ status: 'COMPLETED', run_id: 'second' }))
        return
      }
      response.setHeader('content-type', 'text/event-stream')
      const run = /runs\/(\w+)\/history/.exec(url!)?.[1]
      const frames: object[] = run
        ? [{ events: [event(1, 'WORKFLOW_EXECUTION_SIGNALED', { signalName: `of ${run}` })] }]
        : [began('first'), began('second')]
      if (run) {
        await delay(SLOW_MS)
        frames.push({ events: [event(2, 'WORKFLOW_EXECUTION_COMPLETED')] })
      }
      response.end(frames.map((frame, i) => `id: ${i + 1}\ndata: ${JSON.stringify(frame)}\n\n`).join(''))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { port } = server.address() as AddressInfo
      const session = { api: new ApiClient(`http://127.0.0.1:${port}`, 'a key', () => undefined) } as Session
      const lines: string[] = []
      await watchAll(session, 'execution', new Timeline({ all: false }), {
        onLine: (line) => lines.push(line),
        onTrouble: () => {},
      })
      for (const run of ['first', 'second'])
        assert.ok(
          lines.some((line) => line.includes(`signal of ${run}`)),
          run,
        )
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
