import { GRPC, Refusal } from './grpc-status.ts'
import { emptyField, readField } from './wire-reader.ts'

/** The caller's namespace, as Temporal knows it. */
export interface OwnNamespace {
  readonly name: string
  /** Its UUID; null while it is not needed. */
  readonly id: string | null
}

/**
 * Temporal gives out tokens of two layouts: `Task` for tasks of workflows and activities, and `QueryTask` and
 * `NexusTask`, which are alike.
 */
export type TokenKind = 'task' | 'query'

/** Field 1 of each token is the id of the namespace, field 14 of `Task` refers to a component, which has its own. */
const NAMESPACE_ID = 1
const COMPONENT_REF = 14
const KNOWN: Readonly<Record<TokenKind, number>> = { task: 14, query: 3 }
const UUIDS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi

/**
 * Checks that a token is of a task of the namespace. Workers could make tokens up: they are not signed.
 * @param own with the id
 * @throws Refusal
 */
export function checkTaskToken(token: Uint8Array, kind: TokenKind, own: OwnNamespace): void {
  try {
    checkLayout(token, own, (number, value) => {
      if (kind === 'task' && number === COMPONENT_REF) checkLayout(value, own, () => {})
      // A newer Temporal may have put a namespace where this version does not look: its ids are UUIDs.
      else if (number > KNOWN[kind] && namesAnother(value, own)) throw newerToken()
    })
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'message')
      throw new Refusal(GRPC.permissionDenied, 'token', 'The task token is not one of Temporal.')
    throw error
  }
}

/** What begins with the id of a namespace: it is there, and is ours each time. */
function checkLayout(
  bytes: Uint8Array,
  own: OwnNamespace,
  onBytes: (number: number, value: Uint8Array) => void,
): void {
  const field = emptyField()
  let found = false
  for (let position = 0; position < bytes.length; position = field.end) {
    readField(bytes, position, bytes.length, field)
    const value = bytes.subarray(field.valueStart, field.end)
    if (field.number === NAMESPACE_ID) {
      if (field.wire !== 2 || own.id === null || !Buffer.from(own.id).equals(value)) throw foreignToken()
      found = true
    } else if (field.wire === 2) onBytes(field.number, value)
  }
  if (!found) throw foreignToken()
}

function namesAnother(value: Uint8Array, own: OwnNamespace): boolean {
  return [...Buffer.from(value).toString('latin1').matchAll(UUIDS)].some(([uuid]) => uuid !== own.id)
}

function foreignToken(): Refusal {
  return new Refusal(
    GRPC.permissionDenied,
    'token',
    'The task token is of a task of another namespace, or of none.',
  )
}

function newerToken(): Refusal {
  return new Refusal(
    GRPC.permissionDenied,
    'token',
    'The task token has a part that this version of Tramontane does not know, because Temporal is newer: update Tramontane.',
  )
}
