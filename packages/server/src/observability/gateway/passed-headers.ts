import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

/** Headers that speak of one connection only (RFC 9110, 7.6.1), and so are never passed on in either direction. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/**
 * What of a request stays here: the caller's credentials are ours, not the provider's; who the caller is and by which
 * way they came is nobody else's business; the answer is asked for unpacked, since it has to be read.
 */
const KEPT_FROM_PROVIDER = new Set([
  ...HOP_BY_HOP,
  'host',
  'content-length',
  'expect',
  'authorization',
  'api-key',
  'x-api-key',
  'cookie',
  'accept-encoding',
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
])

/** What of an answer stays here: it would bind the caller's browser to our address in the provider's name. */
const KEPT_FROM_CALLER = new Set([
  ...HOP_BY_HOP,
  'alt-svc',
  'set-cookie',
  'strict-transport-security',
  'x-request-id',
  'x-correlation-id',
  'x-tramontane-event-id',
])

/** What Node lets through in a header, or in the words of a status. */
export const PRINTABLE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * The headers of a request as the provider gets them: a flat list of names and values, in the caller's order and
 * spelling, with the provider's key in place of the caller's.
 */
export function headersForProvider(rawHeaders: readonly string[], apiKey: string | null): string[] {
  const headers: string[] = []
  const named = namedByConnection(rawHeaders)
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    const lower = name.toLowerCase()
    if (!KEPT_FROM_PROVIDER.has(lower) && !named?.has(lower)) headers.push(name, rawHeaders[at + 1]!)
  }
  headers.push('accept-encoding', 'identity')
  if (apiKey !== null) headers.push('authorization', `Bearer ${apiKey}`)
  return headers
}

function namedByConnection(rawHeaders: readonly string[]): Set<string> | undefined {
  let named: Set<string> | undefined
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]!.toLowerCase() !== 'connection') continue
    for (const option of rawHeaders[at + 1]!.split(',')) {
      const name = option.trim().toLowerCase()
      if (name !== 'keep-alive' && name !== 'close') named = (named ?? new Set()).add(name)
    }
  }
  return named
}

/** The headers of an answer as the caller gets them; the provider's own request id is `x-provider-request-id`. */
export function headersForCaller(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const passed: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || KEPT_FROM_CALLER.has(name)) continue
    // Node refuses to write other characters, and one odd header must not cost the caller the answer.
    if ([value].flat().every((text) => PRINTABLE.test(text))) passed[name] = value
  }
  const requestId = headers['x-request-id']
  if (requestId !== undefined && PRINTABLE.test(String(requestId)))
    passed['x-provider-request-id'] = requestId
  return passed
}
