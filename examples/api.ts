import { setTimeout as delay } from 'node:timers/promises'

/** The few calls of the API that the examples make. Any client does: the official SDKs have them as `client.workflows`. */

const url = process.env.SERVER_URL ?? 'http://127.0.0.1:7444'
const headers = {
  authorization: `Bearer ${process.env.MISTRAL_API_KEY}`,
  'content-type': 'application/json',
}

/** Calls the API, and gives the answer. */
// biome-ignore lint/suspicious/noExplicitAny: an example reads on where it knows what comes
export async function call(method: string, path: string, body?: unknown): Promise<any> {
  const response = await fetch(url + path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

/** Starts an execution, and gives its id. */
export async function start(workflow: string, input?: unknown): Promise<string> {
  const { execution_id } = await call('POST', `/v1/workflows/${workflow}/execute`, { input })
  return execution_id
}

/** Waits until an execution is over, and gives its result. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export async function result(executionId: string): Promise<any> {
  for (;;) {
    const execution = await call('GET', `/v1/workflows/executions/${executionId}`)
    if (execution.status === 'COMPLETED') return execution.result
    if (execution.status !== 'RUNNING') throw new Error(`the execution is ${execution.status}`)
    await delay(200)
  }
}

export interface WorkflowEvent {
  event_type: string
  // biome-ignore lint/suspicious/noExplicitAny: as above
  attributes: any
}

/** The events of an execution as they happen, to its end. */
export async function* events(executionId: string): AsyncGenerator<WorkflowEvent> {
  const response = await fetch(`${url}/v1/workflows/executions/${executionId}/stream`, { headers })
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const frames = text.split('\n\n')
    text = frames.pop()!
    for (const frame of frames) {
      const data = /^data: (.*)$/m.exec(frame)?.[1]
      if (data) yield JSON.parse(data).data
    }
  }
}
