import { EventSourceParserStream } from 'eventsource-parser/stream'
import { type CallOptions, type OperationId, request } from './call.ts'

/** A frame of a stream: `event` names its kind if it is not an ordinary one. */
export interface Frame {
  readonly id: string | undefined
  readonly event: string | undefined
  readonly data: string
}

/**
 * Calls an operation that answers with server-sent events and gives the frames as they come. Ends when the server ends the
 * answer or `options.signal` fires.
 * @throws ApiError if the server refuses; a TypeError when the connection breaks
 */
export async function* stream(
  id: OperationId,
  parts: { params?: unknown; query?: unknown; body?: unknown },
  options: CallOptions = {},
): AsyncGenerator<Frame> {
  const response = await request(id, parts, {
    ...options,
    headers: { accept: 'text/event-stream', ...options.headers },
  })
  const frames = response
    .body!.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
  const reader = frames.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield { id: value.id, event: value.event, data: value.data }
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
