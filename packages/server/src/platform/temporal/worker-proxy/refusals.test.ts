import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import temporalProto from '@temporalio/proto'
import { eventually } from '@tramontane/testkit/eventually'
import {
  grpcFrame,
  openRawGrpc,
  type RawAnswer,
  type RawCall,
  type RawGrpc,
} from '@tramontane/testkit/raw-grpc'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import type { Root, Type } from 'protobufjs'
import { allowedMethods } from './allowed-methods.ts'

const root = temporalProto as unknown as Root
const service = root.lookupService('temporal.api.workflowservice.v1.WorkflowService')

type Json = { [name: string]: unknown }

function messageOf(method: string, value: Json): Buffer {
  const type = root.lookupType(`temporal.api.workflowservice.v1.${method}Request`) as Type
  return Buffer.from(type.encode(type.fromObject(value)).finish())
}

function answerOf<T>(method: string, { body }: RawAnswer): T {
  const type = root.lookupType(`temporal.api.workflowservice.v1.${method}Response`) as Type
  return type.toObject(type.decode(body!), { longs: String }) as T
}

describe('calls that the proxy refuses', () => {
  let server: TestServer
  let grpc: RawGrpc
  let own: string
  let other: string
  let key: string
  let otherKey: string

  const call = (method: string, options: Partial<RawCall> = {}) =>
    grpc.call({ method, key, message: options.message ?? messageOf(method, { namespace: own }), ...options })
  const ask = (method: string, value: Json, options: Partial<RawCall> = {}) =>
    call(method, { message: messageOf(method, value), ...options })
  const denied = async () =>
    Object.fromEntries(
      [
        ...((await server.call('GET', '/metrics')).body as string).matchAll(
          /tramontane_worker_calls_denied_total\{reason="(\w+)"\} (\d+)/g,
        ),
      ].map(([, reason, count]) => [reason!, Number(count)]),
    )

  before(async () => {
    server = await startTestServer({ temporalAddress: testTemporal() })
    key = await server.makeKey('worker')
    otherKey = await server.makeKey('worker', 'another team')
    const { workspaces } = (await server.call('GET', '/v1/workspaces')).body
    ;[own, other] = workspaces.map(({ id }: { id: string }) => `tramontane-${id}`)
    grpc = await openRawGrpc(`http://${server.workerAddress}`)
    // Both namespaces are there, so that nothing is refused because there is none.
    for (const [namespace, apiKey] of [
      [own, key],
      [other, otherKey],
    ])
      assert.equal((await ask('DescribeNamespace', { namespace }, { key: apiKey })).code, 0)
  })
  after(async () => {
    grpc?.close()
    await server?.close()
  })

  it('without a key, with a wrong one, and with one in another form', async () => {
    for (const headers of [
      {},
      { authorization: 'Bearer tmt_not_a_key_of_anybody' },
      { authorization: key },
      { authorization: `Basic ${key}` },
      { authorization: `Bearer ${key} ${key}` },
      { authorization: `Bearer ${'x'.repeat(501)}` },
      { 'api-key': key },
    ]) {
      for (const method of [
        'GetSystemInfo',
        'DescribeNamespace',
        'ListNamespaces',
        '/grpc.health.v1.Health/Check',
      ]) {
        const answer = await call(method, {
          key: undefined,
          headers,
          message: method === 'DescribeNamespace' ? messageOf(method, { namespace: own }) : Buffer.alloc(0),
        })
        assert.equal(answer.code, 16, `${method} ${JSON.stringify(headers)}`)
        assert.equal(answer.body, undefined)
      }
    }
  })

  it('for roles that are no worker', async () => {
    for (const [role, code] of [
      ['admin', 0],
      ['member', 0],
      ['worker', 0],
      ['read', 7],
      ['ingest', 7],
    ] as const) {
      const answer = await call('DescribeNamespace', { key: await server.makeKey(role) })
      assert.equal(answer.code, code, role)
      if (code) assert.match(answer.message, new RegExp(`role \`${role}\` may not`))
    }
  })

  it("for another workspace's namespace: in the message, in the header, in both", async () => {
    const header = { 'temporal-namespace': other }
    for (const [note, answer] of Object.entries({
      message: await ask('DescribeNamespace', { namespace: other }),
      'message, the right header': await ask(
        'DescribeNamespace',
        { namespace: other },
        { headers: { 'temporal-namespace': own } },
      ),
      header: await ask('DescribeNamespace', { namespace: own }, { headers: header }),
      'twice in the header': await ask(
        'DescribeNamespace',
        { namespace: own },
        { headers: { 'temporal-namespace': [own, other] } },
      ),
      both: await ask('DescribeNamespace', { namespace: other }, { headers: header }),
      'the key of the other': await ask('DescribeNamespace', { namespace: own }, { key: otherKey }),
      empty: await ask('DescribeNamespace', {}),
      'empty, own header': await ask('DescribeNamespace', {}, { headers: { 'temporal-namespace': own } }),
      'one that there is not': await ask('DescribeNamespace', { namespace: 'nothing' }),
      "Temporal's own": await ask('DescribeNamespace', { namespace: 'temporal-system' }),
    })) {
      assert.equal(answer.code, 7, note)
      assert.match(answer.message, /namespace/, note)
    }
    assert.equal(
      (await ask('DescribeNamespace', { namespace: own }, { headers: { 'temporal-namespace': own } })).code,
      0,
    )
  })

  it('of every method that is let through, as soon as the namespace is another', async () => {
    for (const { name, hasNamespace } of allowedMethods.values()) {
      if (!hasNamespace) continue
      const { code, message } = await ask(name, { namespace: other })
      assert.equal(code, 7, `${name}: ${message}`)
    }
  })

  it('of every other method, whatever it is told', async () => {
    const { operatorservice } = root.lookup('temporal.api')!.toJSON().nested as Json as {
      operatorservice: { nested: { v1: { nested: { OperatorService: { methods: object } } } } }
    }
    const operator = Object.keys(operatorservice.nested.v1.nested.OperatorService.methods)
    assert.ok(operator.includes('DeleteNamespace'))
    const paths = [
      ...Object.keys(service.methods).map((name) => `/${service.fullName.slice(1)}/${name}`),
      ...operator.map((name) => `/temporal.api.operatorservice.v1.OperatorService/${name}`),
    ].filter((path) => !allowedMethods.has(path))
    for (const name of [
      'ListNamespaces',
      'RegisterNamespace',
      'UpdateNamespace',
      'GetClusterInfo',
      'StartBatchOperation',
    ])
      assert.ok(
        paths.some((path) => path.endsWith(`/${name}`)),
        name,
      )
    for (const path of paths) {
      const { code, message } = await call(path, {
        message: Buffer.from(`\x0a${String.fromCharCode(own.length)}${own}`),
      })
      assert.equal(code, 7, path)
      assert.match(message, /Workers may not call/)
    }
  })

  it('of methods that nobody knows, and of paths that only look like those that are allowed', async () => {
    for (const path of [
      '/temporal.api.workflowservice.v1.WorkflowService/Frobnicate',
      '/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace/',
      '/temporal.api.workflowservice.v1.WorkflowService//DescribeNamespace',
      '/temporal.api.workflowservice.v1.WorkflowService/describeNamespace',
      '/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace?x=1',
      '/temporal.api.workflowservice.v1.WorkflowService/%44escribeNamespace',
      '/temporal.server.api.adminservice.v1.AdminService/DescribeMutableState',
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      '/grpc.health.v1.Health/../../temporal.api.workflowservice.v1.WorkflowService/ListNamespaces',
      '/',
    ])
      assert.equal(
        (await call(path, { message: messageOf('DescribeNamespace', { namespace: own }) })).code,
        12,
        path,
      )
    const watch = await call('/grpc.health.v1.Health/Watch', { message: Buffer.alloc(0) })
    assert.ok(watch.code === 7 || watch.code === 12)
  })

  it('that are no calls of gRPC', async () => {
    for (const headers of [
      { ':method': 'GET' },
      { ':method': 'PUT' },
      { 'content-type': 'application/json' },
      { 'content-type': 'application/grpc+json' },
      { 'content-type': 'application/grpc-web' },
    ])
      assert.equal((await call('DescribeNamespace', { headers })).code, 3, JSON.stringify(headers))
  })

  it('with more than one message, none, or a part of one', async () => {
    const one = grpcFrame(messageOf('DescribeNamespace', { namespace: own }))
    const foreign = grpcFrame(messageOf('DescribeNamespace', { namespace: other }))
    for (const [note, bytes] of Object.entries({
      two: Buffer.concat([one, foreign]),
      'a byte more': Buffer.concat([one, Buffer.of(0)]),
      none: Buffer.alloc(0),
      'half a prefix': Buffer.of(0, 0),
      'cut off': one.subarray(0, -3),
      'a flag that there is not': Buffer.concat([Buffer.of(2), one.subarray(1)]),
      'no protobuf': grpcFrame(Buffer.from('{"namespace":"x"}')),
    }))
      assert.ok([3, 7].includes((await call('DescribeNamespace', { bytes })).code), note)
  })

  it('with a message that is too long, before it has come', async () => {
    const prefix = Buffer.alloc(5)
    prefix.writeUInt32BE(17 * 1_048_576, 1)
    const { code, message } = await call('StartWorkflowExecution', { bytes: prefix, open: true })
    assert.equal(code, 8)
    assert.match(message, /^grpc: received message larger than max \(17825792 vs\. 16777216\)$/)
    // Below that, it is Temporal that says what is too long for it.
    const answer = await ask('StartWorkflowExecution', { namespace: own, identity: 'a'.repeat(5_000_000) })
    assert.equal(answer.code, 8)
    assert.match(answer.message, /^grpc: received message larger than max \(\d+ vs\. 4194304\)$/)
  })

  it('whose compression hides what they are', async () => {
    const good = messageOf('DescribeNamespace', { namespace: own })
    const bad = messageOf('DescribeNamespace', { namespace: other })
    const compressed = (message: Uint8Array, encoding?: string) =>
      call('DescribeNamespace', {
        bytes: grpcFrame(message, 1),
        headers: encoding === undefined ? {} : { 'grpc-encoding': encoding },
      })
    assert.equal((await compressed(gzipSync(good), 'gzip')).code, 0)
    assert.equal((await compressed(gzipSync(bad), 'gzip')).code, 7)
    assert.equal(
      (await compressed(Buffer.concat([gzipSync(good), gzipSync(bad)]), 'gzip')).code,
      7,
      'two members',
    )
    assert.equal((await compressed(good, 'gzip')).code, 3)
    for (const encoding of ['deflate', 'zstd', 'snappy', 'identity', undefined]) {
      const { code, message } = await compressed(good, encoding)
      assert.equal(code, 12)
      // The words by which SDKs see that they should send none.
      assert.match(message, /grpc-encoding/)
    }
    // The flag says that it is not compressed: then it is not, whatever the header says.
    const plain = await call('DescribeNamespace', { headers: { 'grpc-encoding': 'gzip' }, message: bad })
    assert.equal(plain.code, 7)
    const bomb = gzipSync(Buffer.alloc(17 * 1_048_576), { level: 9 })
    assert.ok(bomb.length < 100_000)
    assert.equal((await compressed(bomb, 'gzip')).code, 8)
    // Many that are just not too long: those for which there is no room are refused, and none stays behind.
    const large = gzipSync(messageOf('DescribeNamespace', { namespace: own, id: 'a'.repeat(15 * 1_048_576) }))
    const answers = await Promise.all(Array.from({ length: 15 }, () => compressed(large, 'gzip')))
    for (const { code } of answers) assert.ok(code === 7 || code === 8, String(code))
    assert.equal((await compressed(large, 'gzip')).code, 7)
    // The length at the end is a lie.
    const lie = Buffer.from(large)
    lie.writeUInt32LE(1_000_000, lie.length - 4)
    assert.equal((await compressed(lie, 'gzip')).code, 3)
    assert.equal((await compressed(large.subarray(0, -1), 'gzip')).code, 8)
    assert.equal((await compressed(gzipSync(good), 'gzip')).code, 0)
  })

  it('with a task token that is made up, or of another workspace', async () => {
    const taskQueue = { name: 'refusals' }
    const start = { workflowType: { name: 'any' }, taskQueue, workflowId: 'refused', requestId: 'r' }
    const poll = (namespace: string) => ({ namespace, taskQueue, identity: 'me' })
    for (const [namespace, apiKey] of [
      [own, key],
      [other, otherKey],
    ])
      assert.equal((await ask('StartWorkflowExecution', { namespace, ...start }, { key: apiKey })).code, 0)
    const tokenOf = async (namespace: string, apiKey: string) => {
      const headers = { 'grpc-timeout': '20S' }
      const answer = await ask('PollWorkflowTaskQueue', poll(namespace), { key: apiKey, headers })
      assert.equal(answer.code, 0, answer.message)
      return answerOf<{ taskToken: Uint8Array }>('PollWorkflowTaskQueue', answer).taskToken
    }
    const ownToken = await tokenOf(own, key)
    const otherToken = await tokenOf(other, otherKey)
    assert.ok(ownToken.length > 36 && otherToken.length > 36)

    const complete = (value: Json, options: Partial<RawCall> = {}) =>
      ask('RespondWorkflowTaskCompleted', { identity: 'me', ...value }, options)
    for (const [note, value] of Object.entries({
      'of the other': { namespace: own, taskToken: otherToken },
      'of the other, in their name': { namespace: other, taskToken: otherToken },
      'of the other, in no name': { taskToken: otherToken },
      'ours, in no name': { taskToken: ownToken },
      'ours, in their name': { namespace: other, taskToken: ownToken },
      'made up': { namespace: own, taskToken: Buffer.from('made up') },
      none: { namespace: own },
    }))
      assert.equal((await complete(value)).code, 7, note)
    const heartbeat = await ask('RecordActivityTaskHeartbeat', { namespace: own, taskToken: otherToken })
    assert.equal(heartbeat.code, 7)

    const commands = [
      {
        commandType: 'COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION',
        startChildWorkflowExecutionCommandAttributes: {
          namespace: other,
          workflowId: 'across the border',
          workflowType: { name: 'any' },
          taskQueue,
        },
      },
    ]
    assert.equal((await complete({ namespace: own, taskToken: ownToken, commands })).code, 7)
    // The token is still good: nothing of all this came to Temporal.
    const finish = [
      {
        commandType: 'COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION',
        completeWorkflowExecutionCommandAttributes: {},
      },
    ]
    const finished = await complete({ namespace: own, taskToken: ownToken, commands: finish })
    assert.equal(finished.code, 0, finished.message)
    const theirs = { namespace: other, taskToken: otherToken, commands: finish }
    assert.equal((await complete(theirs, { key: otherKey })).code, 0)
  })

  it('are not those that a worker needs without a namespace', async () => {
    const info = await call('GetSystemInfo', { message: Buffer.alloc(0) })
    assert.equal(info.code, 0)
    assert.ok(answerOf<{ serverVersion: string }>('GetSystemInfo', info).serverVersion)
    const health = await call('/grpc.health.v1.Health/Check', {
      message: Buffer.from('\x0a\x2ftemporal.api.workflowservice.v1.WorkflowService'),
    })
    assert.equal(health.code, 0)
    assert.deepEqual([...health.body!], [8, 1])
  })

  it('with a key that is revoked, also those that were under way', async () => {
    const made = (await server.call('POST', '/v1/keys', { body: { name: 'short-lived', role: 'worker' } }))
      .body
    const poll = { namespace: own, taskQueue: { name: 'nobody writes here' }, identity: 'me' }
    const polling = ask('PollActivityTaskQueue', poll, { key: made.key, headers: { 'grpc-timeout': '60S' } })
    await eventually(async () =>
      /tramontane_worker_calls_open [1-9]/.test((await server.call('GET', '/metrics')).body as string),
    )
    await server.call('DELETE', `/v1/keys/${made.id}`)
    const ended = await polling
    assert.equal(ended.code, 16)
    assert.match(ended.message, /revoked/)
    assert.equal((await call('DescribeNamespace', { key: made.key })).code, 16)
  })

  it('are counted by what was wrong with them', async () => {
    const counts = await denied()
    for (const reason of ['key', 'role', 'method', 'namespace', 'token', 'message', 'size'])
      assert.ok(counts[reason]! > 0, reason)
  })
})
