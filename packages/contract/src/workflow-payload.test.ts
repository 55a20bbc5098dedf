import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  decodePayload,
  encodeNetworkInput,
  encodePayload,
  encodingOptions,
  isNetworkEncoded,
  networkEncodedInput,
  networkResult,
  type PayloadContext,
  type TemporalPayload,
} from './workflow-payload.ts'

const context: PayloadContext = { namespace: 'acme', executionId: 'order-1' }

/** A payload with its bytes as text. */
function readable({ metadata, data }: TemporalPayload) {
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([key, value]) => [key, Buffer.from(value).toString()]),
    ),
    data: Buffer.from(data ?? []).toString(),
  }
}

function payload(metadata: Record<string, string>, data: string): TemporalPayload {
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata).map(([key, value]) => [key, Buffer.from(value)] as const),
    ),
    data: Buffer.from(data),
  }
}

describe('workflow payloads', () => {
  it('are plain JSON with the context in the metadata', () => {
    assert.deepEqual(readable(encodePayload({ name: 'Ada' }, context)), {
      metadata: {
        encoding: 'json/wf_v1',
        namespace: 'acme',
        execution_id: 'order-1',
        encoding_options: '',
      },
      data: '{"name":"Ada"}',
    })
  })

  it('carry each part of the context that is set, under the names that workers know', () => {
    const full: Required<PayloadContext> = {
      ...context,
      rootExecutionId: 'root',
      parentExecutionId: 'parent',
      executionToken: 'token',
      extensions: { a: { b: 1 } },
      trustedExtensions: { c: [true] },
      onBehalfOf: false,
      continuedRunId: 'run-0',
      firstExecutionRunId: 'run-1',
      scheduleId: 'nightly',
    }
    const encoded = encodePayload(null, full)
    assert.deepEqual(readable(encoded).metadata, {
      encoding: 'json/wf_v1',
      namespace: 'acme',
      execution_id: 'order-1',
      encoding_options: '',
      root_workflow_exec_id: 'root',
      parent_workflow_exec_id: 'parent',
      __internal_execution_token: 'token',
      __internal_extensions: '{"a":{"b":1}}',
      __internal_trusted_extensions: '{"c":[true]}',
      __internal_on_behalf_of: 'false',
      continued_run_id: 'run-0',
      first_execution_run_id: 'run-1',
      schedule_id: 'nightly',
    })
    assert.deepEqual(decodePayload(encoded).context, full)
  })

  it('tell a call without an argument from one with null', () => {
    const empty = encodePayload(undefined, context)
    assert.deepEqual(empty.metadata.empty_payload, new Uint8Array([0]))
    assert.equal(readable(empty).data, 'null')
    assert.deepEqual(decodePayload(empty), { kind: 'value', value: null, context, isEmpty: true })
    assert.deepEqual(decodePayload(encodePayload(null, context)), {
      kind: 'value',
      value: null,
      context,
      isEmpty: false,
    })
  })

  it('are read in the older spelling and in the formats of Temporal itself', () => {
    const older = payload({ encoding: 'json/abraxas_v1', namespace: 'acme', execution_id: 'order-1' }, '[1]')
    assert.deepEqual(decodePayload(older), { kind: 'value', value: [1], context, isEmpty: false })
    for (const [encoding, data, value] of [
      ['json/plain', '{"a":1}', { a: 1 }],
      ['json/protobuf', '{"b":2}', { b: 2 }],
      ['binary/null', '', null],
    ] as const)
      assert.deepEqual(decodePayload(payload({ encoding }, data)), {
        kind: 'value',
        value,
        context: null,
        isEmpty: false,
      })
  })

  it('give what is no JSON as bytes, and never throw', () => {
    for (const broken of [
      payload({ encoding: 'binary/plain' }, 'abc'),
      payload({ encoding: 'json/plain' }, '{"a":'),
      payload({}, 'abc'),
      {},
      { metadata: null, data: null },
      payload({ encoding: 'json/wf_v1', __internal_extensions: 'oops' }, 'nul'),
    ]) {
      const decoded = decodePayload(broken)
      assert.equal(decoded.kind, 'encoded')
    }
    assert.deepEqual(networkResult(payload({ encoding: 'binary/plain' }, 'abc')), {
      b64payload: 'YWJj',
      encoding_options: [],
    })
  })

  it('are read as protobuf gives them, with an empty list for empty bytes', () => {
    const empty = [] as unknown as Uint8Array
    const { metadata, data } = encodePayload([1], context)
    assert.deepEqual(decodePayload({ metadata: { ...metadata, encoding_options: empty }, data }), {
      kind: 'value',
      value: [1],
      context,
      isEmpty: false,
    })
    assert.equal(decodePayload({ metadata, data: empty }).kind, 'encoded')
  })

  it('pass through what a client encoded', () => {
    const input = networkEncodedInput.parse({
      b64payload: Buffer.from('secret').toString('base64'),
      encoding_options: ['compressed', 'encrypted'],
    })
    const encoded = encodeNetworkInput(input, { ...context, executionToken: 't' })
    assert.equal(readable(encoded).metadata.encoding_options, 'compressed,encrypted')
    assert.equal(readable(encoded).data, 'secret')
    assert.deepEqual(networkResult(encoded), {
      b64payload: input.b64payload,
      encoding_options: ['compressed', 'encrypted'],
    })
    assert.deepEqual(networkResult(payload({ encoding: 'binary/encrypted' }, 'x')), {
      b64payload: 'eA==',
      encoding_options: ['encrypted'],
    })
  })

  it('recognise encoded input by its key', () => {
    assert.ok(isNetworkEncoded({ b64payload: '' }))
    assert.ok(!isNetworkEncoded({ payload: '' }))
    assert.ok(!isNetworkEncoded(null))
    assert.ok(!networkEncodedInput.safeParse({ b64payload: '*' }).success)
    assert.ok(!networkEncodedInput.safeParse({ b64payload: '', encoding_options: ['zipped'] }).success)
  })

  it('answer plain values as they are', () => {
    assert.equal(networkResult(undefined), null)
    assert.deepEqual(networkResult(encodePayload({ result: 3 }, context)), { result: 3 })
  })

  it('keep every JSON value and every context', () => {
    const optionalText = fc.option(fc.string({ minLength: 1, unit: 'grapheme' }), { nil: undefined })
    const optionalObject = fc.option(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), {
      nil: undefined,
    })
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.record({
          namespace: fc.string({ unit: 'grapheme' }),
          executionId: fc.string({ unit: 'grapheme', minLength: 1 }),
          rootExecutionId: optionalText,
          parentExecutionId: optionalText,
          executionToken: optionalText,
          extensions: optionalObject,
          trustedExtensions: optionalObject,
          onBehalfOf: fc.option(fc.boolean(), { nil: undefined }),
          continuedRunId: optionalText,
          firstExecutionRunId: optionalText,
          scheduleId: optionalText,
        }),
        (value, owner) => {
          const decoded = decodePayload(encodePayload(value, owner))
          const asJson = (it: unknown) => JSON.parse(JSON.stringify(it))
          assert.deepEqual(asJson(decoded), asJson({ kind: 'value', value, context: owner, isEmpty: false }))
        },
      ),
    )
  })

  it('keep the bytes and options of a client, of any length', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 20_000 }),
        fc.subarray([...encodingOptions], { minLength: 1 }),
        (bytes, options) => {
          const b64payload = Buffer.from(bytes).toString('base64')
          const encoded = encodeNetworkInput({ b64payload, encoding_options: options, empty: false }, context)
          assert.deepEqual(networkResult(encoded), { b64payload, encoding_options: options })
        },
      ),
      { numRuns: 50 },
    )
  })

  it('decode any metadata and data without throwing', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(
            'encoding',
            'encoding_options',
            'empty_payload',
            '__internal_extensions',
            '__proto__',
          ),
          fc.oneof(fc.constant(Buffer.from('json/wf_v1')), fc.uint8Array({ maxLength: 12 })),
        ),
        fc.uint8Array({ maxLength: 12 }),
        (metadata, data) => {
          networkResult({ metadata, data })
        },
      ),
    )
  })
})
