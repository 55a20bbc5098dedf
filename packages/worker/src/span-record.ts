/** A span as it leaves the workflow sandbox. */
export interface SpanRecord {
  readonly name: string
  readonly kind: 'server' | 'internal'
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  /** What went wrong. */
  readonly error?: string
}

/** Of arguments and results in a span at most, in characters. */
const MAX_TEXT = 64 * 1024

/** Arguments or a result as the text that a span carries: cut off, and with a word in place of what JSON cannot hold. */
export function traceText(value: unknown): string {
  try {
    const text = JSON.stringify(value ?? null)
    return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
  } catch {
    return '"not JSON"'
  }
}

/**
 * The attributes by which the server knows what a span is about.
 * @param type what kind of thing: `workflow_init`, `activity` …
 * @param eventType its name
 * @param custom what the caller of the execution wants to find its spans by
 */
export function spanAttributes(
  type: string,
  eventType: string,
  id: string,
  custom: Readonly<Record<string, unknown>> | undefined,
): Record<string, string | boolean> {
  return {
    'wf.type': type,
    'wf.event_type': eventType,
    'wf.id': id,
    'wf.internal': false,
    ...Object.fromEntries(
      Object.entries(custom ?? {}).map(([key, value]) => [`wf.custom.${key}`, String(value)]),
    ),
  }
}
