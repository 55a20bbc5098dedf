import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, Connection, isGrpcServiceError } from '@temporalio/client'
import { eventually } from '@tramontane/testkit/eventually'
import { type StallableProxy, startStallableProxy } from '@tramontane/testkit/stallable-proxy'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import { startTestWorker, type TestWorker } from '@tramontane/testkit/test-worker'

/** What a call of an SDK failed with. */
async function failure(call: Promise<unknown>): Promise<{ code: number; details: string }> {
  try {
    await call
  } catch (error) {
    const cause = isGrpcServiceError(error) ? error : (error as Error).cause
    assert.ok(isGrpcServiceError(cause), String(error))
    return { code: cause.code, details: cause.details }
  }
  return { code: 0, details: '' }
}

const within = <T>(connection: Connection, ms: number, call: () => Promise<T>) =>
  connection.withDeadline(Date.now() + ms, call)

describe('a worker and a client behind the proxy', () => {
  let between: StallableProxy
  let server: TestServer
  let namespace: string
  let key: string
  let worker: TestWorker
  let connection: Connection
  let direct: Connection
  let client: Client

  const connect = (apiKey?: string) =>
    Connection.connect({ address: server.workerAddress, apiKey, tls: false, connectTimeout: 5_000 })

  before(async () => {
    between = await startStallableProxy(`http://${testTemporal()}`)
    server = await startTestServer({ temporalAddress: new URL(between.url).host })
    const { workspaces } = (await server.call('GET', '/v1/workspaces')).body
    namespace = `tramontane-${workspaces[0].id}`
    key = await server.makeKey('worker')
    connection = await connect(key)
    client = new Client({ connection, namespace })
    direct = await Connection.connect({ address: testTemporal() })
    worker = await startTestWorker({
      address: server.workerAddress,
      namespace,
      taskQueue: 'queue',
      apiKey: key,
    })
  })
  after(async () => {
    await worker?.stop()
    await connection?.close()
    await direct?.close()
    await server?.close()
    await between?.close()
  })

  const start = (workflow: string, input: unknown, workflowId = `w-${randomBytes(6).toString('hex')}`) =>
    client.workflow.start(workflow, { workflowId, taskQueue: 'queue', args: [input] })

  it('run workflows, activities, children, timers, signals, queries and updates', async () => {
    assert.deepEqual(await (await start('echo', { hello: 'world' })).result(), { hello: 'world' })
    assert.deepEqual(await (await start('flaky', { failures: 2 })).result(), { attempts: 3 })
    const child = await start('parent', { childId: `child-${Date.now()}`, input: 7 })
    assert.deepEqual(await child.result(), { child: 7 })
    assert.equal(await (await start('nap', { milliseconds: 20 })).result(), 'rested')
    assert.deepEqual(await (await start('again', { times: 2 })).result(), { times: 0 })
    const collect = await start('collect', { values: [1] })
    await collect.signal('add', { value: 2 })
    assert.deepEqual(await collect.executeUpdate('append', { args: [{ value: 3 }] }), { count: 3 })
    assert.deepEqual(await collect.query('values'), [1, 2, 3])
    await collect.signal('finish')
    assert.deepEqual(await collect.result(), { values: [1, 2, 3] })
    await assert.rejects((await start('fail', { message: 'as told' })).result())
  })

  it('make, list and delete schedules; describe, list, count, terminate and reset executions', async () => {
    const schedule = await client.schedule.create({
      scheduleId: `s-${Date.now()}`,
      spec: { intervals: [{ every: '1h' }] },
      action: { type: 'startWorkflow', workflowType: 'echo', taskQueue: 'queue', args: [1] },
    })
    await schedule.update((previous) => ({ ...previous, state: { ...previous.state, note: 'changed' } }))
    await eventually(async () => (await schedule.describe()).state.note === 'changed')
    await schedule.pause()
    await eventually(async () => (await schedule.describe()).state.paused)
    await schedule.delete()
    const handle = await start('collect', {})
    assert.equal((await handle.describe()).status.name, 'RUNNING')
    assert.ok((await handle.fetchHistory()).events!.length > 0)
    await handle.terminate()
    await eventually(async () => (await client.workflow.count('WorkflowType = "echo"')).count > 0)
    await eventually(async () => {
      for await (const { workflowId } of client.workflow.list())
        if (workflowId === handle.workflowId) return true
      return false
    })
  })

  it('send payloads of 1.9 MB both ways, compressed or not', async () => {
    const big = randomBytes(1_400_000).toString('base64')
    assert.equal(await (await start('echo', big)).result(), big)
    const long = 'a'.repeat(1_900_000)
    assert.equal(await (await start('echo', long)).result(), long)
  })

  it('read a history of more than three megabytes', async () => {
    const handle = await start('collect', {})
    for (let round = 0; round < 3; round++) await handle.signal('add', { value: 'a'.repeat(1_200_000) })
    await handle.terminate()
    const { events } = await handle.fetchHistory()
    assert.ok(JSON.stringify(events).length > 3_600_000)
  })

  it('get the errors of Temporal with their details', async () => {
    const handle = await start('echo', 1, 'twice')
    await handle.result()
    await assert.rejects(
      client.workflow.start('echo', {
        workflowId: 'twice',
        taskQueue: 'queue',
        args: [2],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      }),
      // Made from `grpc-status-details-bin`.
      { name: 'WorkflowExecutionAlreadyStartedError' },
    )
    const { code, details } = await failure(
      connection.workflowService.describeWorkflowExecution({
        namespace,
        execution: { workflowId: 'nothing' },
      }),
    )
    assert.equal(code, 5)
    assert.match(details, /workflow not found/)
  })

  it('wait for a task as long as Temporal lets them, and not a task is lost when they hang up', async () => {
    const poll = (name: string) =>
      connection.workflowService.pollWorkflowTaskQueue({
        namespace,
        identity: 'nobody',
        taskQueue: { name },
      })
    // Temporal sees the caller's deadline, and answers a second before it; once more on a machine that stalls for so long.
    const waited = await eventually(async () => {
      const begun = performance.now()
      const { taskToken } = await within(connection, 3_000, () => poll('empty queue'))
      assert.equal(taskToken?.length, 0)
      return performance.now() - begun
    })
    assert.ok(waited >= 1_900, `${waited} ms`)
    const hangUp = new AbortController()
    const polling = failure(
      connection.withAbortSignal(hangUp.signal, () => within(connection, 60_000, () => poll('left queue'))),
    )
    const pollers = async () =>
      (
        await direct.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name: 'left queue' },
          taskQueueType: 1,
          reportPollers: true,
        })
      ).pollers!
    await eventually(async () => (await pollers()).length > 0)
    hangUp.abort()
    assert.equal((await polling).code, 1, 'cancelled')
    // Temporal's parts hear of it one after the other.
    await delay(1_000)
    // Were the call still open at Temporal, it would be given the task, which then would have to time out.
    await client.workflow.start('echo', {
      workflowId: 'polled',
      taskQueue: 'left queue',
      args: [1],
      workflowTaskTimeout: '2 minutes',
    })
    const { taskToken } = await within(connection, 30_000, () => poll('left queue'))
    assert.ok(taskToken!.length > 0)
  })

  it('use a connection without a call for nothing, and calls of more workers than one', async () => {
    const keys = await Promise.all([1, 2, 3].map(() => server.makeKey('worker')))
    const connections = await Promise.all(keys.map(connect))
    const answers = await Promise.all(
      connections.flatMap((each) =>
        Array.from({ length: 40 }, () => each.workflowService.describeNamespace({ namespace })),
      ),
    )
    assert.equal(answers.length, 120)
    await Promise.all(connections.map((each) => each.close()))
  })

  it('go on when Temporal comes back', async () => {
    const handle = await start('collect', {})
    between.cut()
    const cut = await within(connection, 2_000, () =>
      failure(rawSignal(connection, namespace, handle.workflowId)),
    )
    assert.ok(cut.code === 14 || cut.code === 4, `${cut.code} ${cut.details}`)
    between.resume()
    await eventually(() => handle.signal('finish').then(() => true))
    assert.deepEqual(await handle.result(), { values: [] })
  })

  it('have a key until it is revoked', async () => {
    const made = await server.call('POST', '/v1/keys', { body: { name: 'short-lived', role: 'worker' } })
    const short = await connect(made.body.key)
    const call = () => short.workflowService.describeNamespace({ namespace })
    await call()
    await server.call('DELETE', `/v1/keys/${made.body.id}`)
    const { code, details } = await failure(call())
    assert.equal(code, 16)
    assert.match(details, /unknown or has been revoked/)
    await short.close()
  })

  it('are counted', async () => {
    const text = (await server.call('GET', '/metrics')).body as string
    assert.match(text, /tramontane_worker_calls_total\{method="StartWorkflowExecution",code="0"\} \d+/)
    assert.match(text, /tramontane_worker_calls_total\{method="DescribeNamespace",code="0"\} \d+/)
    assert.match(text, /tramontane_worker_calls_denied_total\{reason="key"\} 1/)
    assert.match(text, /tramontane_worker_calls_open [1-9]/)
    assert.match(text, /tramontane_worker_connections [1-9]/)
  })
})

function rawSignal(connection: Connection, namespace: string, workflowId: string): Promise<unknown> {
  return connection.workflowService.signalWorkflowExecution({
    namespace,
    workflowExecution: { workflowId },
    signalName: 'nothing',
  })
}
