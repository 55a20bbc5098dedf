import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import temporalProto from '@temporalio/proto'
import type { Root, Type } from 'protobufjs'
import { allowedMethods } from './allowed-methods.ts'
import { Refusal } from './grpc-status.ts'
import { checkMessage } from './message-check.ts'
import { CARRIED } from './message-shapes.ts'
import { varint } from './wire-reader.ts'

const OWN = 'tramontane-0198c0de-0000-7000-8000-000000000001'
const OWN_ID = '11111111-1111-4111-8111-111111111111'
const FOREIGN = 'tramontane-0198c0de-0000-7000-8000-000000000002'
const FOREIGN_ID = '22222222-2222-4222-8222-222222222222'

type Json = { [name: string]: unknown }

const root = temporalProto as unknown as Root
const methods = [...allowedMethods.values()]
const withNamespace = methods.filter(({ hasNamespace }) => hasNamespace)

const typeOf = (name: string): Type => root.lookupType(name)
const requestType = (method: string): Type => typeOf(allowed(method).shape.name)
const encode = (type: Type, value: Json): Buffer => Buffer.from(type.encode(type.fromObject(value)).finish())
const request = (method: string, value: Json): Buffer => encode(requestType(method), value)
const bytesField = (number: number, value: Uint8Array | string): Buffer =>
  Buffer.concat([varint(number * 8 + 2), varint(Buffer.from(value).length), Buffer.from(value)])

function allowed(name: string) {
  return methods.find((method) => method.name === name)!
}

function token(namespaceId: string): Buffer {
  return Buffer.concat([bytesField(1, namespaceId), bytesField(2, 'some workflow'), bytesField(3, OWN_ID)])
}

/** The least that a call of the method needs to be let through. */
function legal(method: string): Json {
  const { hasTaskToken } = allowed(method)
  return { namespace: OWN, ...(hasTaskToken ? { taskToken: token(OWN_ID) } : {}) }
}

function check(
  method: string,
  message: Uint8Array,
  onUnknown: (place: string) => void = () => {},
): Uint8Array {
  return checkMessage(allowed(method).shape, message, {
    namespace: { name: OWN, id: OWN_ID },
    tokenKind: /Query|Nexus/.test(method) ? 'query' : 'task',
    onUnknown,
  })
}

function refuses(method: string, message: Uint8Array, reason: Refusal['reason'], note?: string): void {
  assert.throws(
    () => check(method, message),
    (error: unknown) => error instanceof Refusal && error.reason === reason,
    note ?? method,
  )
}

/** Each place in a type, at any depth, at which a field stands that `wanted` picks; a type within itself is not followed. */
function places(
  type: Type,
  wanted: (field: { name: string; type: string; message: string }) => boolean,
  path: string[] = [],
  seen: readonly string[] = [],
): string[][] {
  return type.fieldsArray.flatMap((field) => {
    field.resolve()
    const here = [...path, `${field.name}${'keyType' in field ? '{}' : field.repeated ? '[]' : ''}`]
    const found = wanted({ name: field.name, type: field.type, message: type.fullName.slice(1) })
      ? [here]
      : []
    const inner = field.resolvedType
    if (!inner || !('fieldsArray' in inner) || seen.includes(inner.fullName)) return found
    return [...found, ...places(inner, wanted, here, [...seen, inner.fullName])]
  })
}

/** An object with a value at a place. */
function at(path: readonly string[], value: unknown): Json {
  const [first, ...rest] = path
  const name = first!.replace(/\[\]$|\{\}$/, '')
  const inner = rest.length === 0 ? value : at(rest, value)
  return { [name]: first!.endsWith('[]') ? [inner] : first!.endsWith('{}') ? { key: inner } : inner }
}

/** A legal request with a value at a place, as two halves: protobuf joins messages that come in pieces. */
function withValue(method: string, path: readonly string[], value: unknown): Buffer {
  return Buffer.concat([request(method, legal(method)), request(method, at(path, value))])
}

