import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { answers } from './temporal-probe.ts'

/** `grpc-status` of an execution that is not there. */
const NOT_FOUND = '5'

/** A frontend that takes its time, in Temporal's place. */
describe('a probe of Temporal', () => {
  let server: Http2Server | undefined
  afterEach(() => {
    server?.close()
    server = undefined
  })
  /** @param onCall is handed each call, with how many there were before */
  const listen = async (onCall: (stream: ServerHttp2Stream, before: number) => void) => {
    let calls = 0
    server = createServer().on('stream', (stream) => {
      stream.on('error', () => {})
      onCall(stream, calls++)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const say = (stream: ServerHttp2Stream) => {
    if (stream.closed || stream.destroyed) return
    const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': NOT_FOUND }
    stream.respond(headers, { endStream: true })
  }
  const never = new AbortController().signal

  it('takes one that needs three seconds for every call for slow, not for dead', async () => {
    const address = await listen((stream) => setTimeout(say, 3_000, stream))
    assert.equal(await answers(address, 30_000, never), true)
  })

  it('does not wait long for a call that hangs', async () => {
    const address = await listen((stream, before) => before > 0 && say(stream))
    const started = performance.now()
    assert.equal(await answers(address, 60_000, never), true)
    assert.ok(performance.now() - started < 20_000)
  })

  it('says that one is dead which says nothing', async () => {
    const address = await listen(() => {})
    assert.equal(await answers(address, 1_500, never), false)
  })

  it('leaves off at once, whether the call hangs or nothing listens', async () => {
    const silent = await listen(() => {})
    for (const address of [silent, '127.0.0.1:1']) {
      const started = performance.now()
      assert.equal(await answers(address, 120_000, AbortSignal.timeout(300)), false)
      assert.ok(performance.now() - started < 20_000)
    }
  })
})
