import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { eventually } from '@tramontane/testkit/eventually'
import { logExport, type SentLine, workerAttributes } from '@tramontane/testkit/log-export'
import { registerWorkflows, workflowSpec } from '@tramontane/testkit/registered-workflows'
import { StreamReader } from '@tramontane/testkit/stream-reader'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import { startWorkflowScenario } from '@tramontane/testkit/workflow-scenario'
import pg from 'pg'
import { connect } from '../../platform/database/connection.ts'
import {
  ExportLogsServiceRequestSchema,
  ExportLogsServiceResponseSchema,
} from '../../platform/otlp/generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts'
import { LogReadStore } from './log-read-store.ts'
import { LogService } from './log-service.ts'
import { LogWriteStore } from './log-write-store.ts'

const INTAKE = '/telemetry/v1/logs'
const JSON_TYPE = { 'content-type': 'application/json' }
const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' }
const START = Date.UTC(2026, 0, 1)

describe('logs of a deployment', () => {
  let server: TestServer
  let worker: string
  let last = 0

  before(async () => {
    server = await startTestServer()
    worker = await server.makeKey('worker')
  })
  after(() => server.close())

  const send = (body: unknown, headers: Record<string, string> = JSON_TYPE, key = worker) =>
    server.call('POST', INTAKE, { body, headers, key })

  /** A deployment of its own, and a way to send its lines. */
  const deploy = async (key?: string) => {
    const name = `deployment-${++last}`
    await registerWorkflows(server, [workflowSpec('a-workflow')], {
      deployment: name,
      ...(key === undefined ? {} : { key }),
    })
    const log = async (
      lines: readonly (SentLine | string)[],
      of: Parameters<typeof workerAttributes>[0] = {},
    ) => {
      const sent = lines.map((line, index) => ({
        at: START + index,
        ...(typeof line === 'string' ? { body: line } : line),
      }))
      const attributes = workerAttributes({ deployment: name, ...of })
      const answer = await send(
        logExport(sent.map((line) => ({ ...line, attributes: { ...attributes, ...line.attributes } }))),
      )
      assert.deepEqual([answer.status, answer.body], [200, {}])
    }
    const read = async (query = '', readKey = key ?? server.key) => {
      const answer = await server.call('GET', `/v1/workflows/deployments/${name}/logs?${query}`, {
        key: readKey,
      })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      return answer.body as { results: { body: string; timestamp: string }[]; next_cursor: string | null }
    }
    const bodies = async (query = '') => (await read(query)).results.map(({ body }) => body)
    return { name, log, read, bodies }
  }

  it('are answered as they were sent, by time', async () => {
    const { name, log, read } = await deploy()
    const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
    await log([
      {
        body: 'second',
        at: START + 1,
        severity: 'WARNING',
        traceId,
        spanId,
        attributes: { count: { intValue: '7' }, list: { arrayValue: { values: [{ boolValue: true }] } } },
      },
      { body: { kvlistValue: { values: [{ key: 'a', value: { stringValue: 'b' } }] } }, severityNumber: 17 },
    ])
    assert.deepEqual(await read(), {
      results: [
        {
          timestamp: '2026-01-01T00:00:00.001000Z',
          trace_id: traceId,
          span_id: spanId,
          severity_text: 'WARNING',
          body: 'second',
          log_attributes: { deploymentName: name, count: '7', list: '[true]' },
        },
        {
          timestamp: '2026-01-01T00:00:00.001000Z',
          trace_id: '',
          span_id: '',
          severity_text: 'ERROR',
          body: '{"a":"b"}',
          log_attributes: { deploymentName: name },
        },
      ],
      next_cursor: null,
    })
  })

  it('are the same from protobuf, compressed or not', async () => {
    const { name, bodies } = await deploy()
    const request = (body: string) =>
      create(ExportLogsServiceRequestSchema, {
        resourceLogs: [
          {
            resource: {
              attributes: [{ key: 'deploymentName', value: { value: { case: 'stringValue', value: name } } }],
            },
            scopeLogs: [
              {
                logRecords: [
                  {
                    timeUnixNano: BigInt(START) * 1_000_000n,
                    body: { value: { case: 'stringValue', value: body } },
                  },
                ],
              },
            ],
          },
        ],
      })
    const bytes = (body: string) => toBinary(ExportLogsServiceRequestSchema, request(body))
    const answer = await fetch(new URL(INTAKE, server.url), {
      method: 'POST',
      headers: { ...PROTOBUF_TYPE, authorization: `Bearer ${worker}` },
      body: Buffer.from(bytes('plain')),
    })
    assert.equal(answer.headers.get('content-type'), 'application/x-protobuf')
    const response = fromBinary(ExportLogsServiceResponseSchema, new Uint8Array(await answer.arrayBuffer()))
    assert.equal(response.partialSuccess, undefined)
    const zipped = await send(gzipSync(bytes('zipped')), { ...PROTOBUF_TYPE, 'content-encoding': 'gzip' })
    assert.equal(zipped.status, 200)
    assert.deepEqual(await bodies(), ['plain', 'zipped'])
  })

  it('are stored once when an export comes again, also at the same time; equal lines are all kept', async () => {
    const { name, bodies } = await deploy()
    const attributes = workerAttributes({ deployment: name })
    const same = { body: 'tick', at: START, attributes }
    const sent = JSON.stringify(logExport([same, same]))
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(sent)))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    assert.deepEqual(await bodies(), ['tick', 'tick'])
    await send(logExport([same, same, same]))
    assert.equal((await bodies()).length, 5)
    // Without a time there is no telling whether it is the same.
    const timeless = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes: [] as object[] }] }] }] }
    timeless.resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!.attributes.push({
      key: 'deploymentName',
      value: { stringValue: name },
    })
    await send(timeless)
    await send(timeless)
    assert.equal((await bodies()).length, 7)
  })

  it('are paged in both orders, within a window that the cursor keeps', async () => {
    const { log, read, bodies } = await deploy()
    const numbers = Array.from({ length: 25 }, (_, index) => String(index))
    await log(numbers.map((body, index) => ({ body, at: START + Math.floor(index / 3) })))
    const pages = async (query: string) => {
      const got: string[] = []
      let next: string | null = null
      do {
        const page = await read(`${query}${next ? `&cursor=${next}` : ''}`)
        got.push(...page.results.map(({ body }) => body))
        next = page.next_cursor
      } while (next)
      return got
    }
    assert.deepEqual(await pages('limit=4'), numbers)
    assert.deepEqual(await pages('limit=5'), numbers)
    assert.deepEqual(await pages('limit=7&order=desc'), numbers.toReversed())
    const [after, before] = ['2026-01-01T00:00:00.001Z', '2026-01-01T01:00:00.003%2B01:00']
    assert.deepEqual(await pages(`limit=2&after=${after}&before=${before}`), ['3', '4', '5', '6', '7', '8'])
    // A timestamp that was answered names its record exactly.
    const [first] = (await read(`after=${after}&limit=1`)).results
    assert.deepEqual((await bodies(`after=${first!.timestamp}&limit=1`))[0], '3')
    const { next_cursor } = await read(`limit=2&order=desc&after=${after}&before=${before}`)
    assert.deepEqual(await bodies(`cursor=${next_cursor}&order=asc&limit=50&after=2030-01-01T00:00:00Z`), [
      '6',
      '5',
      '4',
      '3',
    ])
  })

  it('can be read of one worker, or one workflow', async () => {
    const { log, bodies } = await deploy()
    await log(['a'], { worker: 'one', workflow: 'w1' })
    await log(['b'], { worker: 'two', workflow: 'w1' })
    await log(['c'], { worker: 'two', workflow: 'w2' })
    assert.deepEqual(await bodies('worker_name=two'), ['b', 'c'])
    assert.deepEqual(await bodies('workflow_name=w1'), ['a', 'b'])
    assert.deepEqual(await bodies('workflow_name=w2&worker_name=two'), ['c'])
    assert.deepEqual(await bodies('worker_name=three'), [])
  })

  it('are the workspace’s own', async () => {
    const foreign = await server.makeKey('admin', 'another team')
    const { name, log } = await deploy()
    await log(['secret'])
    const answer = await server.call('GET', `/v1/workflows/deployments/${name}/logs`, { key: foreign })
    assert.deepEqual([answer.status, answer.body.code], [404, 'DEPLOYMENT_NOT_FOUND'])
    // What another workspace says of a deployment with this name is not seen here.
    await registerWorkflows(server, [workflowSpec('a-workflow')], { deployment: name, key: foreign })
    await send(
      logExport([{ body: 'forged', attributes: workerAttributes({ deployment: name }) }]),
      JSON_TYPE,
      foreign,
    )
    const mine = await server.call('GET', `/v1/workflows/deployments/${name}/logs`)
    assert.deepEqual(
      mine.body.results.map(({ body }: { body: string }) => body),
      ['secret'],
    )
  })

  it('are refused to keys that may not read, and taken from keys that may send', async () => {
    const { name } = await deploy()
    const path = `/v1/workflows/deployments/${name}/logs`
    for (const role of ['worker', 'ingest'] as const) {
      const key = await server.makeKey(role)
      assert.equal((await server.call('GET', path, { key })).status, 403)
      assert.equal((await server.call('GET', `${path}/stream`, { key })).status, 403)
      assert.equal((await send(logExport([]), JSON_TYPE, key)).status, 200)
    }
    const reader = await server.makeKey('read')
    assert.equal((await server.call('GET', path, { key: reader })).status, 200)
    assert.deepEqual((await send(logExport([]), JSON_TYPE, reader)).body.code, 7)
  })

  it('are kept when they hold NUL, half characters, long bodies and odd names', async () => {
    const { log, read } = await deploy()
    await log([
      {
        body: 'a\0b\ud800c',
        attributes: { ['__proto__']: 'x', 'constructor.prototype': 'y', 'n\0': 'z\udfff' },
      },
      'x'.repeat(300_000),
    ])
    const [odd, long] = (await read()).results
    assert.equal(odd!.body, 'a\uFFFDb\uFFFDc')
    assert.equal(
      (odd as unknown as { log_attributes: Record<string, string> }).log_attributes['n\uFFFD'],
      'z\uFFFD',
    )
    assert.match(long!.body, /^x{262144}… \(cut: it had 300000 characters\)$/)
  })

  it('are taken in part when some cannot be stored', async () => {
    const { name, bodies } = await deploy()
    const attributes = workerAttributes({ deployment: name })
    const answer = await send(
      logExport([
        { body: 'good', attributes },
        { body: 'ahead', at: Date.now() + 25 * 3_600_000, attributes },
        { body: 'big', attributes: { ...attributes, big: 'x'.repeat(70_000) } },
      ]),
    )
    assert.equal(answer.status, 200)
    assert.equal(answer.body.partialSuccess.rejectedLogRecords, '2')
    assert.match(answer.body.partialSuccess.errorMessage, /log records, 2 .*24 hours ahead.*64 KiB/)
    assert.deepEqual(await bodies(), ['good'])
  })

  it('are refused whole when they cannot be read', async () => {
    for (const body of [
      '',
      '{',
      'null',
      '[]',
      '{"resourceLogs":{}}',
      '[{}]',
      '{"resourceLogs":[{"scopeLogs":1}]}',
    ])
      assert.deepEqual([(await send(body)).status, (await send(body)).body.code], [400, 3], body)
    assert.equal((await send('no protobuf', PROTOBUF_TYPE)).status, 400)
    assert.equal((await send('no gzip', { ...JSON_TYPE, 'content-encoding': 'gzip' })).status, 400)
    assert.equal((await send('a=b', { 'content-type': 'text/plain' })).status, 415)
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024))
    assert.equal((await send(bomb, { ...PROTOBUF_TYPE, 'content-encoding': 'gzip' })).status, 413)
    const lines = `${'{},'.repeat(500_000)}{}`
    const many = gzipSync(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${lines}]}]}]}`)
    assert.equal((await send(many, { ...JSON_TYPE, 'content-encoding': 'gzip' })).status, 413)
    const deep = `{"arrayValue":{"values":[`.repeat(5_000)
    assert.equal((await send(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${deep}`)).status, 400)
  })

  it('have pages only where a query makes sense', async () => {
    const { name } = await deploy()
    const path = `/v1/workflows/deployments/${name}/logs`
    const cursor = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url')
    const wrong = [
      'limit=0',
      'limit=101',
      'limit=x',
      'order=up',
      'after=yesterday',
      'before=2026-01-01',
      'cursor=nonsense',
      `cursor=${cursor([])}`,
      `cursor=${cursor(['9999999999999999999', 1, null, null, 'asc'])}`,
      `cursor=${cursor(['1', -1, null, null, 'asc'])}`,
      `cursor=${cursor(['1', 1, 'x', null, 'asc'])}`,
      'worker_name=%00',
      'after=2026-01-01T00:00:00Z&after=2026-01-01T00:00:00Z',
    ]
    for (const query of wrong) {
      const answer = await server.call('GET', `${path}?${query}`)
      assert.equal(answer.status, 422, query)
      assert.equal(answer.body.detail[0].loc[0], 'query', query)
    }
    for (const query of ['after=0001-01-01T00:00:00Z', 'before=9999-12-31T23:59:59Z'])
      assert.equal((await server.call('GET', `${path}?${query}`)).status, 200, query)
    assert.equal((await server.call('GET', `${path}/stream?last_event_id=x`)).status, 422)
    const missing = await server.call('GET', '/v1/workflows/deployments/nobody/logs/stream')
    assert.deepEqual([missing.status, missing.body.code], [404, 'DEPLOYMENT_NOT_FOUND'])
  })
})

