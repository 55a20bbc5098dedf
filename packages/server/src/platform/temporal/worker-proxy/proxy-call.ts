import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { allows, type Caller, type FindCaller } from '../../http/auth.ts'
import { ApiError } from '../../http/errors.ts'
import { allowedMethods, isKnownMethod, type Method } from './allowed-methods.ts'
import { checkNamespaceHeader, checkProtocol, keyOf, upstreamHeaders } from './call-headers.ts'
import { endWithStatus, GRPC, Refusal } from './grpc-status.ts'
import { checkMessage } from './message-check.ts'
import type { NamespaceIds, Namespaces } from './namespace-ids.ts'
import type { OpenCalls } from './open-calls.ts'
import type { ProxyLog } from './proxy-log.ts'
import type { ProxyMetrics } from './proxy-metrics.ts'
import { relayAnswer } from './relay.ts'
import type { MemoryClaim, RequestMemory } from './request-memory.ts'
import { frameOf, messageOf, readFrame } from './request-message.ts'
import type { Upstream } from './upstream.ts'

/** What every call needs. */
export interface CallParts {
  readonly findCaller: FindCaller
  readonly namespaces: Namespaces
  readonly ids: NamespaceIds
  readonly upstream: Upstream
  readonly calls: OpenCalls
  readonly memory: RequestMemory
  readonly metrics: ProxyMetrics
  readonly log: ProxyLog
}

/** How often a call is sent that Temporal sends back because it is closing the connection. */
const TRIES = 3
/** A longer message is let go of as soon as it is sent. */
const KEPT_BYTES = 65_536

/**
 * Answers one call of a worker: finds out whose key it is, checks what it asks for, and passes it on. Never rejects.
 * @param onKnown is told when the key is a good one
 */
export async function answerCall(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  parts: CallParts,
  onKnown: () => void,
): Promise<void> {
  let method: Method | undefined
  let caller: Caller | undefined
  let memory: MemoryClaim | undefined
  try {
    const call = parts.calls.add(stream)
    checkProtocol(headers)
    caller = await authenticate(headers, parts)
    onKnown()
    parts.calls.enter(call, caller)
    method = methodOf(headers)
    call.isPoll = method.isPoll
    const namespace = method.hasNamespace ? (await parts.namespaces.of(caller.workspaceId)).namespace : null
    if (namespace !== null) checkNamespaceHeader(headers, namespace)
    memory = parts.memory.claim(caller.workspaceId)
    const frame = await checkedFrame(stream, headers, { method, caller, namespace, memory }, parts)
    const code = await forward(stream, upstreamHeaders(headers, namespace), { frame, memory }, parts.upstream)
    parts.metrics.called(method.name, code)
  } catch (error) {
    const refusal = error instanceof Refusal ? error : asRefusal(error, parts.log)
    // Who hung up before the message was complete was not refused.
    if (!isGone(stream)) parts.metrics.denied(refusal.reason)
    parts.metrics.called(method?.name ?? 'unknown', refusal.code)
    parts.log.refused(refusal, { method: method?.name, keyId: caller?.keyId })
    endWithStatus(stream, refusal.code, refusal.message)
  } finally {
    memory?.release()
  }
}

async function authenticate(headers: IncomingHttpHeaders, { findCaller }: CallParts): Promise<Caller> {
  const caller = await findCaller(keyOf(headers))
  if (!caller) throw new Refusal(GRPC.unauthenticated, 'key', 'This key is unknown or has been revoked.')
  if (!allows(caller.role, 'work'))
    throw new Refusal(
      GRPC.permissionDenied,
      'role',
      `A key with the role \`${caller.role}\` may not do this; it needs the right to \`work\`.`,
    )
  return caller
}

function methodOf(headers: IncomingHttpHeaders): Method {
  const path = headers[':path'] ?? ''
  const method = allowedMethods.get(path)
  if (method) return method
  const shown = JSON.stringify(path.slice(0, 150))
  if (isKnownMethod(path))
    throw new Refusal(GRPC.permissionDenied, 'method', `Workers may not call ${shown}.`)
  throw new Refusal(GRPC.unimplemented, 'method', `Nothing here is named ${shown}.`)
}

/** The request as it is sent to Temporal: complete, without compression, and checked. */
async function checkedFrame(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  call: { method: Method; caller: Caller; namespace: string | null; memory: MemoryClaim },
  { ids, log }: CallParts,
): Promise<Buffer> {
  const { method, caller, namespace, memory } = call
  const id = method.hasTaskToken ? await ids.find(caller.workspaceId) : null
  const received = await readFrame(stream, memory)
  const message = await messageOf(received, headers['grpc-encoding'] as string | undefined, memory)
  const check = (namespaceId: string | null): Uint8Array =>
    checkMessage(method.shape, message, {
      namespace: { name: namespace ?? '', id: namespaceId },
      tokenKind: /Query|Nexus/.test(method.name) ? 'query' : 'task',
      onUnknown: (place) => log.leftOut(place, method.name),
    })
  let checked: Uint8Array
  try {
    checked = check(id)
  } catch (error) {
    if (!(error instanceof Refusal) || error.reason !== 'token') throw error
    const again = await ids.findAgain(caller.workspaceId)
    if (again === id) throw error
    checked = check(again)
  }
  return checked === message && !received.isCompressed ? received.frame : frameOf(checked)
}

/** @returns the code of the status that the worker got */
async function forward(
  stream: ServerHttp2Stream,
  headers: OutgoingHttpHeaders,
  request: { frame: Buffer | undefined; readonly memory: MemoryClaim },
  upstream: Upstream,
): Promise<number> {
  for (let tries = 1; tries <= TRIES && request.frame; tries++) {
    if (isGone(stream)) return GRPC.cancelled
    const outward = await upstream.call(headers)
    const answered = relayAnswer(stream, outward)
    outward.end(request.frame, () => {
      // From here on it is Temporal that holds the message, maybe for a minute. A small one is kept for another try.
      request.memory.release()
      if (request.frame && request.frame.length > KEPT_BYTES) request.frame = undefined
    })
    const outcome = await answered
    if (outcome !== 'refused') return outcome.code
  }
  throw new Refusal(GRPC.unavailable, 'unavailable', 'Temporal takes no calls at the moment; try again.')
}

function isGone(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed || stream.aborted
}

/** What went wrong on our side, or at Temporal before the call was passed on: another try may work. */
function asRefusal(error: unknown, log: ProxyLog): Refusal {
  if (error instanceof ApiError) return new Refusal(GRPC.unavailable, 'unavailable', error.message)
  log.failed(error)
  return new Refusal(
    GRPC.unavailable,
    'unavailable',
    'The server cannot pass this call on at the moment; try again.',
  )
}
