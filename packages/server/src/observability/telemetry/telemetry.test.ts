import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { BinaryReader } from '@bufbuild/protobuf/wire'
import { type Answer, startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { connect, type DatabaseConnection } from '../../platform/database/connection.ts'
import {
  ExportTraceServiceRequestSchema,
  ExportTraceServiceResponseSchema,
} from '../../platform/otlp/generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts'
import {
  type AnyValue,
  AnyValueSchema,
} from '../../platform/otlp/generated/opentelemetry/proto/common/v1/common_pb.ts'
import {
  Span_SpanKind,
  SpanSchema,
  Status_StatusCode,
} from '../../platform/otlp/generated/opentelemetry/proto/trace/v1/trace_pb.ts'
import { EventReadStore, type EventWithPayload } from '../events/event-read-store.ts'
import { SpanReader } from './span-reader.ts'
import { SpanStore } from './span-store.ts'
import { TelemetryService } from './telemetry-service.ts'

const PATH = '/telemetry/v1/traces'
const JSON_TYPE = { 'content-type': 'application/json' }
const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' }

type Attributes = Record<string, string | number>
interface TestSpan {
  traceId: string
  spanId: string
  name: string
  startMs: number
  attributes: [string, string | number][]
}

function span(attributes: Attributes, changes: Partial<TestSpan> = {}): TestSpan {
  return {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'chat mistral-small',
    startMs: Date.now() - 5_000,
    attributes: Object.entries(attributes),
    ...changes,
  }
}

function chat(text: string, changes: Partial<TestSpan> = {}, more: Attributes = {}): TestSpan {
  return span(
    {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'mistral-small',
      'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: text }] }]),
      'gen_ai.output.messages': JSON.stringify([
        { role: 'assistant', parts: [{ type: 'text', content: `about ${text}` }], finish_reason: 'stop' },
      ]),
      'gen_ai.usage.input_tokens': 11,
      'gen_ai.usage.output_tokens': 22,
      ...more,
    },
    changes,
  )
}

/** An export as OTLP/JSON has it: ids in hexadecimal, int64 as text. */
function asJson(spans: readonly TestSpan[]) {
  const value = (attribute: string | number) =>
    typeof attribute === 'string' ? { stringValue: attribute } : { intValue: String(attribute) }
  return {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'a service' } }] },
        scopeSpans: [
          {
            scope: { name: 'a scope' },
            spans: spans.map(({ startMs, attributes, ...rest }) => ({
              ...rest,
              kind: 3,
              startTimeUnixNano: `${startMs}000001`,
              endTimeUnixNano: `${startMs + 1_500}000002`,
              attributes: attributes.map(([key, attribute]) => ({ key, value: value(attribute) })),
              status: { code: 1 },
            })),
          },
        ],
      },
    ],
  }
}

/** The same export in protobuf. */
function asProtobuf(spans: readonly TestSpan[]): Uint8Array {
  const value = (attribute: string | number): AnyValue['value'] =>
    typeof attribute === 'string'
      ? { case: 'stringValue', value: attribute }
      : { case: 'intValue', value: BigInt(attribute) }
  const attribute = ([key, held]: [string, string | number]) => ({
    key,
    value: create(AnyValueSchema, { value: value(held) }),
  })
  const wire = spans.map(({ startMs, attributes, traceId, spanId, name }) =>
    create(SpanSchema, {
      name,
      traceId: Buffer.from(traceId, 'hex'),
      spanId: Buffer.from(spanId, 'hex'),
      kind: Span_SpanKind.CLIENT,
      startTimeUnixNano: BigInt(`${startMs}000001`),
      endTimeUnixNano: BigInt(`${startMs + 1_500}000002`),
      attributes: attributes.map(attribute),
      status: { code: Status_StatusCode.OK },
    }),
  )
  const request = create(ExportTraceServiceRequestSchema, {
    resourceSpans: [
      {
        resource: { attributes: [attribute(['service.name', 'a service'])] },
        scopeSpans: [{ scope: { name: 'a scope' }, spans: wire }],
      },
    ],
  })
  return toBinary(ExportTraceServiceRequestSchema, request)
}

