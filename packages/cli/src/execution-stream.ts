import { setTimeout as delay } from 'node:timers/promises'
import { isClosingEvent } from '@tramontane/contract/closing-events'
import { type ErrorCode, errorCodes } from '@tramontane/contract/errors'
import { getExecution } from '@tramontane/contract/executions'
import { type HistoryEvent, historyEvent, streamRunHistory } from '@tramontane/contract/run-history'
import { streamExecution, type WorkflowEvent, workflowEventFrame } from '@tramontane/contract/workflow-events'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { z } from 'zod'
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
      if (!mayPass(error)) throw error
      silentSince ??= Date.now()
      if (Date.now() - silentSince > PATIENCE_MS) throw error
    }
    await delay(PAUSE_MS)
  }
}

const historyFrame = z.object({ events: z.array(historyEvent) })

/**
 * The history of a run from its first event to its last, each once. It adds to what workers tell, so whatever keeps it from
 * being read only ends it.
 */
export async function* followHistory(
  api: ApiClient,
  runId: string,
  signal: AbortSignal,
): AsyncGenerator<HistoryEvent> {
  let last = 0
  let silentSince: number | undefined
  while (!signal.aborted) {
    try {
      const input = { params: { run_id: runId }, query: { last_event_id: last } }
      for await (const { data } of framesOf(await api.send(streamRunHistory, input, { signal })))
        for (const event of historyFrame.parse(JSON.parse(data)).events) {
          yield event
          last = event.event_id
          silentSince = undefined
          if (isClosingEvent(event.event_type)) return
        }
    } catch (error) {
      silentSince ??= Date.now()
      if (!mayPass(error) || Date.now() - silentSince > PATIENCE_MS) return
    }
    await delay(PAUSE_MS, undefined, { signal }).catch(() => {})
  }
}

/** Whether it helps to connect again: not when what was sent cannot be read. */
function mayPass(error: unknown): boolean {
  // A connection that breaks while a stream is read is a TypeError of fetch's.
  return error instanceof ApiCallError ? error.mayPass : error instanceof TypeError
}

/** The frames of a stream, to its end or to an error that it tells. @throws if it breaks off, or tells an error */
async function* framesOf(response: Response): AsyncGenerator<{ id: string | undefined; data: string }> {
  const frames = response
    .body!.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
  for await (const { event, id, data } of frames) {
    if (event === 'error') throw cutOff(data)
    yield { id, data }
  }
}

const errorFrame = z.object({ error: z.string(), code: z.string() })

/** What a frame of an error tells, with the status that an answer with its code has. */
function cutOff(data: string): ApiCallError {
  const { error, code } = errorFrame.parse(JSON.parse(data))
  const status = code in errorCodes ? errorCodes[code as ErrorCode].status : 500
  return new ApiCallError(`the stream was cut off: ${error}`, { status, code })
}