describe('the namespace in a message', () => {
  for (const { name } of withNamespace) {
    it(`of ${name} is the caller's, and has to be there`, () => {
      const legalMessage = request(name, legal(name))
      assert.equal(check(name, legalMessage), legalMessage, 'what is legal passes, byte for byte')
      const { namespace: _, ...without } = legal(name)
      refuses(name, request(name, without), 'namespace', 'none')
      refuses(name, request(name, { ...without, namespace: FOREIGN }), 'namespace', 'a foreign one')
      refuses(
        name,
        request(name, { ...without, namespace: OWN_ID }),
        'namespace',
        'the id in place of the name',
      )
      refuses(name, request(name, { ...without, namespace: OWN.toUpperCase() }), 'namespace')
      const field = requestType(name).fields.namespace!.id
      const [own, foreign, empty] = [OWN, FOREIGN, ''].map((namespace) => bytesField(field, namespace))
      for (const order of [
        [own, foreign],
        [foreign, own],
        [own, empty],
        [empty, own],
        [own, bytesField(field, `${OWN}\0`)],
      ])
        refuses(name, Buffer.concat([request(name, without), ...(order as Buffer[])]), 'namespace', 'twice')
    })

    it(`is the caller's wherever it stands in ${name}`, () => {
      for (const place of places(
        requestType(name),
        ({ name, type }) => /namespace/i.test(name) && type === 'string',
      )) {
        if (place.length === 1) continue
        if (carried(requestType(name), place)) continue
        refusesAnyway(name, withValue(name, place, FOREIGN), place)
        const own = withValue(name, place, OWN)
        // What may not come at all, may not come with the right namespace either.
        if (!place.some((part) => /allback/.test(part))) assert.equal(check(name, own), own, place.join('.'))
      }
    })
  }

  it('is looked for in a good number of places', () => {
    const all = withNamespace.flatMap(({ name }) =>
      places(requestType(name), (field) => field.name === 'namespace').map(
        (place) => `${name}.${place.join('.')}`,
      ),
    )
    for (const expected of [
      'ExecuteMultiOperation.operations[].startWorkflow.namespace',
      'ExecuteMultiOperation.operations[].updateWorkflow.namespace',
      'RespondWorkflowTaskCompleted.commands[].startChildWorkflowExecutionCommandAttributes.namespace',
      'RespondWorkflowTaskCompleted.commands[].signalExternalWorkflowExecutionCommandAttributes.namespace',
      'RespondWorkflowTaskCompleted.commands[].requestCancelExternalWorkflowExecutionCommandAttributes.namespace',
      'SignalWorkflowExecution.links[].workflowEvent.namespace',
    ])
      assert.ok(all.includes(expected), expected)
  })

  /** A namespace may only stand unchecked in what Temporal carries for users. */
  function carried(type: Type, place: readonly string[]): boolean {
    let here = type
    for (const part of place.slice(0, -1)) {
      const inner = here.fields[part.replace(/\[\]$|\{\}$/, '')]!.resolve().resolvedType as Type
      if (CARRIED.has(inner.fullName.slice(1))) return true
      here = inner
    }
    return false
  }

  function refusesAnyway(name: string, message: Buffer, place: readonly string[]): void {
    assert.throws(() => check(name, message), Refusal, `${name} ${place.join('.')}`)
  }
})

describe('what a newer definition of the messages brings', () => {
  it('is looked at by a person: each field that may name a namespace, or refer to something, is known here', () => {
    const suspects = new Set<string>()
    for (const { name } of methods)
      for (const place of places(requestType(name), ({ name: field, type, message }) => {
        const isSuspect =
          /namespace|endpoint|callback/i.test(field) ||
          (type === 'bytes' && /token|ref|id$/i.test(field)) ||
          type === 'google.protobuf.Any' ||
          (/url|link/i.test(field) && type === 'string')
        if (isSuspect) suspects.add(`${message.replace('temporal.api.', '')}.${field}`)
        return isSuspect
      }))
        assert.ok(place)
    assert.deepEqual(
      [...suspects]
        .filter(
          (name) => !/^workflowservice\.v1\.\w+Request\.(namespace|taskToken|nextPageToken)$/.test(name),
        )
        .sort(),
      [
        'command.v1.RequestCancelExternalWorkflowExecutionCommandAttributes.namespace',
        'command.v1.ScheduleNexusOperationCommandAttributes.endpoint',
        'command.v1.SignalExternalWorkflowExecutionCommandAttributes.namespace',
        'command.v1.StartChildWorkflowExecutionCommandAttributes.namespace',
        // Refused with the callback that it is part of.
        'common.v1.Callback.Nexus.url',
        'common.v1.Link.Activity.namespace',
        'common.v1.Link.NexusOperation.namespace',
        'common.v1.Link.Workflow.namespace',
        'common.v1.Link.WorkflowEvent.namespace',
        // Only told, of what has already happened.
        'failure.v1.ChildWorkflowExecutionFailureInfo.namespace',
        'failure.v1.NexusOperationFailureInfo.endpoint',
        'google.protobuf.Any.type_url',
        'nexus.v1.Link.url',
        'protocol.v1.Message.body',
        'update.v1.Request.completionCallbacks',
        'workflow.v1.OnConflictOptions.attachCompletionCallbacks',
        // Numbers by which Temporal sees that somebody else changed the same thing.
        'workflowservice.v1.SetWorkerDeploymentCurrentVersionRequest.conflictToken',
        'workflowservice.v1.SetWorkerDeploymentRampingVersionRequest.conflictToken',
        'workflowservice.v1.StartWorkflowExecutionRequest.completionCallbacks',
        'workflowservice.v1.UpdateScheduleRequest.conflictToken',
      ],
    )
  })
})

