import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { freePort } from '@tramontane/testkit/free-port'
import { startWorkerScenario, type WorkerScenario } from '@tramontane/testkit/worker-scenario'

/** Two ports: a server that is restarted must come back where it was. */
async function twoPorts(): Promise<[port: string, workerPort: string]> {
  return [String(await freePort()), String(await freePort())]
}

/**
 * In the place of a server that goes away: refuses what it is asked first, as one that is stopping, then hangs up on
 * everybody, and remembers what was asked of it.
 */
async function goingAway(port: string): Promise<{ asked: string[]; close(): Promise<unknown> }> {
  const asked: string[] = []
  const server = createHttpServer(({ url = '', socket }, response) => {
    const isFirst = !asked.includes(url)
    asked.push(url)
    if (isFirst) response.writeHead(503, { connection: 'close' }).end()
    else socket.destroy()
  }).listen(Number(port), '127.0.0.1')
  await once(server, 'listening')
  return { asked, close: () => new Promise((resolve) => server.close(resolve)) }
}

describe("a worker's life", () => {
  let scenario: WorkerScenario
  const call: WorkerScenario['call'] = (...options) => scenario.call(...options)
  const on = (id: string, what = '') => `/v1/workflows/executions/${id}${what}`
  before(async () => {
    scenario = await startWorkerScenario()
  })
  after(() => scenario.close())

  const start = async (workflow: string, input?: unknown): Promise<string> => {
    const { status, body } = await scenario.execute(workflow, input)
    assert.equal(status, 200, JSON.stringify(body))
    return body.execution_id
  }
  const has = (id: string, type: string) => scenario.events(id, type)

  it('ends when it is told to, and lets what it does end first', async () => {
    const worker = scenario.spawnWorker()
    await worker.ready()
    const id = await start('long', { ms: 1_500 })
    await has(id, 'ACTIVITY_TASK_STARTED')
    assert.equal(await worker.end('SIGTERM'), 0, worker.output())
    const events = await has(id, 'ACTIVITY_TASK_COMPLETED')
    assert.ok(!events.some((event: { event_type: string }) => /RETRYING|FAILED/.test(event.event_type)))
    assert.match(worker.output(), /is ready/)
  })

  it('when killed, leaves its work to the next, which goes on where it was', async () => {
    const first = scenario.spawnWorker()
    await first.ready()
    const sleeping = await start('nap', { ms: 1_000 })
    const asking = await start('approval')
    const ordered = await start('order', { id: 'x' })
    await has(sleeping, 'WORKFLOW_EXECUTION_STARTED')
    await has(asking, 'CUSTOM_TASK_STARTED')
    await has(ordered, 'WORKFLOW_EXECUTION_STARTED')
    const working = await start('long', { ms: 700 })
    await has(working, 'ACTIVITY_TASK_STARTED')
    await first.end('SIGKILL')
    await call('POST', on(ordered, '/signals'), { body: { name: 'pay', input: { amount: 12 } } })

    const second = scenario.spawnWorker()
    await second.ready()
    assert.deepEqual((await scenario.until(sleeping, 'COMPLETED')).result, { result: 'rested' })
    assert.deepEqual((await scenario.until(ordered, 'COMPLETED')).result, { paid: 12, city: 'nowhere' })
    // The activity is missed when it does not call in, and tried again.
    assert.deepEqual((await scenario.until(working, 'COMPLETED')).result, { result: 700 })
    const pending = await eventually(async () => {
      const { body } = await call('POST', on(asking, '/queries'), { body: { name: '__get_pending_inputs' } })
      return body.result?.pending_inputs?.[0]
    })
    const answer = { task_id: pending.task_id, input: { approved: true, by: 'Ada' } }
    await call('POST', on(asking, '/updates'), { body: { name: '__submit_input', input: answer } })
    assert.deepEqual((await scenario.until(asking, 'COMPLETED')).result, { approved: true, by: 'Ada' })
    for (const id of [sleeping, asking, ordered, working]) {
      const events = await has(id, 'WORKFLOW_EXECUTION_COMPLETED')
      const started = events.filter(
        (event: { event_type: string }) => event.event_type === 'WORKFLOW_EXECUTION_STARTED',
      )
      assert.equal(started.length, 1, 'what was told once is not told again')
    }
    assert.equal(await second.end('SIGINT'), 0)
  })

  it('keeps an execution open that wants to wait for mended code', async () => {
    const file = (name: string) => import.meta.resolve(`@tramontane/testkit/worker-scenario/${name}`)
    const deploymentName = 'stubborn'
    const broken = await scenario.startWorker({ deploymentName, workflows: file('broken-workflows') })
    const id = await start('stubborn')
    await has(id, 'WORKFLOW_EXECUTION_STARTED')
    const failures = async () => {
      const { body } = await call('GET', on(id, '/history'))
      return body.events.filter((event: { eventType: string }) =>
        /WORKFLOW_TASK_FAILED/.test(event.eventType),
      )
    }
    await eventually(async () => (await failures()).length > 0)
    await broken.stop()
    assert.equal((await call('GET', on(id))).body.status, 'RUNNING')
    const mended = await scenario.startWorker({ deploymentName, workflows: file('mended-workflows') })
    const done = await eventually(
      async () => {
        const { body } = await call('GET', on(id))
        return body.status === 'COMPLETED' && body
      },
      { timeoutMs: 60_000 },
    )
    assert.deepEqual(done.result, { result: 'mended' })
    await mended.stop()
  })

  it('outlives a restart of the server', async (test) => {
    const [port, workerPort] = await twoPorts()
    const scenario = await startWorkerScenario({ port, workerPort })
    test.after(() => scenario.close())
    const worker = scenario.spawnWorker()
    await worker.ready()
    const { execution_id: id } = (await scenario.execute('nap', { ms: 1_500 })).body
    await scenario.events(id, 'WORKFLOW_EXECUTION_STARTED')
    await scenario.server.restart()
    assert.deepEqual((await scenario.until(id, 'COMPLETED')).result, { result: 'rested' })
    assert.deepEqual(await scenario.result('hello', { name: 'Ada' }), { result: 'Bonjour, Ada!' })
    assert.equal(await worker.end('SIGTERM'), 0, worker.output())
  })

  it('says once that the server is away, and that it is back', async (test) => {
    const [port, workerPort] = await twoPorts()
    const scenario = await startWorkerScenario({ port, workerPort })
    test.after(() => scenario.close())
    const worker = scenario.spawnWorker()
    await worker.ready()
    const before = worker.output().length
    const said = (what: string | RegExp) => worker.output().slice(before).split(what).length - 1
    await scenario.server.restart({
      meanwhile: async () => {
        const away = await goingAway(port)
        const registering = () => away.asked.filter((url) => url === '/v1/workflows/register').length
        await eventually(() => registering() >= 3 && said('No task can be fetched') > 0, {
          timeoutMs: 90_000,
        })
        await away.close()
      },
    })
    await eventually(() => said('The server hears of this worker again') === 1, { timeoutMs: 30_000 })
    assert.equal(said('The server does not hear of this worker'), 1, worker.output())
    const reasons = [...worker.output().matchAll(/No task can be fetched; .* reason=(.*)/g)].map(
      ([, reason]) => reason,
    )
    assert.ok(reasons.length >= 1, worker.output())
    assert.equal(said(/\n/), reasons.length + 3, worker.output())
    assert.deepEqual(await scenario.result('hello', { name: 'Ada' }), { result: 'Bonjour, Ada!' })
    assert.equal(await worker.end('SIGTERM'), 0, worker.output())
  })

  it('does not begin with options that Temporal does not take together', async () => {
    const tuner = { tunerOptions: { targetMemoryUsage: 0.8, targetCpuUsage: 0.9 } }
    await assert.rejects(
      scenario.startWorker({ temporal: { tuner, maxConcurrentActivityTaskExecutions: 5 } }),
      {
        name: 'WorkerError',
        message: /^Temporal does not take these options .*`temporal`.*both tuner/,
      },
    )
  })

  it('ends with a word when its key is taken away', async () => {
    const key = await scenario.server.makeKey('worker')
    const worker = scenario.spawnWorker({ MISTRAL_API_KEY: key, DEPLOYMENT_NAME: 'short-lived' })
    await worker.ready()
    const { body } = await call('GET', '/v1/keys')
    const newest = body.keys.at(-1)
    assert.equal((await call('DELETE', `/v1/keys/${newest.id}`)).status, 204)
    // It hears of that with its next sign of life, and then lets go of Temporal.
    await eventually(
      () => {
        assert.notEqual(worker.process.exitCode, null, worker.output())
        return true
      },
      { timeoutMs: 60_000 },
    )
    assert.equal(worker.process.exitCode, 1)
    assert.match(worker.output(), /\nThe server does not know this key[^\n]*MISTRAL_API_KEY[^\n]*\n$/)
  })
})
