import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { Connection } from '@temporalio/client'
import { eventually } from '@tramontane/testkit/eventually'
import { openRawGrpc } from '@tramontane/testkit/raw-grpc'
import { TEST_CERTIFICATE, writeTestCertificate } from '@tramontane/testkit/test-certificate'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import { pino } from 'pino'
import { decideConfig } from '../../../config/config.ts'
import type { Env } from '../../../config/env.ts'
import { listenForWorkers, type WorkerListener } from './worker-listener.ts'

const logger = pino({ level: 'silent' })
const settings = (env: Env) =>
  decideConfig({ port: '0', dataDir: '/nowhere', temporalAddress: '127.0.0.1:1', ...env })
const LIMITS = { connections: 10, strangers: 2, strangerMs: 30_000, renewalMs: 20 }

describe('the port for workers', () => {
  let folder: string
  let tls: { workerTlsCert: string; workerTlsKey: string }
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tramontane-tls-'))
    const { certFile, keyFile } = await writeTestCertificate(folder)
    tls = { workerTlsCert: certFile, workerTlsKey: keyFile }
  })
  after(() => rm(folder, { recursive: true, force: true }))

  async function using(
    env: Env,
    work: (listener: WorkerListener) => Promise<void>,
    isGood: () => boolean = () => true,
  ): Promise<void> {
    const listener = await listenForWorkers(
      settings(env),
      logger,
      (stream, _headers, onKnown) => {
        stream.on('error', () => {})
        if (isGood()) onKnown()
        stream.respond({ ':status': 200, 'grpc-status': '0' }, { endStream: true })
      },
      LIMITS,
    )
    try {
      await work(listener)
    } finally {
      await listener.close().now()
    }
  }

  it('is open to this machine only, unless it is told otherwise, and then only with TLS', async () => {
    assert.throws(() => settings({ workerHost: '0.0.0.0' }), {
      name: 'ConfigError',
      message:
        'TRAMONTANE_WORKER_HOST is "0.0.0.0", which other machines reach, and keys would travel unencrypted: set TRAMONTANE_WORKER_TLS_CERT and TRAMONTANE_WORKER_TLS_KEY',
    })
    for (const workerHost of ['::', '192.0.2.1', 'example.com', '127.example.com', 'localhost.example.com'])
      assert.throws(() => settings({ workerHost }), { name: 'ConfigError' }, workerHost)
    for (const workerHost of ['127.0.0.1', '127.3.2.1', '::1', 'localhost'])
      assert.equal(settings({ workerHost }).workers.host, workerHost)
    assert.equal(settings({ workerHost: '0.0.0.0', ...tls }).workers.host, '0.0.0.0')
  })

  it('tells the address under which workers find it', async () => {
    await using({}, async ({ address }) => {
      assert.match(address.address, /^127\.0\.0\.1:\d+$/)
      assert.equal(address.tls, false)
    })
    await using({ workerHost: 'localhost' }, async ({ address }) => {
      assert.match(address.address, /^(127\.0\.0\.1|\[::1\]):\d+$/)
    })
    await using({ workerHost: 'localhost', ...tls }, async ({ address }) => {
      assert.match(address.address, /^localhost:\d+$/)
      assert.equal(address.tls, true)
    })
    await using({ host: '0.0.0.0', ...tls }, async ({ address }) => {
      assert.equal(address.address.replace(/:\d+$/, ''), hostname())
    })
    const publicUrl = 'https://studio.example.com/tramontane'
    await using({ host: '0.0.0.0', publicUrl, ...tls }, async ({ address }) => {
      assert.match(address.address, /^studio\.example\.com:\d+$/)
    })
  })

  it('says in a line what is wrong with its settings', async () => {
    const other = createTcpServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const port = String((other.address() as AddressInfo).port)
    await assert.rejects(
      using({ workerPort: port }, async () => {}),
      {
        name: 'ConfigError',
        message: `port ${port} of 127.0.0.1, for workers, is in use by another program (or another Tramontane): stop it, or set TRAMONTANE_WORKER_PORT`,
      },
    )
    other.close()
    const wrong = path.join(folder, 'wrong.pem')
    await writeFile(wrong, 'no certificate')
    await assert.rejects(
      using({ ...tls, workerTlsCert: wrong }, async () => {}),
      {
        name: 'ConfigError',
        message:
          /^TRAMONTANE_WORKER_TLS_CERT \(.*wrong\.pem\) and .* are no certificate and key in PEM [^\n]*$/,
      },
    )
    assert.throws(() => settings({ workerTlsCert: tls.workerTlsCert }), {
      name: 'ConfigError',
      message: 'TRAMONTANE_WORKER_TLS_CERT is set, but TRAMONTANE_WORKER_TLS_KEY is not: set both or neither',
    })
  })

  it('speaks TLS 1.2 and newer, and HTTP/2 only', async () => {
    await using({ workerHost: 'localhost', ...tls }, async ({ address }) => {
      const [host, port] = address.address.split(':')
      const socket = async (options: object) => {
        const made = connectTls({ host, port: Number(port), ca: TEST_CERTIFICATE, ...options })
        made.on('error', () => {})
        await new Promise<void>((resolve) =>
          made.on('secureConnect', () => resolve()).on('close', () => resolve()),
        )
        return made as TLSSocket
      }
      const good = await socket({ ALPNProtocols: ['h2'] })
      assert.equal(good.alpnProtocol, 'h2')
      good.destroy()
      const old = await socket({
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: 'DEFAULT@SECLEVEL=0',
        ALPNProtocols: ['h2'],
      })
      assert.equal(old.authorized, false)
      const http1 = await socket({ ALPNProtocols: ['http/1.1'] })
      assert.notEqual(http1.alpnProtocol, 'http/1.1')
      http1.destroy()
      const plain = connectHttp2(`http://${address.address}`)
      plain.on('error', () => {})
      await once(plain, 'close')
    })
  })

  it('takes a renewed certificate into use, and keeps the old one while the new one is none', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'tramontane-renewal-'))
    const files = await writeTestCertificate(folder)
    const env = { workerHost: 'localhost', workerTlsCert: files.certFile, workerTlsKey: files.keyFile }
    let renewals = 0
    const watched = { info: () => renewals++, warn: () => renewals--, debug: () => {} }
    const listener = await listenForWorkers(settings(env), watched as never, () => {}, LIMITS)
    // In one step: the listener must not come upon an empty file, which it would tell of as well.
    const replaceCertificate = async (text: string) => {
      await writeFile(`${files.certFile}.new`, text)
      await rename(`${files.certFile}.new`, files.certFile)
    }
    try {
      await replaceCertificate('half a certific')
      await eventually(() => renewals === -1)
      await replaceCertificate(`${TEST_CERTIFICATE}\n`)
      await eventually(() => renewals === 0)
      const grpc = await openRawGrpc(`https://${listener.address.address}`, { ca: TEST_CERTIFICATE })
      grpc.close()
    } finally {
      await listener.close().now()
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('keeps no connection on which nobody shows a key, nor more than its share of them', async (test) => {
    // The listener is in this process: its clock can be put forward.
    test.mock.timers.enable({ apis: ['setTimeout'] })
    let isGood = true
    await using(
      {},
      async (listener) => {
        const open = async () => {
          const session = connectHttp2(`http://${listener.address.address}`)
          session.on('error', () => {})
          const end = new Promise<void>((resolve) => session.once('close', () => resolve()))
          await once(session, 'connect')
          return { session, end }
        }
        const call = async ({ session }: Awaited<ReturnType<typeof open>>) => {
          const stream = session.request({ ':method': 'POST', ':path': '/' })
          stream.on('error', () => {})
          stream.resume().end()
          await once(stream, 'close')
        }
        const worker = await open()
        await call(worker)
        isGood = false
        const first = await open()
        await call(first)
        const second = await open()
        const third = await open()
        // The third is one more than two strangers: the oldest of them gives way.
        await first.end
        test.mock.timers.tick(LIMITS.strangerMs - 1)
        await Promise.all([call(second), call(third)])
        assert.equal(listener.connections(), 3)
        test.mock.timers.tick(1)
        await Promise.all([second.end, third.end])
        test.mock.timers.reset()
        await eventually(() => listener.connections() === 1)
        assert.equal(worker.session.closed, false, 'who has shown a key stays, however quiet')
        worker.session.destroy()
      },
      () => isGood,
    )
  })
})

