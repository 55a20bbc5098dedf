import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createSecureServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { decideConfig } from '@tramontane/server/config/config'
import type { Env } from '@tramontane/server/config/env'
import { eventually } from '@tramontane/testkit/eventually'
import { writeTestCertificate } from '@tramontane/testkit/test-certificate'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { startTemporal, type Temporal } from './temporal.ts'

const MINE = randomUUID()

/**
 * A Temporal with TLS, a key, one namespace and no right to make others, as Temporal Cloud is: the workers' port of another
 * Tramontane.
 */
describe('a Temporal that somebody else runs', () => {
  let folder: string
  let certFile: string
  let keyFile: string
  let theirs: TestServer
  let theirNamespace: string
  const open: Temporal[] = []
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tramontane-external-'))
    ;({ certFile, keyFile } = await writeTestCertificate(folder))
    theirs = await startTestServer({
      temporalAddress: testTemporal(),
      workerTlsCert: certFile,
      workerTlsKey: keyFile,
    })
    await eventually(async () => {
      const { status, body } = await theirs.call('GET', '/v1/workflows/workers/whoami')
      theirNamespace = body.namespace
      return status === 200
    })
  })
  after(async () => {
    await Promise.all(open.map((one) => one.close()))
    await theirs.close()
    await rm(folder, { recursive: true, force: true })
  })

  const start = (env: Env) => {
    const temporal = startTemporal({
      config: decideConfig({
        temporalAddress: theirs.workerAddress.replace('127.0.0.1', 'localhost'),
        ...env,
      }),
      database: undefined,
      defaultWorkspace: () => MINE,
      logger: pino({ level: 'silent' }),
      metrics: new Registry(),
    })
    open.push(temporal)
    return temporal
  }
  const available = async (env: Env) => {
    const temporal = start(env)
    await eventually(() => temporal.unavailable === null)
    return temporal
  }

  it('is reached with TLS and a key, and gives the default workspace its namespace', async () => {
    const temporal = await available({
      temporalTlsCa: certFile,
      temporalApiKey: theirs.key,
      temporalNamespace: theirNamespace,
    })
    const { workflowService, namespace } = await temporal.of(MINE)
    assert.equal(namespace, theirNamespace)
    await workflowService.startWorkflowExecution({
      namespace,
      workflowId: 'from afar',
      requestId: randomUUID(),
      workflowType: { name: 'anything' },
      taskQueue: { name: 'nobody' },
    })
    await assert.rejects(temporal.of(randomUUID()), { message: /Only the default workspace/ })
  })

  it('says what to do where no namespace can be made', async () => {
    const temporal = await available({ temporalTlsCa: certFile, temporalApiKey: theirs.key })
    await assert.rejects(temporal.of(MINE), {
      code: 'TEMPORAL_UNAVAILABLE',
      message: /lets no namespaces be made.*TRAMONTANE_TEMPORAL_NAMESPACE/,
    })
    const other = await available({
      temporalTlsCa: certFile,
      temporalApiKey: theirs.key,
      temporalNamespace: 'of-somebody-else',
    })
    await assert.rejects(other.of(MINE), {
      message: /lets this server not into the namespace of-somebody-else/,
    })
  })

  it('is not trusted with a certificate of an authority that is not known', async () => {
    const temporal = start({ temporalApiKey: theirs.key })
    await eventually(() => /certificate/.test(temporal.unavailable ?? ''))
    await assert.rejects(temporal.of(MINE), { code: 'TEMPORAL_UNAVAILABLE', message: /certificate/ })
  })

  it('can be left at any moment while it does not answer', async () => {
    for (const milliseconds of [0, 40, 120, 300, 700]) {
      const temporal = start({ temporalAddress: '127.0.0.1:1' })
      await delay(milliseconds)
      // Tries that are still to be made would throw where only the process hears it.
      await temporal.close()
    }
  })

  it('is shown our certificate', async () => {
    const cert = readFileSync(certFile)
    const server = createSecureServer({
      cert,
      key: readFileSync(keyFile),
      ca: cert,
      requestCert: true,
      rejectUnauthorized: true,
    })
    const sessions = new Set<ServerHttp2Session>()
    server.on('session', (session) => sessions.add(session))
    server.on('stream', (stream) => {
      stream.on('error', () => {})
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.end(Buffer.alloc(5))
    })
    server.listen(0, 'localhost')
    await once(server, 'listening')
    const temporalAddress = `localhost:${(server.address() as AddressInfo).port}`
    try {
      const stranger = start({ temporalAddress, temporalTlsCa: certFile })
      await eventually(() => /does not answer/.test(stranger.unavailable ?? ''))
      const known = await available({
        temporalAddress,
        temporalTlsCa: certFile,
        temporalTlsCert: certFile,
        temporalTlsKey: keyFile,
      })
      assert.ok(known.address)
    } finally {
      for (const session of sessions) session.destroy()
      server.close()
    }
  })
})
