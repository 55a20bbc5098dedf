import type { Span } from './span.ts'

/** Paths whose calls become events where they are carried out: the gateway's, and conversations. */
const RECORDED_PATH = /^\/v1\/((chat|agents|fim)\/completions$|conversations(\/|$|#))/
/** What the official client's default redaction makes of an IPv4 address in an attribute. */
const REDACTED = '[REDACTED]'

function hostOf(origin: string): string {
  return new URL(origin).host
}

/** The parts of a URL that may hold a redacted host, which `URL` would refuse. */
function partsOf(url: string): { host: string; path: string } | undefined {
  const match = /^https?:\/\/([^/?#]{1,300})([^?#]{0,300})/i.exec(url)
  return match ? { host: match[1]!, path: match[2]! } : undefined
}

/**
 * Whether a span describes a call to this server's own gateway or conversations, which have recorded it.
 * @param origins addresses under which the sender knows this server
 */
export function isCallToUs(span: Span, origins: readonly string[]): boolean {
  const url = span.attributes.get('url.full') ?? span.attributes.get('http.url')
  const called = typeof url === 'string' ? partsOf(url) : undefined
  if (!called || !RECORDED_PATH.test(called.path)) return false
  return origins.some((origin) => {
    const host = hostOf(origin)
    return called.host === host || called.host === host.replace(/^\d+\.\d+\.\d+\.\d+/, REDACTED)
  })
}
