import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { it } from 'node:test'
import type { FastifyReply } from 'fastify'
import { openEventStream } from './event-stream.ts'

it('ends for a reader who reads nothing, and leaves no listeners behind for one who is slow', async () => {
  const began = Promise.withResolvers<ServerResponse>()
  const server = createServer((_request, response) => began.resolve(response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1')
  try {
    reader.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    reader.pause()
    const raw = await began.promise
    const reply = { raw, hijack() {}, getHeaders: () => ({}) } as unknown as FastifyReply
    const stream = openEventStream(reply, { stalledMs: 500 })
    const frame = 'x'.repeat(1_000_000)
    const listeners = () => ['drain', 'close', 'error'].map((event) => raw.listenerCount(event))
    const before = listeners()
    reader.resume()
    for (let count = 0; count < 20; count++) await stream.send('piece', frame)
    assert.deepEqual(listeners(), before)
    reader.pause()
    await assert.rejects(async () => {
      for (;;) await stream.send('piece', frame)
    }, /hung up/)
    assert.ok(raw.destroyed)
  } finally {
    reader.destroy()
    server.close()
  }
})
