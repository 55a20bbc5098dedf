import { type Dispatcher, request } from 'undici'

/** The part of `fetch` that the `openai` client uses for a call whose answer is read at once. */
export type WholeFetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>

function toHeaders(received: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(received))
    for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, one)
  return headers
}

/**
 * A `fetch` for answers that are no streams: it reads the whole body before it resolves. It takes half the processor
 * time of undici's `fetch`, whose streams a campaign of thousands of calls has no use for. It follows no redirects.
 */
export function wholeFetch(dispatcher: Dispatcher): WholeFetch {
  return async (url, init = {}) => {
    const answer = await request(String(url), {
      method: (init.method ?? 'GET') as Dispatcher.HttpMethod,
      headers: [...new Headers(init.headers)].flat(),
      body: (init.body ?? null) as string | null,
      signal: init.signal ?? null,
      dispatcher,
    })
    const text = await answer.body.text()
    const headers = toHeaders(answer.headers)
    // The client reads JSON only where the head says so, and not every provider's does.
    if (text.startsWith('{')) headers.set('content-type', 'application/json')
    return new Response(text === '' ? null : text, { status: answer.statusCode, headers })
  }
}
