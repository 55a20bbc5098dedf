import { GRPC, malformed, Refusal } from './grpc-status.ts'
import { type FieldShape, type MessageShape, shapeInAny } from './message-shapes.ts'
import { checkTaskToken, type OwnNamespace, type TokenKind } from './task-token.ts'
import { emptyField, readField, varint, type WireField } from './wire-reader.ts'

/** No message of Temporal's nests this deep, but for a failure and its causes, which are not looked into. */
const DEPTH = 40

/** A message has at most so many fields, and so many that are not known: reading them takes the time of everybody. */
const FIELDS = 1_000_000
const UNKNOWN_FIELDS = 1_000

/** Task queues that Temporal's own workers poll in every namespace: who writes to them makes the server act for them. */
const TEMPORALS_OWN_QUEUE = 'temporal-sys-'

/** What a check needs to know, and what it found. */
export interface Check {
  readonly namespace: OwnNamespace
  readonly tokenKind: TokenKind
  /** Called with the place of each field that is left out because this version does not know it. */
  onUnknown(place: string): void
}

/**
 * Checks a request: the namespace that it is for, those that stand anywhere in it, and the token of its task are the
 * caller's. **Each** occurrence of a field counts, not only the last one, so that it does not matter how Temporal reads
 * fields that come twice.
 * @returns the message without the fields that this version does not know, which is what an older Temporal would see:
 *   the same bytes if there are none. In a newer one they could name a namespace.
 * @throws Refusal
 */
export function checkMessage(shape: MessageShape, message: Uint8Array, check: Check): Uint8Array {
  return checkWithin(shape, message, { ...check, fields: 0, unknown: 0 }, 0) ?? message
}

/** A check under way, with what it has seen. */
interface Checking extends Check {
  fields: number
  unknown: number
}

/** @returns undefined if the message stays as it is */
function checkWithin(
  shape: MessageShape,
  bytes: Uint8Array,
  check: Checking,
  depth: number,
): Uint8Array | undefined {
  if (depth > DEPTH) throw malformed('The message nests too deep.')
  const field = emptyField()
  let parts: Uint8Array[] | undefined
  let kept = 0
  let hasNamespace = false
  let hasToken = false
  for (let position = 0; position < bytes.length; position = field.end) {
    readField(bytes, position, bytes.length, field)
    if (++check.fields > FIELDS) throw malformed(`The message has more than ${FIELDS} fields.`)
    const known = shape.fields.get(field.number)
    if (!known) {
      if (++check.unknown > UNKNOWN_FIELDS)
        throw malformed(`The message has more than ${UNKNOWN_FIELDS} fields that are not known here.`)
      check.onUnknown(`${shape.name} ${field.number}`)
      parts ??= []
      parts.push(bytes.subarray(kept, field.start))
      kept = field.end
      continue
    }
    checkWireType(shape, known, field)
    if (known.kind === 'plain') continue
    const value = bytes.subarray(field.valueStart, field.end)
    if (known.kind === 'requiredNamespace') hasNamespace = true
    else if (known.kind === 'taskToken') hasToken = true
    const changed = checkValue(known, value, check, depth)
    if (changed) {
      parts ??= []
      parts.push(
        bytes.subarray(kept, field.start),
        varint(field.number * 8 + 2),
        varint(changed.length),
        changed,
      )
      kept = field.end
    }
  }
  if (depth === 0) requireFields(shape, hasNamespace, hasToken)
  if (!parts) return undefined
  parts.push(bytes.subarray(kept))
  return Buffer.concat(parts)
}

function checkWireType(shape: MessageShape, known: FieldShape, { number, wire }: WireField): void {
  const fits = known.kind === 'plain' ? known.wire === wire || (known.packable && wire === 2) : wire === 2
  if (!fits)
    throw malformed(`The message is not a ${shape.name}: its field ${number} has the wire type ${wire}.`)
}