describe('a task token', () => {
  const tasks = methods.filter(({ hasTaskToken }) => hasTaskToken)

  for (const { name } of tasks) {
    it(`of ${name} is of a task of the caller's namespace`, () => {
      const of = (taskToken: Uint8Array) => request(name, { ...legal(name), taskToken })
      const { taskToken: _, ...without } = legal(name)
      refuses(name, request(name, without), 'token', 'none')
      for (const [note, forged] of Object.entries({
        empty: Buffer.alloc(0),
        foreign: token(FOREIGN_ID),
        'without a namespace': bytesField(2, 'some workflow'),
        'with both': Buffer.concat([token(OWN_ID), bytesField(1, FOREIGN_ID)]),
        'with both, the other way round': Buffer.concat([bytesField(1, FOREIGN_ID), token(OWN_ID)]),
        'with a number for a namespace': Buffer.concat([token(OWN_ID), Buffer.of(0x08, 0x01)]),
        'with the name': token(OWN),
        'no protobuf': Buffer.from('a token of my own'),
        'cut off': token(OWN_ID).subarray(0, 20),
        'with a new field that names another namespace': Buffer.concat([
          token(OWN_ID),
          bytesField(50, `x${FOREIGN_ID}`),
        ]),
      }))
        refuses(name, of(forged), 'token', note)
      const newer = of(Buffer.concat([token(OWN_ID), bytesField(50, 'nothing of the kind')]))
      assert.equal(check(name, newer), newer)
      // Two of them: Temporal would take one.
      refuses(name, Buffer.concat([of(token(OWN_ID)), of(token(FOREIGN_ID))]), 'token')
    })
  }

  it('may refer to a component of the same namespace only', () => {
    for (const [id, passes] of [
      [OWN_ID, true],
      [FOREIGN_ID, false],
    ] as const) {
      const taskToken = Buffer.concat([token(OWN_ID), bytesField(14, token(id))])
      const message = request('RespondActivityTaskCompleted', { namespace: OWN, taskToken })
      if (passes) assert.equal(check('RespondActivityTaskCompleted', message), message)
      else refuses('RespondActivityTaskCompleted', message, 'token')
    }
    const empty = Buffer.concat([token(OWN_ID), bytesField(14, bytesField(2, 'no namespace'))])
    refuses(
      'RespondActivityTaskCompleted',
      request('RespondActivityTaskCompleted', { namespace: OWN, taskToken: empty }),
      'token',
    )
  })

  it('is refused while the id of the namespace is not known', () => {
    const { shape } = allowed('RespondActivityTaskCompleted')
    assert.throws(
      () =>
        checkMessage(shape, request('RespondActivityTaskCompleted', legal('RespondActivityTaskCompleted')), {
          namespace: { name: OWN, id: null },
          tokenKind: 'task',
          onUnknown: () => {},
        }),
      Refusal,
    )
  })
})

