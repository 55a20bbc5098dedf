import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// A scripted model provider with as little between the wire and the answer as Node allows. It reads of a request no more
// than whether a stream is asked for. Prints its port.
const text = 'The tramontane is a cold wind from the north. '.repeat(20)
/** Each answer has an id of its own, as those of real providers have. */
const ID = 'scripted-0123456789'
let answers = 0

function withId(text: string): string {
  return text.replaceAll(ID, `scripted-${String(answers).padStart(10, '0')}`)
}

const whole = JSON.stringify({
  id: ID,
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'scripted',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: text } }],
  usage: { prompt_tokens: 400, completion_tokens: 200, total_tokens: 600 },
})
const frame = (delta: object, rest: object = {}) =>
  `data: ${JSON.stringify({ id: ID, object: 'chat.completion.chunk', created: 1_700_000_000, model: 'scripted', choices: [{ index: 0, delta, finish_reason: null }], ...rest })}\n\n`
const frames = [
  frame({ role: 'assistant', content: '' }),
  ...Array.from({ length: 20 }, () => frame({ content: text.slice(0, text.length / 20) })),
  frame({}, { usage: { prompt_tokens: 400, completion_tokens: 200, total_tokens: 600 } }),
]

const server = createServer((request, response) => {
  let isStream = false
  request.on('data', (chunk: Buffer) => {
    isStream ||= chunk.includes('"stream":true')
  })
  request.on('end', () => {
    answers++
    if (!isStream) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length })
      response.end(withId(whole))
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const one of frames) response.write(withId(one))
    response.end('data: [DONE]\n\n')
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