/** What `export` would send for one value nested `depth` levels deep. */
function nested(depth: number): unknown {
  let value: unknown = { stringValue: 'deep' }
  for (let level = 0; level < depth; level++) value = { arrayValue: { values: [value] } }
  return value
}

describe('telemetry', () => {
  let server: TestServer
  let connection: DatabaseConnection
  let events: EventReadStore
  let spans: SpanReader
  let workspace: string

  before(async () => {
    server = await startTestServer()
    connection = connect(server.databaseUrl, {
      name: 'test',
      max: 2,
      statementTimeoutMs: 0,
      onError: () => {},
    })
    events = new EventReadStore(connection.database)
    spans = new SpanReader(new SpanStore(connection.database))
    workspace = (await server.call('GET', '/v1/workspaces')).body.workspaces[0].id
  })
  after(async () => {
    await connection.close()
    await server.close()
  })

  const send = (body: unknown, headers: Record<string, string> = JSON_TYPE, key?: string): Promise<Answer> =>
    server.call('POST', PATH, { body, headers, ...(key ? { key } : {}) })

  /** The events that the spans of a trace became. */
  const eventsOf = async (traceId: string, ofWorkspace = workspace): Promise<EventWithPayload[]> => {
    const found = await connection.pool.query(
      'select event_id from events where workspace_id = $1 and correlation_id = $2',
      [ofWorkspace, traceId],
    )
    return events.full(
      ofWorkspace,
      found.rows.map((row) => row.event_id),
    )
  }

  it('stores the same from JSON and from protobuf, and answers in the encoding of the request', async () => {
    const sent = [chat('rain'), chat('rain')] as const
    const json = await send(asJson([sent[0]]))
    assert.equal(json.status, 200)
    assert.deepEqual(json.body, {})
    const protobuf = await fetch(new URL(PATH, server.url), {
      method: 'POST',
      headers: { ...PROTOBUF_TYPE, authorization: `Bearer ${server.key}` },
      body: Buffer.from(asProtobuf([{ ...sent[1], startMs: sent[0].startMs }])),
    })
    assert.equal(protobuf.status, 200)
    assert.equal(protobuf.headers.get('content-type'), 'application/x-protobuf')
    const response = fromBinary(
      ExportTraceServiceResponseSchema,
      new Uint8Array(await protobuf.arrayBuffer()),
    )
    assert.equal(response.partialSuccess, undefined)

    const [one] = await spans.trace(workspace, sent[0].traceId)
    const [two] = await spans.trace(workspace, sent[1].traceId)
    const { traceId: _a, spanId: _b, ...stored } = one!
    const { traceId: _c, spanId: _d, ...same } = two!
    assert.deepEqual(stored, same)
    assert.equal(stored.startNanos, BigInt(`${sent[0].startMs}000001`))
    assert.equal(stored.attributes.get('gen_ai.usage.input_tokens'), 11)
    assert.equal(stored.resource.get('service.name'), 'a service')

    const [event] = await eventsOf(sent[0].traceId)
    const [twin] = await eventsOf(sent[1].traceId)
    assert.deepEqual(event!.request_messages, [{ role: 'user', content: 'rain' }])
    assert.deepEqual(event!.response_messages, [{ role: 'assistant', content: 'about rain' }])
    assert.deepEqual(twin!.response_messages, event!.response_messages)
    assert.equal(event!.model_name, 'mistral-small')
    assert.equal(event!.input_tokens, 11)
    assert.equal(event!.output_tokens, 22)
    assert.ok(Math.abs(event!.total_time_elapsed - 1.5) < 0.001)
    assert.equal(event!.timestamp.getTime(), sent[0].startMs)
    assert.equal(event!.metadata.service_name, 'a service')
  })

  it('takes gzip', async () => {
    const sent = chat('snow')
    const answer = await send(gzipSync(asProtobuf([sent])), { ...PROTOBUF_TYPE, 'content-encoding': 'gzip' })
    assert.equal(answer.status, 200)
    assert.equal((await eventsOf(sent.traceId)).length, 1)
  })

  it('makes one event and one span of a span that comes again, also at the same time', async () => {
    const sent = [chat('hail'), chat('fog')]
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        index % 2 === 0
          ? send(asJson([...sent, ...sent]))
          : send(asProtobuf(sent.toReversed()), PROTOBUF_TYPE),
      ),
    )
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array(6).fill(200),
    )
    for (const { traceId } of sent) {
      assert.equal((await spans.trace(workspace, traceId)).length, 1)
      assert.equal((await eventsOf(traceId)).length, 1)
    }
  })

  it('keeps what is no model call as a span only', async () => {
    const trace = randomBytes(16).toString('hex')
    const sent = [
      span({ 'http.request.method': 'GET' }, { traceId: trace }),
      span({ 'gen_ai.operation.name': 'embeddings' }, { traceId: trace }),
      span({ 'gen_ai.operation.name': 'execute_tool' }, { traceId: trace }),
      span({ 'gen_ai.operation.name': 'invoke_agent' }, { traceId: trace }),
    ]
    assert.equal((await send(asJson(sent))).status, 200)
    assert.equal((await spans.trace(workspace, trace)).length, 4)
    assert.deepEqual(await eventsOf(trace), [])
  })

  it('stores the good spans of an export and says which it refused', async () => {
    const good = chat('wind')
    const broken = [
      chat('x', { traceId: '00000000000000000000000000000000' }),
      chat('x', { traceId: 'no id' }),
      chat('x', { spanId: 'abcd' }),
      chat('x', { startMs: Date.now() + 25 * 3_600_000 }),
    ]
    const json = await send(asJson([...broken, good]))
    assert.equal(json.status, 200)
    assert.equal(json.body.partialSuccess.rejectedSpans, '4')
    assert.match(json.body.partialSuccess.errorMessage, /3 because .*trace id.*1 because .*24 hours ahead/)
    assert.equal((await eventsOf(good.traceId)).length, 1)

    const protobuf = await fetch(new URL(PATH, server.url), {
      method: 'POST',
      headers: { ...PROTOBUF_TYPE, authorization: `Bearer ${server.key}` },
      body: Buffer.from(asProtobuf(broken)),
    })
    const response = fromBinary(
      ExportTraceServiceResponseSchema,
      new Uint8Array(await protobuf.arrayBuffer()),
    )
    assert.equal(response.partialSuccess?.rejectedSpans, 4n)
  })

  it('refuses a span whose attributes are nested too deep, and an export that cannot be read for it', async () => {
    const deep = (depth: number) => {
      const body = asJson([span({})])
      const first = body.resourceSpans[0]!.scopeSpans[0]!.spans[0]!
      first.attributes = [{ key: 'deep', value: nested(depth) as { stringValue: string } }]
      return body
    }
    assert.deepEqual((await send(deep(20))).body, {})
    const tooDeep = await send(deep(40))
    assert.equal(tooDeep.body.partialSuccess.rejectedSpans, '1')
    assert.match(tooDeep.body.partialSuccess.errorMessage, /nested deeper than 32/)
    assert.equal((await send(deep(500))).status, 400)
    assert.equal((await send('['.repeat(200_000))).status, 400)
  })

  it('takes any attribute name for a name, never for a path', async () => {
    const names = [
      '__proto__',
      'constructor.prototype.polluted',
      '__proto__.polluted',
      'toString',
      'a\0b',
      'a\ud800',
    ]
    const sent = chat('sun')
    sent.attributes.push(...names.map((name): [string, string] => [name, 'polluted']))
    for (const prefix of ['traceloop.association.properties.', 'gen_ai.prompt.', 'gen_ai.prompt.0.'])
      sent.attributes.push([`${prefix}__proto__`, 'polluted'])
    const body = asJson([sent])
    const first = body.resourceSpans[0]!.scopeSpans[0]!.spans[0]!
    const list = { kvlistValue: { values: [{ key: '__proto__', value: { stringValue: 'inner' } }] } }
    first.attributes.push({ key: 'object', value: list as unknown as { stringValue: string } })
    const text = JSON.stringify(body).replace(
      '{"resourceSpans"',
      '{"__proto__":{"polluted":1},"resourceSpans"',
    )
    assert.deepEqual((await send(text)).body, {})

    assert.equal(({} as Record<string, unknown>).polluted, undefined)
    const [stored] = await spans.trace(workspace, sent.traceId)
    assert.equal(stored!.attributes.get('__proto__'), 'polluted')
    assert.equal(stored!.attributes.get('constructor.prototype.polluted'), 'polluted')
    assert.equal(stored!.attributes.get('a\uFFFDb'), 'polluted')
    const object = stored!.attributes.get('object') as Record<string, unknown>
    assert.equal(Object.getOwnPropertyDescriptor(object, '__proto__')?.value, 'inner')
    assert.equal((await eventsOf(sent.traceId)).length, 1)
  })

  it('stores text that has NUL and lone surrogates', async () => {
    const sent = chat('a\0b\ud800c', { name: 'na\0me\ud800' }, { odd: 'a\0b\ud800c' })
    assert.deepEqual((await send(asJson([sent]))).body, {})
    const [stored] = await spans.trace(workspace, sent.traceId)
    assert.equal(stored!.name, 'na\uFFFDme\uFFFD')
    assert.equal(stored!.attributes.get('odd'), 'a\uFFFDb\uFFFDc')
    const [event] = await eventsOf(sent.traceId)
    assert.deepEqual(event!.request_messages, [{ role: 'user', content: 'a\0b\ud800c' }])
  })

  it('answers 400 to what it cannot decode, in the encoding of the request', async () => {
    for (const body of [
      '',
      '{',
      'null',
      '[]',
      '{"resourceSpans":{}}',
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":1}]}]}]}',
    ]) {
      const answer = await send(body)
      assert.equal(answer.status, 400, body)
      assert.equal(answer.body.code, 3)
      assert.equal(typeof answer.body.message, 'string')
    }
    const protobuf = await fetch(new URL(PATH, server.url), {
      method: 'POST',
      headers: { ...PROTOBUF_TYPE, authorization: `Bearer ${server.key}` },
      body: Buffer.from('this is no protobuf'),
    })
    assert.equal(protobuf.status, 400)
    assert.equal(protobuf.headers.get('content-type'), 'application/x-protobuf')
    const reader = new BinaryReader(new Uint8Array(await protobuf.arrayBuffer()))
    assert.equal(reader.tag()[0], 1)
    assert.equal(reader.int32(), 3)
    assert.equal(reader.tag()[0], 2)
    assert.match(reader.string(), /no ExportTraceServiceRequest in protobuf/)
    const gzip = await send('not gzip', { ...JSON_TYPE, 'content-encoding': 'gzip' })
    assert.equal(gzip.status, 400)
  })

  it('ignores fields that it does not know, and takes times as numbers', async () => {
    const sent = span({})
    const body = asJson([sent])
    const first = body.resourceSpans[0]!.scopeSpans[0]!.spans[0]!
    Object.assign(first, { somethingNew: [1], startTimeUnixNano: 1_700_000_000_000_000_000 })
    Object.assign(body, { alsoNew: { a: 1 } })
    assert.deepEqual((await send(body)).body, {})
    assert.equal((await spans.trace(workspace, sent.traceId))[0]!.startNanos, 1_700_000_000_000_000_000n)
  })

  it('deletes the spans that are older than they are kept, and no others', async () => {
    const [old, young] = [chat('past', { startMs: Date.now() - 10 * 86_400_000 }), chat('present')]
    await send(asJson([old, young]))
    const service = new TelemetryService(new SpanStore(connection.database), async () => {})
    await service.deleteExpired(11, new AbortController().signal)
    assert.equal((await spans.trace(workspace, old.traceId)).length, 1)
    await service.deleteExpired(9, new AbortController().signal)
    assert.equal((await spans.trace(workspace, old.traceId)).length, 0)
    assert.equal((await spans.trace(workspace, young.traceId)).length, 1)
  })

  it('answers 415 to other content types and codings', async () => {
    assert.equal((await send('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status, 415)
    assert.equal((await send('{}', { ...JSON_TYPE, 'content-encoding': 'br' })).status, 415)
    assert.equal((await server.call('POST', PATH)).status, 415)
  })

  it('answers 413 to a body that is too large, as sent or as decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024))
    assert.ok(bomb.length < 1024 * 1024)
    assert.equal((await send(bomb, { ...JSON_TYPE, 'content-encoding': 'gzip' })).status, 413)
    const announced = await send(Buffer.alloc(21 * 1024 * 1024), PROTOBUF_TYPE)
    assert.equal(announced.status, 413)
    const streamed = await fetch(new URL(PATH, server.url), {
      method: 'POST',
      headers: { ...PROTOBUF_TYPE, authorization: `Bearer ${server.key}` },
      body: new ReadableStream({
        start(controller) {
          for (let index = 0; index < 22; index++) controller.enqueue(new Uint8Array(1024 * 1024))
          controller.close()
        },
      }),
      duplex: 'half',
    } as RequestInit)
    assert.equal(streamed.status, 413)
  })

  it('refuses what would become too many objects, however few bytes it has', async () => {
    const spans = `${'{},'.repeat(500_000)}{}`
    const json = gzipSync(`{"resourceSpans":[{"scopeSpans":[{"spans":[${spans}]}]}]}`)
    assert.equal((await send(json, { ...JSON_TYPE, 'content-encoding': 'gzip' })).status, 413)
    // A field of its own with nothing in it, again and again: two bytes each.
    const empty = Buffer.alloc(2_000_000, Buffer.from([0x0a, 0x00]))
    assert.ok(gzipSync(empty).length < 10_000)
    assert.equal((await send(empty, PROTOBUF_TYPE)).status, 413)
  })

  it('takes a worker key', async () => {
    const sent = chat('thaw')
    assert.equal((await send(asJson([sent]), JSON_TYPE, await server.makeKey('worker'))).status, 200)
    assert.equal((await spans.trace(workspace, sent.traceId)).length, 1)
  })

  it('takes metrics and says that it does not keep them', async () => {
    const answer = await server.call('POST', '/telemetry/v1/metrics', { body: '{}', headers: JSON_TYPE })
    assert.equal(answer.status, 200)
    assert.match(answer.body.partialSuccess.errorMessage, /no metrics/)
    const protobuf = await server.call('POST', '/telemetry/v1/metrics', {
      body: new Uint8Array(),
      headers: PROTOBUF_TYPE,
    })
    assert.equal(protobuf.status, 200)
    assert.equal((await server.call('POST', '/telemetry/v1/metrics', { key: null })).status, 401)
  })

  it('takes an ingest key, refuses others with a status that OTLP reads, and keeps workspaces apart', async () => {
    const ingest = await server.makeKey('ingest', 'other team')
    const sent = chat('storm')
    assert.equal((await send(asJson([sent]), JSON_TYPE, ingest)).status, 200)
    assert.deepEqual(await spans.trace(workspace, sent.traceId), [])
    assert.deepEqual(await eventsOf(sent.traceId), [])
    const all = (await server.call('GET', '/v1/workspaces')).body.workspaces
    const other = all.find(({ name }: { name: string }) => name === 'other team').id
    assert.equal((await eventsOf(sent.traceId, other)).length, 1)
    // The same span of this workspace is another span.
    assert.equal((await send(asJson([sent]))).status, 200)
    assert.equal((await eventsOf(sent.traceId)).length, 1)

    const refused = await send(asJson([sent]), JSON_TYPE, await server.makeKey('read'))
    assert.equal(refused.status, 403)
    assert.equal(refused.body.code, 7)
    assert.equal((await server.call('POST', PATH, { body: {}, key: null })).body.code, 16)
  })
})
