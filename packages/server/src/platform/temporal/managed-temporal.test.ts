import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { ManagedServer } from '@tramontane/testkit/managed-server'
import { endPostgres, findPostmaster } from '../database/postmaster.ts'
import { endTemporal, findTemporal } from './temporal-process.ts'

/** Of Temporal's `WorkflowExecutionStatus`. */
const COMPLETED = 2
describe('a server with its own Temporal', () => {
  let home: string
  let dataDir: string
  let servers: ManagedServer[] = []
  const inTemporal = (name: string) => path.join(dataDir, 'temporal', name)
  const cluster = () => path.join(dataDir, 'postgres', 'data')
  const temporalProcess = () => findTemporal(inTemporal('server.yaml'), inTemporal('process.json'))
  const ports = () => JSON.parse(readFileSync(inTemporal('ports.json'), 'utf8'))

  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'tramontane-managed-temporal-'))
    await chmod(home, 0o755)
    dataDir = path.join(home, 'a data directory')
  })
  afterEach(async () => {
    for (const server of servers) await server.end('SIGKILL')
    servers = []
  })
  after(async () => {
    await endTemporal(inTemporal('server.yaml'), 0)
    await endPostgres(cluster(), 0)
    await rm(home, { recursive: true, force: true })
  })

  const launch = async (env: Record<string, string> = {}) => {
    const server = await ManagedServer.launch(dataDir, env)
    servers.push(server)
    return server
  }
  const start = async (env: Record<string, string> = {}) => (await launch(env)).engineReady()
  const killTemporal = () => process.kill(temporalProcess()!.pid, 'SIGKILL')

  it('starts from nothing, whenever its first starts were killed', async () => {
    const moments: ((server: ManagedServer) => boolean)[] = [
      () => existsSync(path.dirname(inTemporal('x'))),
      ({ output }) =>
        output.includes('preparing the databases of Temporal') || existsSync(inTemporal('process.json')),
      () => existsSync(inTemporal('process.json')),
    ]
    for (const moment of moments) {
      const server = await launch()
      await eventually(() => moment(server), { everyMs: 5, timeoutMs: 60_000 })
      await server.end('SIGKILL')
    }
    const server = await start()
    await server.startExecution('first')
    await server.answerTask('first', 'complete')
    assert.equal(await server.statusOf('first'), COMPLETED)
    for (const name of ['server.yaml', 'ports.json', 'temporal.log'])
      assert.equal(statSync(inTemporal(name)).mode & 0o777, 0o600, name)
    assert.equal(statSync(path.dirname(inTemporal('x'))).mode & 0o777, 0o700)
    assert.equal(await server.end('SIGTERM'), 0)
    assert.equal(temporalProcess(), undefined)
    assert.equal(findPostmaster(cluster()), undefined)
  })

  it('goes on with an open execution after everything was killed at once', async () => {
    const server = await start()
    await server.startExecution('survivor')
    await server.answerTask('survivor', 'wait')
    const before = ports()
    const { pid } = findPostmaster(cluster())!
    killTemporal()
    process.kill(pid, 'SIGKILL')
    await server.end('SIGKILL')
    const again = await start()
    await again.answerTask('survivor', 'complete')
    assert.equal(await again.statusOf('survivor'), COMPLETED)
    assert.deepEqual(ports(), before, 'on the same ports')
  })

  it('adopts the Temporal that a killed server left running, and replaces one that does not answer', async () => {
    const server = await start()
    const { pid } = temporalProcess()!
    await server.end('SIGKILL')
    assert.equal(temporalProcess()?.pid, pid)
    const adopter = await start()
    assert.equal(temporalProcess()?.pid, pid)
    assert.match(adopter.output, /adopted the Temporal/)
    await adopter.startExecution('adopted')
    process.kill(pid, 'SIGSTOP')
    await adopter.end('SIGKILL')
    const replacer = await start()
    assert.notEqual(temporalProcess()?.pid, pid)
    await replacer.answerTask('adopted', 'complete')
  })

  it('starts Temporal again when it dies, and says meanwhile that it is not there', async () => {
    const server = await start()
    await server.startExecution('long')
    killTemporal()
    await eventually(async () => !(await server.isEngineReady()), { everyMs: 5 })
    assert.equal((await server.call('/readyz')).status, 200)
    await server.engineReady()
    await server.answerTask('long', 'complete')
  })

  it('goes on when PostgreSQL dies', async () => {
    const server = await start()
    await server.startExecution('without database')
    process.kill(findPostmaster(cluster())!.pid, 'SIGKILL')
    await server.engineReady()
    await server.answerTask('without database', 'wait')
    await server.answerTask('without database', 'complete')
    assert.equal(await server.statusOf('without database'), COMPLETED)
  })

  it('takes other ports when its own are taken', async () => {
    await (await start()).end('SIGTERM')
    const before = ports()
    const squatters: Server[] = [before.frontend.rpc, before.history.membership].map((port) =>
      createServer().listen(port, '127.0.0.1'),
    )
    try {
      const server = await start()
      await server.startExecution('elsewhere')
      await server.answerTask('elsewhere', 'complete')
      assert.notEqual(ports().frontend.rpc, before.frontend.rpc)
      assert.notEqual(ports().history.membership, before.history.membership)
      assert.equal(ports().matching.rpc, before.matching.rpc)
      await server.end('SIGTERM')
    } finally {
      for (const squatter of squatters) squatter.close()
    }
  })

  it('serves everything else while the engine does not start, and says why', async () => {
    const programs = path.join(home, 'broken programs')
    await mkdir(programs)
    const broken = '#!/bin/sh\n[ "$1" = --version ] && echo temporal version 1.31.2 || exit 1\n'
    for (const name of ['temporal-server', 'temporal-sql-tool'])
      await writeFile(path.join(programs, name), broken, { mode: 0o755 })
    const server = await launch({ TRAMONTANE_TEMPORAL_BIN: programs })
    await server.ready()
    await eventually(() => /"Temporal does not start; it is tried again and again"/.test(server.output))
    assert.equal(await server.isEngineReady(), false)
    const answer = await server.call('/v1/workflows/workers/whoami')
    assert.equal(answer.status, 503)
    const { code, detail } = (await answer.json()) as { code: string; detail: string }
    assert.equal(code, 'TEMPORAL_UNAVAILABLE')
    assert.match(detail, /The workflow engine \(Temporal\) does not start: /)
    assert.equal(await server.end('SIGTERM'), 0)
  })
})