describe('workers of other machines', () => {
  let folder: string
  let server: TestServer | undefined
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tramontane-tls-'))
  })
  after(async () => {
    await server?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('come in with TLS', async () => {
    const { certFile, keyFile } = await writeTestCertificate(folder)
    server = await startTestServer({
      temporalAddress: testTemporal(),
      workerHost: 'localhost',
      workerTlsCert: certFile,
      workerTlsKey: keyFile,
    })
    const key = await server.makeKey('worker')
    const whoami = (await server.call('GET', '/v1/workflows/workers/whoami', { key })).body
    assert.equal(whoami.scheduler_url, server.workerAddress)
    assert.equal(whoami.tls, true)
    const options = { address: server.workerAddress, apiKey: key, connectTimeout: 2_000 }
    const connection = await Connection.connect({
      ...options,
      connectTimeout: 20_000,
      tls: { serverRootCACertificate: Buffer.from(TEST_CERTIFICATE) },
    })
    const { namespaceInfo } = await connection.workflowService.describeNamespace({
      namespace: whoami.namespace,
    })
    assert.equal(namespaceInfo!.name, whoami.namespace)
    await connection.close()
    await assert.rejects(
      Connection.connect({ ...options, tls: true }),
      'not known to whoever does not trust it',
    )
    await assert.rejects(Connection.connect({ ...options, tls: false }))
    await server.close()
    server = undefined
  })

  it('have no way in without TLS, and everything else goes on', async () => {
    server = await startTestServer({ temporalAddress: testTemporal(), host: '0.0.0.0' })
    assert.equal(server.workerAddress, '')
    assert.equal((await server.call('GET', '/readyz')).status, 200)
    const whoami = await server.call('GET', '/v1/workflows/workers/whoami')
    assert.equal(whoami.status, 503)
    assert.match(
      whoami.body.detail,
      /^Workers cannot connect: keys would travel unencrypted to 0\.0\.0\.0\. Set TRAMONTANE_WORKER_TLS_CERT/,
    )
  })
})
