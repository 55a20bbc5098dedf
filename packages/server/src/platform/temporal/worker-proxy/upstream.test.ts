import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { after, afterEach, before, describe, it } from 'node:test'
import temporalProto from '@temporalio/proto'
import { eventually } from '@tramontane/testkit/eventually'
import { grpcFrame, openRawGrpc, type RawCall, type RawGrpc } from '@tramontane/testkit/raw-grpc'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { Root } from 'protobufjs'
import { decideConfig } from '../../../config/config.ts'
import type { Caller } from '../../http/auth.ts'
import { OpenCalls } from './open-calls.ts'
import { startWorkerProxy, type WorkerProxy } from './worker-proxy.ts'

const NAMESPACE = 'mine'
const NEVER = new AbortController().signal
const root = temporalProto as unknown as Root

type Handler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void

/** A frontend that answers as a test tells it to: what a real one does too seldom to be waited for. */
class ScriptedFrontend {
  handler: Handler = answer()
  readonly calls: IncomingHttpHeaders[] = []
  readonly sessions: ServerHttp2Session[] = []
  #server: Http2Server | undefined

  async listen(port = 0): Promise<number> {
    this.#server = createServer({ maxSessionMemory: 1_000 })
    this.#server.on('session', (session) => this.sessions.push(session))
    this.#server.on('stream', (stream, headers) => {
      this.calls.push(headers)
      stream.on('error', () => {})
      this.handler(stream, headers)
    })
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const session of this.sessions.splice(0)) session.destroy()
    this.#server?.close()
    if (this.#server) await once(this.#server, 'close')
  }
}

/** Answers a message when the request is complete. */
function answer(message: Uint8Array = Buffer.from('ok'), trailers: Record<string, string> = {}): Handler {
  return (stream) => {
    stream.resume()
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', ...trailers }))
      stream.end(grpcFrame(message))
    })
  }
}

const describeMessage = (): Buffer => {
  const type = root.lookupType('temporal.api.workflowservice.v1.DescribeNamespaceRequest')
  return Buffer.from(type.encode(type.fromObject({ namespace: NAMESPACE })).finish())
}

const pollMessage = (): Buffer => {
  const type = root.lookupType('temporal.api.workflowservice.v1.PollWorkflowTaskQueueRequest')
  return Buffer.from(type.encode(type.fromObject({ namespace: NAMESPACE })).finish())
}

describe('the calls that are open', () => {
  it('are limited, in all and of a workspace, and counted until they close', () => {
    const calls = new OpenCalls({ all: 3, ofWorkspace: 2 })
    const stream = () => new EventEmitter() as unknown as ServerHttp2Stream
    const caller = (workspaceId: string): Caller => ({ workspaceId, keyId: 'k', role: 'worker' })
    const first = stream()
    calls.enter(calls.add(first), caller('one'))
    calls.enter(calls.add(stream()), caller('one'))
    const third = calls.add(stream())
    assert.throws(() => calls.enter(third, caller('one')), { name: 'Refusal', code: 8 })
    calls.enter(third, caller('another'))
    assert.throws(() => calls.add(stream()), { name: 'Refusal', code: 8 })
    first.emit('close')
    calls.enter(calls.add(stream()), caller('one'))
    assert.equal(calls.size, 3)
  })
})

