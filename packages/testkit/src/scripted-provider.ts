import { randomUUID } from 'node:crypto'
import Fastify, { type FastifyReply } from 'fastify'

/** A request as the provider got it. */
export interface ProviderRequest {
  readonly path: string
  readonly headers: Record<string, string | string[] | undefined>
  // biome-ignore lint/suspicious/noExplicitAny: scripts look into requests freely
  readonly body: any
}

/**
 * What the script answers: a string becomes a chat completion with that content (streamed if the request asks for
 * it); an object with `status` and `body` is sent as it is; a function writes the answer itself.
 */
export type ScriptedAnswer =
  | string
  | { status: number; body: unknown; headers?: Record<string, string> }
  | ((reply: FastifyReply) => Promise<unknown> | unknown)

export type Script = (request: ProviderRequest) => ScriptedAnswer | Promise<ScriptedAnswer>

/** An OpenAI-compatible model provider that answers from a script. It is no model, and its answers say so. */
export interface ScriptedProvider {
  /** Base URL, ending in `/v1`. */
  readonly url: string
  readonly requests: ProviderRequest[]
  /** Replaces the script. */
  script(next: Script): void
  close(): Promise<void>
}

function usage(request: ProviderRequest, content: string) {
  const prompt_tokens = Math.ceil(
    JSON.stringify(request.body?.messages ?? request.body?.prompt ?? '').length / 4,
  )
  const completion_tokens = Math.max(1, Math.ceil(content.length / 4))
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}

function completion(request: ProviderRequest, content: string) {
  return {
    id: `scripted-${randomUUID()}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: request.body?.model ?? 'scripted-model',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
    usage: usage(request, content),
  }
}

function* chunks(request: ProviderRequest, content: string) {
  const { choices: _, usage: total, ...whole } = completion(request, content)
  const base = { ...whole, object: 'chat.completion.chunk' }
  yield { ...base, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }
  for (const piece of content.match(/.{1,8}/gs) ?? [])
    yield { ...base, choices: [{ index: 0, delta: { content: piece }, finish_reason: null }] }
  yield { ...base, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: total }
}

const MODEL = {
  id: 'scripted-model',
  object: 'model',
  created: 0,
  owned_by: 'tramontane-scripted',
  type: 'base',
  capabilities: { completion_chat: true, function_calling: true },
}

/** What the script answers; a plain text makes sense for the first three only. */
const PATHS = [
  '/v1/chat/completions',
  '/v1/agents/completions',
  '/v1/fim/completions',
  '/v1/moderations',
  '/v1/chat/moderations',
  '/v1/classifications',
  '/v1/chat/classifications',
  '/v1/ocr',
  '/v1/audio/transcriptions',
]

/** Starts the provider on a free loopback port. */
export async function startScriptedProvider(
  initial: Script = () => 'This answer is scripted.',
  port = 0,
): Promise<ScriptedProvider> {
  let script = initial
  const requests: ProviderRequest[] = []
  const app = Fastify({ bodyLimit: 64 * 1024 * 1024, forceCloseConnections: true })
  // Bodies that are no JSON, such as uploads, are read and left alone.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.get('/v1/models', async () => ({ object: 'list', data: [MODEL] }))
  app.get<{ Params: { id: string } }>('/v1/models/:id', async ({ params }) => ({ ...MODEL, id: params.id }))
  app.post('/v1/embeddings', async (request) => {
    const { input, model } = (request.body ?? {}) as { input?: unknown; model?: string }
    const inputs = [input ?? ''].flat().map(String)
    return {
      object: 'list',
      id: `scripted-${randomUUID()}`,
      model,
      data: inputs.map((text, index) => ({
        object: 'embedding',
        index,
        embedding: [text.length, index, 0.5],
      })),
      usage: { prompt_tokens: inputs.join('').length, total_tokens: inputs.join('').length },
    }
  })
  for (const path of PATHS) {
    app.post(path, async (request, reply) => {
      const seen: ProviderRequest = { path, headers: request.headers, body: request.body }
      requests.push(seen)
      const answer = await script(seen)
      if (typeof answer === 'function') return answer(reply)
      if (typeof answer === 'object')
        return reply
          .status(answer.status)
          .headers(answer.headers ?? {})
          .send(answer.body)
      if (!seen.body?.stream) return completion(seen, answer)
      const frames = [...chunks(seen, answer)].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
      return reply.type('text/event-stream').send(`${frames.join('')}data: [DONE]\n\n`)
    })
  }
  const address = await app.listen({ host: '127.0.0.1', port })
  return {
    url: `${address}/v1`,
    requests,
    script: (next) => {
      script = next
    },
    close: () => app.close(),
  }
}