describe('logs of an execution', () => {
  let server: TestServer
  let worker: string

  before(async () => {
    server = await startTestServer({ temporalAddress: testTemporal() })
    worker = await server.makeKey('worker')
  })
  after(() => server.close())

  /** An execution of which a worker has said that it runs. */
  const begin = async (execution: string, run = randomUUID()) => {
    const answer = await server.call('POST', '/v1/workflows/executions/register', {
      key: worker,
      body: {
        temporal_workflow_id: execution,
        temporal_run_id: run,
        workflow_name: 'forecast',
        task_queue: 'weather',
      },
    })
    assert.equal(answer.status, 200)
    return run
  }
  const log = async (bodies: readonly string[], of: Parameters<typeof workerAttributes>[0]) => {
    const attributes = workerAttributes({ deployment: 'weather', worker: 'host-1', ...of })
    const lines = bodies.map((body, index) => ({ body, at: START + index, attributes }))
    assert.deepEqual((await server.call('POST', INTAKE, { body: logExport(lines), key: worker })).body, {})
  }
  const read = (execution: string, query = '', key = server.key) =>
    server.call('GET', `/v1/workflows/executions/${execution}/logs?${query}`, { key })
  const bodies = async (execution: string, query = '') =>
    (await read(execution, query)).body.results.map(({ body }: { body: string }) => body)

  it('can be read of one run, or one activity', async () => {
    const first = await begin('order-1')
    const second = await begin('order-1')
    await begin('order-2')
    await log(['a', 'b'], { execution: 'order-1', run: first })
    await log(['c'], { execution: 'order-1', run: first, activity: '5' })
    await log(['d'], { execution: 'order-1', run: second, activity: '5' })
    await log(['e'], { execution: 'order-2' })
    assert.deepEqual(await bodies('order-1'), ['a', 'c', 'd', 'b'])
    assert.deepEqual(await bodies('order-1', 'order=desc&limit=1'), ['b'])
    assert.deepEqual(await bodies('order-1', `run_id=${first}`), ['a', 'c', 'b'])
    assert.deepEqual(await bodies('order-1', 'activity_id=5'), ['c', 'd'])
    assert.deepEqual(await bodies('order-1', `activity_id=5&run_id=${second}`), ['d'])
    assert.deepEqual(await bodies('order-2'), ['e'])
    assert.equal((await read('order-1', 'run_id=x')).status, 422)
  })

  it('are there only of executions of the workspace', async () => {
    await begin('order-3')
    const foreign = await server.makeKey('admin', 'another team')
    for (const [execution, key] of [
      ['order-3', foreign],
      ['nobody', server.key],
    ] as const) {
      assert.deepEqual((await read(execution, '', key)).body.code, 'WF_1100')
      const stream = await server.call('GET', `/v1/workflows/executions/${execution}/logs/stream`, { key })
      assert.deepEqual([stream.status, stream.body.code], [404, 'WF_1100'])
    }
  })

  it('are found by what other workers write on their records', async () => {
    await begin('order-4')
    const names = ['workflow.execution_id', 'wf.workflow.execution_id', 'temporalWorkflowID', 'workflowId']
    const lines = names.map((name, index) => ({
      body: name,
      at: START + index,
      attributes: { [name]: 'order-4' },
    }))
    await server.call('POST', INTAKE, { body: logExport(lines), key: worker })
    await server.call('POST', INTAKE, {
      body: logExport([{ body: 'resource', at: START + 9 }], { workflowExecutionID: 'order-4' }),
      key: worker,
    })
    assert.deepEqual(await bodies('order-4'), [...names, 'resource'])
  })

  it('are followed while it runs', async () => {
    const run = await begin('order-5')
    const open = (query: string) =>
      StreamReader.open(`${server.url}/v1/workflows/executions/order-5/logs/stream?${query}`, {
        key: server.key,
      })
    const [all, activity] = [await open(''), await open('activity_id=7')]
    await log(['a'], { execution: 'order-5', run })
    await log(['b'], { execution: 'order-5', run, activity: '7' })
    await log(['c'], { execution: 'order-6' })
    await all.has(2)
    await activity.has(1)
    assert.deepEqual(
      all.frames.map(({ data }) => data.body),
      ['a', 'b'],
    )
    assert.deepEqual(
      activity.frames.map(({ data }) => data.body),
      ['b'],
    )
    all.close()
    activity.close()
  })

  it('have a stream that ends when the execution has', async () => {
    const scenario = await startWorkflowScenario()
    try {
      await scenario.startWorker()
      const { body } = await scenario.execute('echo', { input: {}, wait_for_result: true })
      const attributes = workerAttributes({ execution: body.execution_id })
      const line = (text: string) => logExport([{ body: text, attributes }])
      await scenario.call('POST', INTAKE, { body: line('early') })
      const { url, key, databaseUrl } = scenario.server
      // The stream ends ten seconds after the execution; however long this took, they begin now.
      const database = new pg.Client({ connectionString: databaseUrl })
      await database.connect()
      await eventually(async () => {
        const { rowCount } = await database.query(
          `update workflow_runs set end_time = now() where execution_id = $1 and end_time < 'infinity'`,
          [body.execution_id],
        )
        return rowCount === 1
      })
      await database.end()
      const reader = await StreamReader.open(
        `${url}/v1/workflows/executions/${body.execution_id}/logs/stream`,
        {
          key,
        },
      )
      await reader.has(1)
      await scenario.call('POST', INTAKE, { body: line('late') })
      await reader.ends()
      assert.deepEqual(
        reader.frames.map(({ event, data }) => [event, data.body]),
        [
          ['log', 'early'],
          ['log', 'late'],
        ],
      )
    } finally {
      await scenario.close()
    }
  })
})