/** @returns the value as it is passed on if that is not as it came */
function checkValue(
  known: FieldShape,
  value: Uint8Array,
  check: Checking,
  depth: number,
): Uint8Array | undefined {
  switch (known.kind) {
    case 'message':
      return checkWithin(known.shape, value, check, depth + 1)
    case 'any':
      return checkAny(value, check, depth + 1)
    case 'requiredNamespace':
      if (!isText(value, check.namespace.name)) throw foreign(value, check)
      return undefined
    case 'namespace':
      if (value.length > 0 && !isText(value, check.namespace.name)) throw foreign(value, check)
      return undefined
    case 'namespaceId':
      if (value.length > 0 && !isText(value, check.namespace.id ?? '')) throw foreign(value, check)
      return undefined
    case 'taskToken':
      checkTaskToken(value, check.tokenKind, check.namespace)
      return undefined
    case 'taskQueue':
      if (textOf(value).includes(TEMPORALS_OWN_QUEUE))
        throw new Refusal(
          GRPC.permissionDenied,
          'target',
          `Task queues named ${TEMPORALS_OWN_QUEUE}… are those of Temporal itself: give yours another name.`,
        )
      return undefined
    case 'link':
      checkLink(textOf(value), check)
      return undefined
    case 'forbidden':
      throw new Refusal(GRPC.permissionDenied, 'target', known.why)
    case 'plain':
      return undefined
  }
}

/** The messages of updates come as `google.protobuf.Any`: what stands in it is checked like everything else. */
function checkAny(bytes: Uint8Array, check: Checking, depth: number): Uint8Array | undefined {
  const field = emptyField()
  let type: Uint8Array | undefined
  let value: Uint8Array = new Uint8Array()
  let values = 0
  for (let position = 0; position < bytes.length; position = field.end) {
    readField(bytes, position, bytes.length, field)
    if (
      field.wire !== 2 ||
      field.number > 2 ||
      (field.number === 1 && type) ||
      (field.number === 2 && values++ > 0)
    )
      throw malformed('The message is not valid: a google.protobuf.Any has one type and one value.')
    if (field.number === 1) type = bytes.subarray(field.valueStart, field.end)
    else value = bytes.subarray(field.valueStart, field.end)
  }
  if (!type) return undefined
  const shape = shapeInAny(textOf(type))
  if (!shape)
    throw new Refusal(
      GRPC.permissionDenied,
      'target',
      'A message of a type that this version of Tramontane does not know is not passed on.',
    )
  const changed = checkWithin(shape, value, check, depth)
  return (
    changed &&
    Buffer.concat([
      Uint8Array.of(0x0a),
      varint(type.length),
      type,
      Uint8Array.of(0x12),
      varint(changed.length),
      changed,
    ])
  )
}

function requireFields(shape: MessageShape, hasNamespace: boolean, hasToken: boolean): void {
  for (const { kind } of shape.fields.values()) {
    if (kind === 'requiredNamespace' && !hasNamespace)
      throw new Refusal(
        GRPC.permissionDenied,
        'namespace',
        'The message names no namespace: name the one that GET /v1/workflows/workers/whoami answers.',
      )
    if (kind === 'taskToken' && !hasToken)
      throw new Refusal(GRPC.permissionDenied, 'token', 'The message has no task token.')
  }
}

function foreign(value: Uint8Array, { namespace }: Check): Refusal {
  const shown = JSON.stringify(textOf(value.subarray(0, 100)))
  return new Refusal(
    GRPC.permissionDenied,
    'namespace',
    `This key is for the namespace ${namespace.name}, and the message names ${shown}.`,
  )
}

/** Links between executions are URLs such as `temporal:///namespaces/<name>/workflows/…`. */
function checkLink(url: string, check: Check): void {
  let decoded: string
  try {
    decoded = decodeURIComponent(url)
  } catch {
    throw malformed('The message has a link that is no URL.')
  }
  for (const [, name] of decoded.matchAll(/\/namespaces\/([^/?#]*)/gi))
    if (name !== check.namespace.name) throw foreign(Buffer.from(name!), check)
}

function isText(value: Uint8Array, text: string): boolean {
  return text !== '' && Buffer.from(text).equals(value)
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8')
}
