import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it, mock } from 'node:test'
import { startWorker, type WorkerOptions } from '../run-worker.ts'
import { CallTrouble } from './call-trouble.ts'
import { logJson, logLine } from './log-line.ts'
import { workerLogger } from './worker-logger.ts'

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
      [{ apiKey: '' }, /MISTRAL_API_KEY is not set\. Make a key .* under Settings, or with .*--role worker/],
      [{ apiKey: 'two words' }, /MISTRAL_API_KEY has characters that no key has/],
      [{ deploymentName: '' }, /DEPLOYMENT_NAME is not set\. Choose a name/],
      [{ deploymentName: 'a b' }, /DEPLOYMENT_NAME cannot be "a b"/],
      [{ serverUrl: 'localhost:7444' }, /SERVER_URL cannot be "localhost:7444"/],
      [{ shutdownGrace: '10 parsecs' as '10 s' }, /`shutdownGrace` cannot be "10 parsecs": it is a duration/],
      [{ startTimeout: 'soon' as '1 s' }, /`startTimeout` cannot be "soon"/],
      [{ workflows: new URL('https://here/w.ts') }, /cannot be "https:.*import\.meta\.resolve/],
      [{ workflows: undefined as unknown as string }, /cannot be undefined: .*import\.meta\.resolve/],
      [{ workflows: './workflows.ts' }, /import\.meta\.resolve/],
      [{ workflows: import.meta.resolve('./log-line.ts') }, /exports no workflow/],
      [{ workflows: import.meta.resolve('./nowhere.ts') }, /There is no file .*nowhere\.ts: `workflows`/],
      [{ workflows: import.meta.resolve('.') }, /There is no file/],
      [
        { temporal: { maxConcurrentActivityTaskExecutions: 0 } },
        /`temporal\.maxConcurrentActivityTaskExecutions` cannot be 0: it is a whole number from 1 on/,
      ],
      [{ temporal: { maxConcurrentWorkflowTaskExecutions: 1 } }, /cannot be 1: .* from 2 on/],
      [{ temporal: { maxCachedWorkflows: 1.5 } }, /cannot be 1\.5: .* from 0 on/],
      [{ temporal: { maxActivitiesPerSecond: 0 } }, /cannot be 0: it is a number above 0/],
      [{ temporal: { identity: '' } }, /`temporal\.identity` cannot be ""/],
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

  it('says that SERVER_URL names another kind of port', async () => {
    const workers = createHttp2Server().listen(0, '127.0.0.1')
    await once(workers, 'listening')
    const { port } = workers.address() as { port: number }
    await assert.rejects(start({ startTimeout: 1, serverUrl: `http://127.0.0.1:${port}` }), {
      message: /speaks no HTTP: is it the port for workers\?\)\. Start the server, or set SERVER_URL/,
    })
    workers.close()
    await answering(json(200, {}), (url) =>
      assert.rejects(start({ startTimeout: 1, serverUrl: url.replace('http', 'https') }), {
        message: /speaks no TLS: does the address begin with http:/,
      }),
    )
  })

  it('says what the server has against it', async () => {
    const refusals: [RequestListener, RegExp][] = [
      [json(401, { detail: 'Unauthorized' }), /does not know this key\. Check MISTRAL_API_KEY/],
      [
        json(403, { detail: 'Forbidden' }),
        /may not run workers\. Make one .* under Settings, or with .*--role worker/,
      ],
      [
        json(404, { detail: 'Not Found' }),
        /knows nothing of workers.*no \/v1 at its end.*: Not Found \(404\)/,
      ],
      [json(404, { detail: { message: 'There is no page.' } }), /: There is no page\. \(404\)$/],
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

describe('the program of a worker that cannot start', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tramontane-worker-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  /** Runs a user's program to its end, with a file of workflows that has these lines. */
  const run = async (lines: string, { env = {}, main = 'await runWorker(options)' } = {}) => {
    const write = (name: string, text: string) => writeFile(path.join(folder, name), text)
    await write(
      'workflows.ts',
      `import { workflow } from '${import.meta.resolve('../workflow.ts')}'\n${lines}\n`,
    )
    await write(
      'program.ts',
      `import { runWorker, startWorker } from '${import.meta.resolve('../run-worker.ts')}'
      const options = { workflows: import.meta.resolve('./workflows.ts'), startTimeout: 1 }
      ${main}\n`,
    )
    const child = spawn(
      process.execPath,
      ['--conditions=tramontane-source', path.join(folder, 'program.ts')],
      {
        env: {
          ...process.env,
          SERVER_URL: 'http://127.0.0.1:9',
          MISTRAL_API_KEY: 'k',
          DEPLOYMENT_NAME: 'd',
          ...env,
        },
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
    let output = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    const [exitCode] = await once(child, 'close')
    assert.equal(exitCode, 1, output)
    return output
  }
  const one = `export const one = workflow({ name: 'one', async run() {} })`

  it('ends with one line for what is wrong with its settings', async () => {
    assert.match(await run(one, { env: { MISTRAL_API_KEY: '' } }), /^MISTRAL_API_KEY is not set\. [^\n]+\n$/)
    const elsewhere = await run(one, { env: { OTEL_LOGS_ENDPOINT: 'collector:4318' } })
    assert.match(elsewhere, /^OTEL_LOGS_ENDPOINT cannot be "collector:4318": [^\n]+\n$/)
    await answering(json(401, { detail: 'Unauthorized' }), async (url) => {
      const output = await run(one, { env: { SERVER_URL: url } })
      assert.match(output, /^The server does not know this key\. [^\n]+\n$/)
    })
  })

  it('passes over a folder .env', async () => {
    await mkdir(path.join(folder, '.env'))
    assert.match(await run(one), /(^|\n)\S+ does not answer [^\n]+Start the server[^\n]+\n$/)
  })

  it('ends with one line for workflows that cannot work, and the place if there is one', async () => {
    assert.match(
      await run(`${one}\nexport const two = workflow({ name: 'one', async run() {} })`),
      /^\S+workflows\.ts exports two workflows named "one": [^\n]+\n$/,
    )
    assert.match(
      await run(`export const one = workflow({ name: 'events', async run() {} })`),
      /^The name "events" is reserved\. [^\n]+\n {4}at \S+workflows\.ts:2:\d+\n$/,
    )
  })

  it('ends with the stack of an error of the code that it runs', async () => {
    const output = await run('const nothing: any = undefined\nexport const one = nothing.at.all')
    assert.match(output, /TypeError: Cannot read properties of undefined[\s\S]*\n {4}at \S+workflows\.ts:3:/)
  })

  it('may catch what is wrong, or tell it in its own way', async () => {
    const env = { MISTRAL_API_KEY: '' }
    const own = `process.on('uncaughtException', ({ name }) => { console.error('mine:', name); process.exit(1) })`
    assert.equal(await run(one, { env, main: `${own}\nawait runWorker(options)` }), 'mine: WorkerError\n')
  })

  it('ends as any program of Node with an error of its own, whatever the worker said before', async () => {
    for (const main of [
      'await runWorker(options).catch(() => {})',
      'await startWorker(options).catch(() => {})',
    ]) {
      const output = await run(one, { env: { MISTRAL_API_KEY: '' }, main: `${main}\nnull.at.all` })
      assert.match(
        output,
        /^\S+program\.ts:4\nnull\.at\.all\n +\^\n+TypeError: Cannot read properties of null/,
      )
      assert.match(output, /\n\nNode\.js v\S+\n$/)
    }
  })
})

describe('the log of an interruption', () => {
  it('has one line for each reason why no task can be fetched, however often it is tried', () => {
    const calls = new CallTrouble()
    const status = (words: string) => `Status { code: Unavailable, message: "${words}", source: None }`
    const hear = (words: string, seconds: number) =>
      calls.hear('gRPC call poll_workflow_task_queue retried 6 times', status(words), seconds * 1_000)
    assert.equal(calls.hear('gRPC call failed', status('x')), undefined)
    assert.deepEqual(hear('tcp connect error', 0), {
      what: 'No task can be fetched',
      reason: 'tcp connect error',
      isNews: true,
    })
    for (const seconds of [1, 30, 80]) assert.equal(hear('tcp connect error', seconds)?.isNews, false)
    assert.equal(hear('Temporal is starting', 90)?.isNews, true)
    assert.equal(hear('Temporal is starting', 95)?.isNews, false)
    assert.equal(hear('Temporal is starting', 200)?.isNews, true, 'it was well in between')
  })

  it('says no more than what fails, and nothing below the level that was asked for', () => {
    const written: string[] = []
    const stderr = mock.method(process.stderr, 'write', (text: string) => written.push(text) > 0)
    try {
      const error = 'Status { code: Unavailable, message: "tcp connect error", source: None }'
      for (const level of ['WARN', 'ERROR'] as const)
        for (const call of ['poll_workflow_task_queue', 'respond_activity_task_completed'])
          workerLogger(level, 'console').warn(`gRPC call ${call} retried 6 times`, { error })
    } finally {
      stderr.mock.restore()
    }
    assert.deepEqual(
      written.map((line) => line.slice('12:30:05 '.length)),
      [
        'WARN  No task can be fetched; it is tried until it works reason=tcp connect error\n',
        'WARN  Temporal cannot be reached; it is tried until it works reason=tcp connect error\n',
      ],
    )
  })
})

describe('a line of the log', () => {
  it('has what people look for, and the own part of a stack', () => {
    const error = new Error('no')
    const ours = new URL('../run-worker.ts', import.meta.url).pathname
    error.stack = `Error: no\n    at mine (/app/worker/src/steps.ts:3:1)\n    at theirs (/app/node_modules/x/y.js:1:1)\n    at ours (${ours}:1:1)`
    const time = new Date(2026, 0, 1, 12, 30, 5)
    const meta = { workflowId: 'w', taskToken: 't', attempt: 2, error }
    assert.equal(
      logLine('WARN', time, 'Activity failed', meta),
      '12:30:05 WARN  Activity failed workflowId=w attempt=2\n    Error: no\n        at mine (/app/worker/src/steps.ts:3:1)\n',
    )
    const told = JSON.parse(logJson('WARN', time, 'Activity failed', meta))
    assert.equal(told.error, error.stack)
    assert.equal(told.taskToken, undefined)
  })
})
