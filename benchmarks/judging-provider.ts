import { createServer } from 'node:http'

// A scripted provider in a process of its own, so that it takes no time from the server that is measured: it answers
// each chat completion after a fixed time with a judgement. `node judging-provider.ts <milliseconds>`.

const milliseconds = Number(process.argv[2] ?? 50)
const content = JSON.stringify({ analysis: 'This judgement is scripted.', answer: 'good' })
const answer = JSON.stringify({
  id: 'scripted',
  object: 'chat.completion',
  created: 0,
  model: 'scripted-model',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
  usage: { prompt_tokens: 300, completion_tokens: 20, total_tokens: 320 },
})

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
    }, milliseconds)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.(server.address()))
process.on('disconnect', () => process.exit())