describe('what reaches beyond the namespace by other ways', () => {
  it('are the id beside the name', () => {
    refuses(
      'DescribeNamespace',
      request('DescribeNamespace', { namespace: OWN, id: FOREIGN_ID }),
      'namespace',
    )
    refuses('DescribeNamespace', request('DescribeNamespace', { id: OWN_ID }), 'namespace')
  })

  it('are callbacks, which Temporal would call', () => {
    const completionCallbacks = [{ nexus: { url: 'temporal://system' } }]
    refuses(
      'StartWorkflowExecution',
      request('StartWorkflowExecution', { namespace: OWN, completionCallbacks }),
      'target',
    )
    refuses(
      'UpdateWorkflowExecution',
      request('UpdateWorkflowExecution', { namespace: OWN, request: { completionCallbacks } }),
      'target',
    )
    const operations = [{ startWorkflow: { namespace: OWN, completionCallbacks } }]
    refuses(
      'ExecuteMultiOperation',
      request('ExecuteMultiOperation', { namespace: OWN, operations }),
      'target',
    )
  })

  it('are Nexus operations, whose endpoints belong to the cluster', () => {
    const commands = [{ scheduleNexusOperationCommandAttributes: { endpoint: '__temporal_system' } }]
    const name = 'RespondWorkflowTaskCompleted'
    refuses(name, request(name, { ...legal(name), commands }), 'target')
  })

  it("are the queues of Temporal's own workers", () => {
    const own = 'temporal-sys-per-ns-tq'
    for (const taskQueue of [{ name: own }, { name: 'mine', normalName: own }, { name: `/_sys/${own}/1` }]) {
      for (const method of ['PollWorkflowTaskQueue', 'PollActivityTaskQueue', 'StartWorkflowExecution'])
        refuses(method, request(method, { namespace: OWN, taskQueue }), 'target')
      const startWorkflow = { workflowType: { name: 'x' }, taskQueue }
      refuses(
        'CreateSchedule',
        request('CreateSchedule', { namespace: OWN, schedule: { action: { startWorkflow } } }),
        'target',
      )
      const name = 'RespondWorkflowTaskCompleted'
      const commands = [{ scheduleActivityTaskCommandAttributes: { taskQueue } }]
      refuses(name, request(name, { ...legal(name), commands }), 'target')
    }
  })

  it('are the links of answers to Nexus tasks', () => {
    const name = 'RespondNexusTaskCompleted'
    const linked = (url: string) =>
      request(name, { ...legal(name), response: { startOperation: { syncSuccess: { links: [{ url }] } } } })
    refuses(name, linked(`temporal:///namespaces/${FOREIGN}/workflows/w/r/history`), 'namespace')
    refuses(name, linked(`temporal:///%6eamespaces/${FOREIGN}/workflows/w/r/history`), 'namespace')
    refuses(name, linked('temporal:///%zz'), 'message')
    const own = linked(`temporal:///namespaces/${OWN}/workflows/w/r/history`)
    assert.equal(check(name, own), own)
  })

  it('are messages of any type: those of updates pass, and are looked into', () => {
    const name = 'RespondWorkflowTaskCompleted'
    const acceptance = typeOf('temporal.api.update.v1.Acceptance')
    const message = (type_url: string, value: Uint8Array) =>
      request(name, { ...legal(name), messages: [{ id: '1', body: { type_url, value } }] })
    const url = 'type.googleapis.com/temporal.api.update.v1.Acceptance'
    const accepted = encode(acceptance, { acceptedRequest: { meta: { updateId: 'u' } } })
    const good = message(url, accepted)
    assert.equal(check(name, good), good)
    refuses(
      name,
      message('type.googleapis.com/temporal.api.workflowservice.v1.StartWorkflowExecutionRequest', accepted),
      'target',
    )
    refuses(name, message('type.googleapis.com/temporal.api.update.v1.Unheard', accepted), 'target')
    const links = [{ workflowEvent: { namespace: FOREIGN } }]
    refuses(name, message(url, encode(acceptance, { acceptedRequest: { links } })), 'namespace')
    const any = Buffer.concat([bytesField(1, url), bytesField(2, accepted), bytesField(2, accepted)])
    refuses(name, Buffer.concat([request(name, legal(name)), bytesField(11, bytesField(5, any))]), 'message')
  })
})

describe('fields that this version does not know', () => {
  it('are left out, at any depth, and told of; what users put in stays', () => {
    const name = 'StartWorkflowExecution'
    const payload = Buffer.concat([
      encode(typeOf('temporal.api.common.v1.Payload'), { data: Buffer.from('kept') }),
      bytesField(99, 'what a newer payload has'),
    ])
    const input = bytesField(5, bytesField(1, payload))
    const unknown = bytesField(900, FOREIGN)
    const base = request(name, { namespace: OWN, workflowId: 'w' })
    const type = bytesField(3, Buffer.concat([bytesField(1, 'T'), unknown]))
    const told: string[] = []
    const sent = Buffer.concat([unknown, base, type, input, unknown])
    const passed = Buffer.from(check(name, sent, (place) => told.push(place)))
    assert.deepEqual(passed, Buffer.concat([base, bytesField(3, bytesField(1, 'T')), input]))
    assert.deepEqual(told, [
      'temporal.api.workflowservice.v1.StartWorkflowExecutionRequest 900',
      'temporal.api.common.v1.WorkflowType 900',
      'temporal.api.workflowservice.v1.StartWorkflowExecutionRequest 900',
    ])
    assert.equal(check(name, passed), passed, 'what was left out is not there any more')
  })

  it('are left out of the messages of updates', () => {
    const name = 'RespondWorkflowTaskCompleted'
    const value = Buffer.concat([bytesField(1, 'id'), bytesField(900, 'new')])
    const body = (inner: Uint8Array) =>
      Buffer.concat([
        bytesField(1, 'type.googleapis.com/temporal.api.update.v1.Acceptance'),
        bytesField(2, inner),
      ])
    const message = (inner: Uint8Array) =>
      Buffer.concat([request(name, legal(name)), bytesField(11, bytesField(5, body(inner)))])
    assert.deepEqual(Buffer.from(check(name, message(value))), message(bytesField(1, 'id')))
  })
})