describe('between a worker and Temporal', () => {
  const frontend = new ScriptedFrontend()
  const registry = new Registry()
  let port: number
  let proxy: WorkerProxy
  let grpc: RawGrpc
  let address: string | null
  let unavailable: string | null = null

  const call = (options: Partial<RawCall> = {}) =>
    grpc.call({ method: 'DescribeNamespace', key: 'k', message: describeMessage(), ...options })
  const openCalls = async () =>
    (await registry.getSingleMetric('tramontane_worker_calls_open')!.get()).values[0]!.value
  const start = (metrics = new Registry()) =>
    startWorkerProxy({
      config: decideConfig({ port: '0', dataDir: '/nowhere', temporalAddress: '127.0.0.1:1' }),
      temporal: {
        get address() {
          return address
        },
        get unavailable() {
          return unavailable
        },
        of: async () => ({
          namespace: NAMESPACE,
          workflowService: { describeNamespace: async () => ({ namespaceInfo: { id: 'an id' } }) },
        }),
      },
      findCaller: async () => ({ workspaceId: 'w', keyId: 'k', role: 'worker' }),
      logger: pino({ level: 'silent' }),
      metrics,
    })

  before(async () => {
    port = await frontend.listen()
    address = `127.0.0.1:${port}`
    proxy = await start(registry)
    grpc = await openRawGrpc(`http://${proxy.address!.address}`)
  })
  afterEach(() => {
    frontend.handler = answer()
    frontend.calls.length = 0
    address = `127.0.0.1:${port}`
    unavailable = null
  })
  after(async () => {
    grpc?.close()
    await proxy?.stop(NEVER)
    await frontend.close()
  })

  it('go the headers that Temporal needs, the deadline among them, and none by which a caller would be somebody else', async () => {
    await call({
      headers: {
        'grpc-timeout': '1234m',
        'client-name': 'temporal-test',
        'client-version': '1.2.3',
        'user-agent': 'a worker',
        'temporal-principal-name': 'root',
        'caller-type': 'operator',
        'caller-name': 'somebody',
        'xdc-redirection': 'false',
        'authorization-extras': 'x',
        'temporal-experiment': '*',
        'x-forwarded-for': '192.0.2.1',
        cookie: 'a=b',
      },
    })
    const [sent] = frontend.calls
    assert.deepEqual(Object.fromEntries(Object.entries(sent!)), {
      ':authority': address,
      ':method': 'POST',
      ':path': '/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace',
      ':scheme': 'http',
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': '1234m',
      'client-name': 'temporal-test',
      'client-version': '1.2.3',
      'user-agent': 'a worker',
      'temporal-namespace': NAMESPACE,
    })
  })

  it('go answers with their metadata and trailers, those with bytes too', async () => {
    frontend.handler = (stream) => {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'x-of-temporal': 'yes', 'some-bin': 'AQID' },
        { waitForTrailers: true },
      )
      stream.on('wantTrailers', () =>
        stream.sendTrailers({
          'grpc-status': '5',
          'grpc-message': 'not%20there',
          'grpc-status-details-bin': 'CAU',
        }),
      )
      stream.end()
    }
    const got = await call()
    assert.equal(got.headers['x-of-temporal'], 'yes')
    assert.equal(got.headers['some-bin'], 'AQID')
    assert.equal(got.code, 5)
    assert.equal(got.message, 'not there')
    assert.equal(got.trailers['grpc-status-details-bin'], 'CAU')
  })

  it('go answers that are nothing but trailers', async () => {
    frontend.handler = (stream) =>
      stream.respond(
        {
          ':status': 200,
          'content-type': 'application/grpc',
          'grpc-status': '8',
          'grpc-message': 'slow down',
          'grpc-status-details-bin': 'CAg',
        },
        { endStream: true },
      )
    const got = await call()
    assert.deepEqual([got.code, got.message], [8, 'slow down'])
    assert.equal(got.headers['grpc-status-details-bin'], 'CAg')
    assert.deepEqual(got.trailers, {})
  })

  it('go large answers, at the pace of a slow worker', async () => {
    const size = 24 * 1_048_576
    let written = 0
    frontend.handler = (stream) => {
      stream.resume()
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      const chunk = Buffer.alloc(65_536, 7)
      const prefix = Buffer.alloc(5)
      prefix.writeUInt32BE(size, 1)
      stream.write(prefix)
      const write = () => {
        while (written < size) {
          written += chunk.length
          if (!stream.write(chunk)) return void stream.once('drain', write)
        }
        stream.end()
      }
      write()
    }
    const stream = grpc.session.request({
      ':method': 'POST',
      ':path': '/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace',
      'content-type': 'application/grpc',
      authorization: 'Bearer key',
    })
    stream.end(grpcFrame(describeMessage()))
    await once(stream, 'response')
    // Nobody reads yet: Temporal's side must come to a stop, far from the end.
    let before = -1
    await eventually(
      () => {
        const still = written === before
        before = written
        return still && written > 0
      },
      { everyMs: 100 },
    )
    assert.ok(written < 8 * 1_048_576, `${written} bytes were taken though nobody read`)
    let read = 0
    stream.on('data', (chunk: Buffer) => {
      read += chunk.length
    })
    await once(stream, 'end')
    assert.equal(read, size + 5)
  })

  it('go the answers of others while many workers are slow', async () => {
    frontend.handler = answer(Buffer.alloc(4 * 1_048_576))
    const slow = await openRawGrpc(`http://${proxy.address!.address}`, {
      settings: { initialWindowSize: 1_000 },
    })
    const streams = Array.from({ length: 40 }, () => {
      const stream = slow.session.request({
        ':method': 'POST',
        ':path': '/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace',
        'content-type': 'application/grpc',
        authorization: 'Bearer key',
      })
      stream.on('error', () => {})
      stream.end(grpcFrame(describeMessage()))
      return once(stream, 'response')
    })
    await Promise.all(streams)
    frontend.handler = answer(Buffer.alloc(100_000))
    const got = await call()
    slow.close()
    assert.deepEqual([got.code, got.body?.length], [0, 100_000])
  })

  it('goes a hang-up', async () => {
    const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<number>()]
    frontend.handler = (stream) => {
      stream.resume()
      begun.resolve()
      stream.on('close', () => ended.resolve(stream.rstCode))
    }
    const stream = grpc.session.request({
      ':method': 'POST',
      ':path': '/temporal.api.workflowservice.v1.WorkflowService/PollWorkflowTaskQueue',
      'content-type': 'application/grpc',
      authorization: 'Bearer key',
    })
    stream.on('error', () => {})
    stream.end(grpcFrame(pollMessage()))
    await begun.promise
    stream.close(constants.NGHTTP2_CANCEL)
    assert.equal(await ended.promise, constants.NGHTTP2_CANCEL)
  })

  it('goes nothing that was broken off before it was complete', async () => {
    const broken = await openRawGrpc(`http://${proxy.address!.address}`)
    void broken.call({ method: 'DescribeNamespace', key: 'k', message: describeMessage(), open: true })
    await eventually(async () => (await openCalls()) === 1)
    // The message is there, but not the word that it is all.
    await new Promise((resolve) => broken.session.ping(resolve))
    broken.close()
    await eventually(async () => (await openCalls()) === 0)
    assert.equal(frontend.calls.length, 0)
  })

  it('a connection that breaks is an UNAVAILABLE: before the answer, and in the middle of it', async () => {
    frontend.handler = (stream) => void stream.session!.destroy()
    const early = await call()
    assert.equal(early.code, 14)
    assert.match(early.message, /broke before the answer was complete/)
    frontend.handler = (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
      stream.write(grpcFrame(Buffer.alloc(100)).subarray(0, 50), () => stream.session!.destroy())
    }
    const late = await call()
    assert.equal(late.code, 14)
    assert.equal(late.trailers['grpc-status'], '14')
    frontend.handler = (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    assert.equal((await call()).code, 14)
    frontend.handler = answer()
    assert.equal((await call()).code, 0)
  })

  it('a call that Temporal sends back untouched is sent again, and in the end given up', async () => {
    let refusals = 2
    frontend.handler = (stream, headers) => {
      if (refusals-- > 0) stream.close(constants.NGHTTP2_REFUSED_STREAM)
      else answer()(stream, headers)
    }
    assert.equal((await call()).code, 0)
    assert.equal(frontend.calls.length, 3)
    refusals = 1_000
    assert.equal((await call()).code, 14)
  })

  it('a connection that Temporal closes in order loses no call', async () => {
    const open: (() => void)[] = []
    frontend.handler = (stream, headers) => open.push(() => answer()(stream, headers))
    const first = call()
    await eventually(() => open.length === 1)
    const used = frontend.sessions.at(-1)!
    used.close()
    const second = call()
    await eventually(() => open.length === 2)
    assert.notEqual(frontend.sessions.at(-1), used, 'new calls take a new connection')
    for (const finish of open) finish()
    assert.deepEqual([(await first).code, (await second).code], [0, 0])
  })

  it('what answers in place of Temporal is not taken for it', async () => {
    for (const [status, code] of [
      [502, 14],
      [503, 14],
      [404, 12],
      [401, 16],
      [500, 2],
      [200, 2],
    ] as const) {
      frontend.handler = (stream) => {
        stream.respond({ ':status': status, 'content-type': 'text/html' })
        stream.end('<html>')
      }
      const got = await call()
      assert.equal(got.code, code)
      assert.equal(got.body, undefined)
    }
  })

  it('more calls than fit on a connection take another', async () => {
    const open: (() => void)[] = []
    frontend.handler = (stream, headers) => open.push(() => answer()(stream, headers))
    const before = frontend.sessions.length
    const calls = Array.from({ length: 700 }, () => call())
    await eventually(() => open.length === 700)
    assert.ok(frontend.sessions.length > before)
    for (const finish of open) finish()
    assert.ok((await Promise.all(calls)).every(({ code }) => code === 0))
  })

  it('a Temporal that is not there is an UNAVAILABLE, with the reason', async () => {
    address = null
    unavailable = 'The workflow engine is being built (40 %).'
    const got = await call()
    assert.deepEqual([got.code, got.message], [14, unavailable])
    const info = await call({ method: 'GetSystemInfo', message: Buffer.alloc(0) })
    assert.deepEqual([info.code, info.message], [14, unavailable])
    address = '127.0.0.1:1'
    unavailable = null
    const refused = await call()
    assert.equal(refused.code, 14)
    assert.match(refused.message, /does not answer/)
  })

  it('a Temporal that starts again, there or elsewhere, is found', async () => {
    await frontend.close()
    assert.equal((await call()).code, 14)
    await frontend.listen(port)
    assert.equal((await call()).code, 0)
    const other = new ScriptedFrontend()
    address = `127.0.0.1:${await other.listen()}`
    assert.equal((await call()).code, 0)
    assert.equal(other.calls.length, 1)
    await other.close()
  })

  it('pings of workers are answered', async () => {
    const idle = await openRawGrpc(`http://${proxy.address!.address}`)
    const [duration] = await new Promise<[number]>((resolve) =>
      idle.session.ping((_error, ms) => resolve([ms])),
    )
    assert.ok(duration < 1_000)
    idle.close()
  })

  it('ends polls at once when it stops, and lets other calls finish', async () => {
    const stopping = await start()
    const worker = await openRawGrpc(`http://${stopping.address!.address}`)
    const open: (() => void)[] = []
    frontend.handler = (stream, headers) => open.push(() => answer()(stream, headers))
    const poll = worker.call({ method: 'PollWorkflowTaskQueue', key: 'k', message: pollMessage() })
    const other = worker.call({ method: 'DescribeNamespace', key: 'k', message: describeMessage() })
    const goaway = once(worker.session, 'goaway')
    await eventually(() => open.length === 2)
    const stopped = stopping.stop(NEVER)
    const ended = await poll
    assert.equal(ended.code, 14)
    assert.match(ended.message, /stopping/)
    assert.deepEqual((await goaway).slice(0, 1), [constants.NGHTTP2_NO_ERROR])
    for (const finish of open) finish()
    assert.equal((await other).code, 0)
    await stopped
    await assert.rejects(openRawGrpc(`http://${stopping.address!.address}`))
    worker.close()
  })

  it('waits for nobody when it is in a hurry', async () => {
    const stopping = await start()
    const worker = await openRawGrpc(`http://${stopping.address!.address}`)
    let isOpen = false
    frontend.handler = () => {
      isOpen = true
    }
    const call = worker.call({ method: 'DescribeNamespace', key: 'k', message: describeMessage() })
    await eventually(() => isOpen)
    const begun = Date.now()
    await stopping.stop(AbortSignal.abort())
    assert.ok(Date.now() - begun < 1_000)
    await call
    worker.close()
  })
})