describe('old logs', () => {
  it('are deleted when they are older than they are kept, and exports forgotten after a day', async () => {
    const server = await startTestServer()
    const connection = connect(server.databaseUrl, {
      name: 'test',
      max: 2,
      statementTimeoutMs: 0,
      onError: () => {},
    })
    try {
      const day = 86_400_000
      const lines = [10, 8].map((days) => ({ body: `${days} days`, at: Date.now() - days * day }))
      const body = logExport(lines)
      const send = async () => assert.equal((await server.call('POST', INTAKE, { body })).status, 200)
      await send()
      const { database, pool } = connection
      const bodies = async () =>
        (await pool.query('select body from log_records order by sequence')).rows.map((row) => row.body)
      const writes = new LogWriteStore(database)
      const service = new LogService(writes, new LogReadStore(database), () => {})
      await service.deleteExpired(11)
      assert.equal((await bodies()).length, 2)
      await service.deleteExpired(9)
      assert.deepEqual(await bodies(), ['8 days'])
      await service.forgetExports()
      await send()
      assert.equal((await bodies()).length, 1)
      await pool.query("update log_exports set received_at = now() - interval '25 hours'")
      await service.forgetExports()
      await send()
      assert.equal((await bodies()).length, 3)
    } finally {
      await connection.close()
      await server.close()
    }
  })
})
