import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2'
import { GRPC, malformed, Refusal } from './grpc-status.ts'

/**
 * What goes on to Temporal of a worker's headers. Nothing else does: others would tell Temporal who calls, from where, or
 * where to send it on (`authorization`, `temporal-principal-…`, `caller-type`, `xdc-redirection`).
 */
const FORWARDED = [
  'user-agent',
  'grpc-timeout',
  'grpc-accept-encoding',
  'client-name',
  'client-version',
  'supported-server-versions',
  'supported-features',
] as const

/** Headers of a connection, which HTTP/2 does not have, and what Node adds by itself. */
const NOT_RELAYED: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date'])

/** @throws Refusal if this is no unary call of gRPC with protobuf */
export function checkProtocol(headers: IncomingHttpHeaders): void {
  if (headers[':method'] !== 'POST') throw malformed('This port speaks gRPC: calls are POST requests.')
  const type = headers['content-type'] ?? ''
  if (type !== 'application/grpc' && type !== 'application/grpc+proto')
    throw malformed(
      'This port speaks gRPC with protobuf: the content-type is application/grpc. The HTTP API has another port.',
    )
}

/** The key of the header `authorization`. @throws Refusal without one */
export function keyOf(headers: IncomingHttpHeaders): string {
  const key = /^Bearer +([^\s]{1,500})$/i.exec(headers.authorization ?? '')?.[1]
  if (!key)
    throw new Refusal(
      GRPC.unauthenticated,
      'key',
      'Send a key of Tramontane as the API key of the connection (`authorization: Bearer <key>`).',
    )
  return key
}

/**
 * The header in which SDKs repeat the namespace has to agree with the key, when it is sent.
 * @throws Refusal
 */
export function checkNamespaceHeader(headers: IncomingHttpHeaders, namespace: string): void {
  const sent = headers['temporal-namespace']
  if (sent !== undefined && sent !== namespace)
    throw new Refusal(
      GRPC.permissionDenied,
      'namespace',
      `This key is for the namespace ${namespace}, and the header temporal-namespace names ${JSON.stringify(String(sent).slice(0, 100))}.`,
    )
}

/** The headers of the call to Temporal. @param namespace the caller's; null for calls that are about none */
export function upstreamHeaders(headers: IncomingHttpHeaders, namespace: string | null): OutgoingHttpHeaders {
  const sent: OutgoingHttpHeaders = {
    ':method': 'POST',
    ':path': headers[':path'],
    'content-type': 'application/grpc',
    te: 'trailers',
  }
  for (const name of FORWARDED) {
    const value = headers[name] as string | undefined
    if (value !== undefined) sent[name] = value
  }
  if (namespace !== null) sent['temporal-namespace'] = namespace
  return sent
}

/** Headers or trailers of Temporal's answer as they are passed on. */
export function relayedHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const relayed: OutgoingHttpHeaders = {}
  for (const name of Object.keys(headers))
    if ((!name.startsWith(':') || name === ':status') && !NOT_RELAYED.has(name)) relayed[name] = headers[name]
  return relayed
}
