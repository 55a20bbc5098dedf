import { setTimeout as delay } from 'node:timers/promises'
import { getExecution } from '@tramontane/contract/executions'
import { streamExecution, type WorkflowEvent, workflowEventFrame } from '@tramontane/contract/workflow-events'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { ApiCallError, type ApiClient } from './api-client.ts'

/** How long a server that does not answer is asked again: a restart must not end the watching. */
const PATIENCE_MS = 120_000
const PAUSE_MS = 1_000

/** An event as it came: parsed for showing, and the frame's text for scripts. */
export interface StreamedEvent {
  readonly event: WorkflowEvent
  readonly text: string
}

/**
 * The events of an execution from its start to its end, each once: a stream that breaks is resumed behind the last one.
 * @throws ApiCallError if there is no such execution, or the server stays away
 */
export async function* followExecution(api: ApiClient, executionId: string): AsyncGenerator<StreamedEvent> {
  let last: number | undefined
  let silentSince: number | undefined
  for (;;) {
    try {
      const response = await api.send(streamExecution, {
        params: { execution_id: executionId },
        query: { last_event_id: last },
      })
      for await (const { id, data } of framesOf(response)) {
        yield { event: workflowEventFrame.parse(JSON.parse(data)).data, text: data }
        last = Number(id)
        silentSince = undefined
      }
      // A stream ends with its execution, and with a server that stops.
      const { status } = await api.call(getExecution, { params: { execution_id: executionId } })
      if (status !== 'RUNNING') return
    } catch (error) {
      if (error instanceof ApiCallError && ![0, 429, 502, 503, 504].includes(error.status)) throw error
      silentSince ??= Date.now()
      if (Date.now() - silentSince > PATIENCE_MS) throw error
    }
    await delay(PAUSE_MS)
  }
}

/** The frames of a stream, to its end or to an error that it tells. @throws if it breaks off, or tells an error */
async function* framesOf(response: Response): AsyncGenerator<{ id: string | undefined; data: string }> {
  const frames = response
    .body!.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
  for await (const { event, id, data } of frames) {
    if (event === 'error') throw new Error(`the stream was cut off: ${data}`)
    yield { id, data }
  }
}
