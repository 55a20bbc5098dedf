import temporalProto from '@temporalio/proto'
import type { Field, FieldBase, MapField, Method, Namespace, Root, Service, Type } from 'protobufjs'

/** What the proxy has to know of a message: each field's encoding, and where a namespace may stand. */
export interface MessageShape {
  /** The full name of the type, for messages and the log. */
  readonly name: string
  readonly fields: ReadonlyMap<number, FieldShape>
}

/** A field by what is done with it. Fields that a shape does not know are left out of what is passed on. */
export type FieldShape =
  /** Passed on as it is. `wire`: its wire type; numbers that repeat may also come packed. */
  | { readonly kind: 'plain'; readonly wire: WireType; readonly packable: boolean }
  /** Looked into. */
  | { readonly kind: 'message'; readonly shape: MessageShape }
  /** The type that `type_url` names is looked into. */
  | { readonly kind: 'any' }
  /** The namespace of the call: must be there, and be the caller's. */
  | { readonly kind: 'requiredNamespace' }
  /** A namespace that may be left out; then Temporal takes that of the call. */
  | { readonly kind: 'namespace' }
  /** The id of a namespace, which may be left out. */
  | { readonly kind: 'namespaceId' }
  | { readonly kind: 'taskToken' }
  /** The name of a task queue: not one of those that Temporal's own workers poll. */
  | { readonly kind: 'taskQueue' }
  /** A URL that may name a namespace. */
  | { readonly kind: 'link' }
  /** Not taken from workers. */
  | { readonly kind: 'forbidden'; readonly why: string }

/** Wire types of protobuf: 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
export type WireType = 0 | 1 | 2 | 5

const root = temporalProto as unknown as Root

/** What Temporal only carries for users and shows again: what stands in it leads nowhere. */
export const CARRIED: ReadonlySet<string> = new Set([
  'temporal.api.common.v1.Payload',
  'temporal.api.failure.v1.Failure',
  'temporal.api.nexus.v1.Failure',
  'temporal.api.sdk.v1.UserMetadata',
  'temporal.api.sdk.v1.WorkflowTaskCompletedMetadata',
  'temporal.api.worker.v1.WorkerHeartbeat',
])

/** Messages that would reach beyond the namespace. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  'temporal.api.common.v1.Callback':
    'Completion callbacks are not taken: Temporal would call any address, and complete operations of any namespace.',
  'temporal.api.command.v1.ScheduleNexusOperationCommandAttributes':
    'Nexus operations are not taken: their endpoints belong to the whole cluster, not to a namespace.',
}

/** Fields that are not what their names say. */
const SPECIAL: Readonly<Record<string, FieldShape>> = {
  'temporal.api.workflowservice.v1.DescribeNamespaceRequest.id': { kind: 'namespaceId' },
  'temporal.api.taskqueue.v1.TaskQueue.name': { kind: 'taskQueue' },
  'temporal.api.taskqueue.v1.TaskQueue.normalName': { kind: 'taskQueue' },
  'temporal.api.nexus.v1.Link.url': { kind: 'link' },
}

const WIRE_TYPES: Readonly<Record<string, WireType>> = {
  double: 1,
  fixed64: 1,
  sfixed64: 1,
  string: 2,
  bytes: 2,
  float: 5,
  fixed32: 5,
  sfixed32: 5,
}

const shapes = new Map<string, MessageShape>()

/** The shape of a method's request. @throws Error if there is no such method */
export function requestShape(service: string, method: string): MessageShape {
  const found = root.lookupService(service).methods[method]
  if (!found) throw new Error(`${service} has no method ${method}`)
  return shapeOf((found.resolve() as Method).resolvedRequestType!, true)
}

/** The names of a service's methods; none if there is no such service. */
export function serviceMethods(service: string): ReadonlySet<string> {
  const found = root.lookup(service)
  return new Set(found && 'methods' in found ? Object.keys((found as Service).methods) : [])
}

/** The shape of a type that may stand in a message between workers and Temporal of any type; undefined for others. */
export function shapeInAny(typeUrl: string): MessageShape | undefined {
  const name = typeUrl.slice(typeUrl.lastIndexOf('/') + 1)
  if (!/^temporal\.api\.update\.v1\.\w+$/.test(name)) return undefined
  const found = root.lookup(name) as Namespace | null
  return found && 'fieldsArray' in found ? shapeOf(found as Type, false) : undefined
}

function shapeOf(type: Type, isRequest: boolean): MessageShape {
  const name = type.fullName.slice(1)
  const key = isRequest ? `request ${name}` : name
  const known = shapes.get(key)
  if (known) return known
  const fields = new Map<number, FieldShape>()
  const shape: MessageShape = { name, fields }
  // Before its fields: a type may hold itself.
  shapes.set(key, shape)
  for (const field of type.fieldsArray) fields.set(field.id, fieldShape(name, field.resolve(), isRequest))
  return shape
}

function isMap(field: Field | MapField): field is MapField {
  return field.map
}

function fieldShape(message: string, field: Field | MapField, isRequest: boolean): FieldShape {
  if (isMap(field)) return { kind: 'message', shape: entryShape(`${message}.${field.name}`, field) }
  return (
    SPECIAL[`${message}.${field.name}`] ??
    (field.type === 'string' && field.name === 'namespace'
      ? { kind: isRequest ? 'requiredNamespace' : 'namespace' }
      : field.type === 'bytes' && field.name === 'taskToken'
        ? { kind: 'taskToken' }
        : valueShape(field))
  )
}

/** A map is a repeated message of a key and a value. */
function entryShape(name: string, field: MapField): MessageShape {
  return {
    name,
    fields: new Map<number, FieldShape>([
      [1, { kind: 'plain', wire: WIRE_TYPES[field.keyType] ?? 0, packable: false }],
      [2, valueShape(field)],
    ]),
  }
}

function valueShape(field: FieldBase): FieldShape {
  const type = field.resolvedType
  if (!type || !('fieldsArray' in type)) {
    const wire = WIRE_TYPES[field.type] ?? 0
    return { kind: 'plain', wire, packable: wire !== 2 && field.repeated }
  }
  const name = type.fullName.slice(1)
  const why = FORBIDDEN[name]
  if (why !== undefined) return { kind: 'forbidden', why }
  if (name === 'google.protobuf.Any') return { kind: 'any' }
  if (CARRIED.has(name)) return { kind: 'plain', wire: 2, packable: false }
  return { kind: 'message', shape: shapeOf(type, false) }
}
