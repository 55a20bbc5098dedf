import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const MEGABYTE = 1_048_576
const BODY_BYTES = 64 * MEGABYTE
/** What a server takes to stop when nothing is under way; far below the half minute that answers may take. */
const STOP_MS = 15_000

/** An upload by hand: its head is sent, and as much of its body as a test likes and the server takes. */
class Upload {
  readonly socket: Socket
  #answer = ''

  constructor(server: TestServer, head: readonly string[]) {
    const { hostname, port } = new URL(server.url)
    this.socket = connect(Number(port), hostname)
    this.socket.on('error', () => {})
    this.socket.setEncoding('latin1').on('data', (text: string) => {
      this.#answer += text
    })
    this.socket.write(`${[...head, 'host: here'].join('\r\n')}\r\n\r\n`)
  }

  /** Sends the whole body, however long the server lets it wait; rejects if the connection ends before. */
  async send(chunk: Buffer = Buffer.alloc(MEGABYTE, ' ')): Promise<void> {
    for (let sent = 0; sent < BODY_BYTES; sent += MEGABYTE) {
      assert.ok(!this.socket.destroyed, `the connection ended after ${sent} bytes`)
      if (!this.socket.write(chunk)) await once(this.socket, 'drain', { signal: AbortSignal.timeout(20_000) })
    }
  }

  /** Of each answer so far. */
  get statuses(): number[] {
    return [...this.#answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map((found) => Number(found[1]))
  }

  status(): Promise<number> {
    return eventually(() => this.statuses[0])
  }
}

describe('an upload that is refused before it was read', () => {
  let server: TestServer
  let upload: Upload | undefined
  beforeEach(async () => {
    server = await startTestServer()
  })
  afterEach(async () => {
    upload?.socket.destroy()
    await server.close()
  })

  const key = () => `authorization: Bearer ${server.key}`
  const json = 'content-type: application/json'
  const form = 'content-type: multipart/form-data; boundary=b'
  const length = `content-length: ${BODY_BYTES}`
  const refusals: [status: number, what: string, head: () => string[]][] = [
    [401, 'without a key', () => ['POST /v1/chat/completions HTTP/1.1', json, length]],
    [
      401,
      'with a wrong key, a file',
      () => ['POST /v1/files HTTP/1.1', form, length, 'authorization: Bearer tmt_wrong'],
    ],
    [404, 'to nowhere', () => ['POST /v1/nowhere HTTP/1.1', json, length, key()]],
    [404, 'to a path that is no URL', () => ['POST /v1/%zz HTTP/1.1', json, length, key()]],
    [413, 'too large', () => ['POST /v1/observability/judges HTTP/1.1', json, length, key()]],
    [
      415,
      'of another type',
      () => ['POST /v1/observability/judges HTTP/1.1', 'content-type: text/strange', length, key()],
    ],
  ]
  for (const [status, what, head] of refusals) {
    it(`is answered with ${status} while it is sent, and may be sent to its end: ${what}`, async () => {
      upload = new Upload(server, head())
      await upload.send()
      assert.equal(await upload.status(), status)
    })

    it(`keeps no server from stopping when its rest never comes: ${what}`, async () => {
      upload = new Upload(server, head())
      assert.equal(await upload.status(), status)
      const begun = performance.now()
      await server.restart()
      assert.ok(performance.now() - begun < STOP_MS, `stopping took ${performance.now() - begun} ms`)
    })
  }

  it('is answered with 413 when it turns out to be too large', async () => {
    upload = new Upload(server, [
      'POST /v1/observability/judges HTTP/1.1',
      json,
      'transfer-encoding: chunked',
      key(),
    ])
    await upload.send(
      Buffer.concat([
        Buffer.from(`${MEGABYTE.toString(16)}\r\n`),
        Buffer.alloc(MEGABYTE, ' '),
        Buffer.from('\r\n'),
      ]),
    )
    assert.equal(await upload.status(), 413)
  })

  it('is cut off when its rest has not come for a while', async () => {
    upload = new Upload(server, ['POST /v1/chat/completions HTTP/1.1', json, length])
    assert.equal(await upload.status(), 401)
    await once(upload.socket, 'close', { signal: AbortSignal.timeout(20_000) })
  })

  it('leaves the connection for the next request when its rest does come', async () => {
    upload = new Upload(server, ['POST /v1/chat/completions HTTP/1.1', json, 'content-length: 3'])
    assert.equal(await upload.status(), 401)
    upload.socket.write('{ }GET /healthz HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n')
    await once(upload.socket, 'close', { signal: AbortSignal.timeout(20_000) })
    assert.deepEqual(upload.statuses, [401, 200])
  })
})

describe('a request whose head never ends', () => {
  it('keeps no server from stopping', async () => {
    const server = await startTestServer()
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    try {
      socket.write('GET /healthz HTTP/1.1\r\nhost: he')
      // The server has read it by the time that it answers another one.
      await server.call('GET', '/healthz')
      const begun = performance.now()
      await server.restart()
      assert.ok(performance.now() - begun < STOP_MS, `stopping took ${performance.now() - begun} ms`)
    } finally {
      socket.destroy()
      await server.close()
    }
  })
})
