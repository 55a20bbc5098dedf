import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { ManagedServer } from '@tramontane/testkit/managed-server'
import { testTemporalBin } from '@tramontane/testkit/test-temporal'
import { decideConfig } from '../config/config.ts'
import { temporalPaths } from '../platform/temporal/temporal-config.ts'
import { backup } from './backup.ts'
import { restore } from './restore.ts'

/** Of Temporal's `WorkflowExecutionStatus`. */
const COMPLETED = 2

describe('backup and restore of workflow executions', () => {
  let home: string
  let file: string
  const servers: ManagedServer[] = []
  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'tramontane-temporal-backup-'))
    await chmod(home, 0o755)
    file = path.join(home, 'backup')
  })
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.end('SIGTERM')
  })
  after(() => rm(home, { recursive: true, force: true }))

  const configOf = (name: string, temporalAddress?: string) =>
    decideConfig({ dataDir: path.join(home, name), temporalBin: testTemporalBin(), temporalAddress })
  const start = async (name: string) => {
    const server = await ManagedServer.launch(path.join(home, name))
    servers.push(server)
    return server.engineReady()
  }

  it('let an open execution go on in another installation', async () => {
    const server = await start('one')
    await server.startExecution('open')
    await server.answerTask('open', 'wait')
    await server.startExecution('closed')
    await server.answerTask('closed', 'complete')
    await backup(configOf('one'), file)
    await server.answerTask('open', 'complete')
    assert.equal(await server.end('SIGTERM'), 0)

    const done = await restore(configOf('two'), file)
    assert.equal(done.workflows, true)
    const { restored } = temporalPaths(path.join(home, 'two'))
    assert.ok(existsSync(restored))
    const other = await start('two')
    assert.ok(!existsSync(restored))
    assert.equal(await other.statusOf('closed'), COMPLETED)
    await other.answerTask('open', 'complete')
    assert.equal(await other.statusOf('open'), COMPLETED)
    assert.equal(await other.end('SIGTERM'), 0)
    assert.equal(await (await start('two')).statusOf('open'), COMPLETED, 'and what was done since is kept')
  })

  it('replace what another installation has of them', async () => {
    const server = await start('three')
    await server.startExecution('of three')
    assert.equal(await server.end('SIGTERM'), 0)
    await assert.rejects(restore(configOf('three'), file), /holds data already/)
    await restore(configOf('three'), file, { replace: true })
    const replaced = await start('three')
    assert.equal(await replaced.statusOf('closed'), COMPLETED)
    await assert.rejects(replaced.statusOf('of three'), /not found/)
  })

  it('leave them out where Temporal runs elsewhere', async () => {
    const { workflows } = await restore(configOf('four', 'temporal.example.com:7233'), file)
    assert.equal(workflows, false)
    assert.ok(!existsSync(temporalPaths(path.join(home, 'four')).restored))
  })
})