describe('bytes that decoders may read in different ways', () => {
  const name = 'StartWorkflowExecution'
  const good = request(name, { namespace: OWN, workflowId: 'w' })

  for (const [note, bytes] of Object.entries({
    'a group': Buffer.concat([Buffer.of(0x0b), bytesField(1, FOREIGN), Buffer.of(0x0c)]),
    'the end of a group': Buffer.of(0x0c),
    'a wire type that there is not': Buffer.of(0x0e),
    'a field 0': Buffer.of(0x02, 0x00),
    'a tag of six bytes': Buffer.of(0x8a, 0x80, 0x80, 0x80, 0x80, 0x00),
    'a tag that is too large': Buffer.of(0xff, 0xff, 0xff, 0xff, 0x7f),
    'a length of six bytes': Buffer.of(0x0a, 0x81, 0x80, 0x80, 0x80, 0x80, 0x00, 0x41),
    'a length beyond the end': Buffer.of(0x0a, 0x7f, 0x41),
    'a number of eleven bytes': Buffer.concat([Buffer.of(0x58), Buffer.alloc(10, 0x80), Buffer.of(0x01)]),
    'a number for a namespace': Buffer.of(0x08, 0x01),
    'a number for a message': Buffer.of(0x18, 0x01),
    'an end within a tag': Buffer.of(0x8a),
    'an end within eight bytes': Buffer.of(0x09, 0x00),
  })) {
    it(`are refused: ${note}`, () => {
      refuses(name, Buffer.concat([good, bytes]), 'message', note)
      assert.throws(() => check(name, Buffer.concat([bytes, good])), Refusal)
    })
  }

  it('are not refused where they can be read in one way only: a tag and a length that are longer than they need be', () => {
    const long = Buffer.concat([Buffer.of(0x8a, 0x00, OWN.length + 0x80, 0x00), Buffer.from(OWN)])
    assert.equal(check(name, long), long)
    const foreign = Buffer.concat([Buffer.of(0x8a, 0x00, FOREIGN.length + 0x80, 0x00), Buffer.from(FOREIGN)])
    refuses(name, Buffer.concat([good, foreign]), 'namespace')
  })

  it('are refused when they nest without end', () => {
    let links: Buffer = Buffer.alloc(0)
    for (let depth = 0; depth < 5_000; depth++) links = bytesField(100, links)
    const completionCallbacks = bytesField(21, links)
    refuses(name, Buffer.concat([good, completionCallbacks]), 'target')
  })

  it('are refused when they are so many that reading them would take long', () => {
    refuses(name, Buffer.concat([good, Buffer.alloc(2_000_100, Buffer.of(0x58, 0x01))]), 'message')
    refuses(name, Buffer.concat([good, Buffer.alloc(3_100, Buffer.of(0xc8, 0x70, 0x01))]), 'message')
    const many = Buffer.concat([good, Buffer.alloc(1_800_000, Buffer.of(0x58, 0x01))])
    assert.equal(check(name, many), many)
  })

  it('whatever they are, end in a message or a refusal', () => {
    let seed = 1
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed / 2_147_483_648
    }
    const messages = methods
      .filter(({ hasNamespace }) => hasNamespace)
      .map(({ name }) => [name, request(name, legal(name))] as const)
    for (let round = 0; round < 20_000; round++) {
      const [method, message] = messages[Math.floor(random() * messages.length)]!
      const bytes = Buffer.from(message)
      for (let change = 0; change < 3; change++)
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
      try {
        check(method, bytes)
      } catch (error) {
        assert.ok(error instanceof Refusal, String(error))
      }
    }
  })
})
