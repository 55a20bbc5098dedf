import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { describe, it } from 'node:test'
import { startWorker, type WorkerOptions } from '../run-worker.ts'
import { logJson, logLine } from './log-line.ts'

const workflows = import.meta.resolve('@tramontane/testkit/worker-scenario/workflows')
const start = (options: Partial<WorkerOptions>) =>
  startWorker({ workflows, apiKey: 'k', deploymentName: 'd', serverUrl: 'http://127.0.0.1:9', ...options })

/** A server that answers everything the same way. */
async function answering(listener: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  try {
    await use(`http://127.0.0.1:${port}`)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}
const json =
  (status: number, body: unknown): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }

describe('a worker that cannot start', () => {
  it('says what is missing or wrong in its settings', async () => {
    const refusals: [Partial<WorkerOptions>, RegExp][] = [
      [{ apiKey: '' }, /MISTRAL_API_KEY is not set\. Make a key .*--role worker/],
      [{ deploymentName: '' }, /DEPLOYMENT_NAME is not set\. Choose a name/],
      [{ deploymentName: 'a b' }, /DEPLOYMENT_NAME cannot be "a b"/],
      [{ serverUrl: 'localhost:7444' }, /SERVER_URL cannot be "localhost:7444"/],
      [{ workflows: './workflows.ts' }, /import\.meta\.resolve/],
      [{ workflows: import.meta.resolve('./log-line.ts') }, /exports no workflow/],
      [{ activities: { __internal__x() {} } }, /"__internal__x" cannot be named so/],
    ]
    for (const [options, message] of refusals) await assert.rejects(start(options), { message })
  })

  it('says that the server is away, once it has waited', async () => {
    await assert.rejects(start({ startTimeout: 1 }), {
      name: 'WorkerError',
      message: /127\.0\.0\.1:9 does not answer .*Start the server, or set SERVER_URL/,
    })
  })

  it('says what the server has against it', async () => {
    const refusals: [RequestListener, RegExp][] = [
      [json(401, { detail: 'Unauthorized' }), /does not know this key\. Check MISTRAL_API_KEY/],
      [json(403, { detail: 'Forbidden' }), /may not run workers\. Make one with .*--role worker/],
      [json(404, { detail: 'Not Found' }), /knows nothing of workers/],
      [json(422, { detail: 'no' }), /The server refused: no \(422\)/],
      [
        json(200, { scheduler_url: '127.0.0.1:9', namespace: 'n', tls: false }),
        /workers connect to 127\.0\.0\.1:9, but nothing answers there/,
      ],
    ]
    for (const [listener, message] of refusals)
      await answering(listener, async (serverUrl) => {
        await assert.rejects(start({ serverUrl }), { name: 'WorkerError', message })
      })
  })

  it('waits for a server that gets ready, until it is told to stop', async () => {
    const stop = new AbortController()
    let calls = 0
    const listener: RequestListener = (request, response) => {
      if (++calls === 3) stop.abort(new Error('enough'))
      json(503, { detail: 'Temporal is being built', code: 'TEMPORAL_UNAVAILABLE' })(request, response)
    }
    await answering(listener, async (serverUrl) => {
      await assert.rejects(start({ serverUrl, startTimeout: 1, signal: stop.signal }), { message: 'enough' })
    })
    assert.equal(calls, 3)
  })

  it('names the module that workflow code may not import', async () => {
    const file = import.meta.resolve('@tramontane/testkit/worker-scenario/impossible-workflows')
    const info = json(200, { scheduler_url: '127.0.0.1:9', namespace: 'n', tls: false })
    await answering(info, async (serverUrl) => {
      await assert.rejects(start({ serverUrl, workflows: file }), {
        name: 'WorkerError',
        message: /impossible-workflows\.ts import fs\/promises.*move what needs them to activities/,
      })
    })
  })
})

describe('a line of the log', () => {
  it('has what people look for, and the own part of a stack', () => {
    const error = new Error('no')
    error.stack = 'Error: no\n    at mine (/app/steps.ts:3:1)\n    at theirs (/app/node_modules/x/y.js:1:1)'
    const time = new Date(2026, 0, 1, 12, 30, 5)
    const meta = { workflowId: 'w', taskToken: 't', attempt: 2, error }
    assert.equal(
      logLine('WARN', time, 'Activity failed', meta),
      '12:30:05 WARN  Activity failed workflowId=w attempt=2\n    Error: no\n        at mine (/app/steps.ts:3:1)\n',
    )
    const told = JSON.parse(logJson('WARN', time, 'Activity failed', meta))
    assert.equal(told.error, error.stack)
    assert.equal(told.taskToken, undefined)
  })
})
