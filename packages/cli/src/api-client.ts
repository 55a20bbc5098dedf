import type { Operation } from '@tramontane/contract/operation'
import type { z } from 'zod'
import { CliError } from './cli-error.ts'
import { type FlagNames, placeName, withFlags, withPlaceNames } from './flag-names.ts'

type Part<O extends Operation, K extends 'params' | 'query' | 'body'> = O[K] extends z.ZodType
  ? Record<never, unknown> extends z.input<O[K]>
    ? { [P in K]?: z.input<O[K]> }
    : { [P in K]: z.input<O[K]> }
  : unknown

/** What an operation is called with: its path parameters, query and body, as far as it has them. */
export type Input<O extends Operation> = Part<O, 'params'> & Part<O, 'query'> & Part<O, 'body'>

/** What an operation answers. */
export type Answer<O extends Operation> = O['response'] extends z.ZodType
  ? z.output<O['response']>
  : undefined

interface AnyInput {
  params?: Record<string, unknown>
  query?: Record<string, unknown>
  body?: unknown
}

/** An answer that is no success, or none at all (`status` 0). */
export class ApiCallError extends CliError {
  readonly status: number
  readonly code: string | null
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfter: number | undefined

  constructor(
    message: string,
    details: { status: number; code?: string | null; retryAfter?: number; cause?: unknown },
  ) {
    super(message, details)
    this.status = details.status
    this.code = details.code ?? null
    this.retryAfter = details.retryAfter
  }

  /** Whether the same call may succeed a little later. */
  get mayPass(): boolean {
    return [0, 429, 502, 503, 504].includes(this.status)
  }
}

function asText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}

function pathOf(operation: Operation, params: Record<string, unknown> = {}): string {
  return operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = asText(params[name])
    // A lone dot or two would be taken for a path of its own by URL parsers, encoded or not.
    if (/^\.{1,2}$/.test(value)) throw new CliError(`${JSON.stringify(value)} is no id`, { exitCode: 2 })
    return encodeURIComponent(value)
  })
}

function searchOf(query: Record<string, unknown> = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue
    for (const item of Array.isArray(value) ? value : [value]) search.append(name, asText(item))
  }
  return search.size > 0 ? `?${search}` : ''
}

function sentenceOf(
  body: unknown,
  status: number,
  names: FlagNames,
): { message: string; code: string | null } {
  const detail = (body as { detail?: unknown } | null)?.detail
  if (Array.isArray(detail)) {
    const issues = detail.map(
      ({ loc = [], msg }: { loc?: unknown[]; msg?: string }) =>
        `${placeName(loc, names)}: ${withFlags(msg ?? 'cannot be used', names)}`,
    )
    return { message: issues.join('; '), code: 'VALIDATION_ERROR' }
  }
  if (typeof detail === 'string')
    return { message: withFlags(detail, names), code: (body as { code?: string }).code ?? null }
  if (detail && typeof detail === 'object' && 'message' in detail) {
    const { message, error_code: code } = detail as { message: string; error_code?: string | null }
    const named = code === 'VALIDATION_ERROR' ? withPlaceNames(message, names) : message
    return { message: withFlags(named, names), code: code ?? null }
  }
  return { message: `the server answered ${status}, and not in the way Tramontane does`, code: null }
}

async function failure(response: Response, names: FlagNames): Promise<ApiCallError> {
  const text = await response.text().catch(() => '')
  let body: unknown = null
  try {
    body = JSON.parse(text)
  } catch {
    // Not ours to read: a proxy's page, perhaps.
  }
  const { message, code } = sentenceOf(body, response.status, names)
  const requestId = response.headers.get('x-request-id')
  const known = [code, requestId && `request ${requestId}`].filter(Boolean).join(', ')
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new ApiCallError(known ? `${message} [${known}]` : message, {
    status: response.status,
    code,
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined,
  })
}

/** Calls the API of a server, typed by the operations of the contract. */
export class ApiClient {
  readonly url: string
  readonly #key: string | undefined

  readonly #names: FlagNames

  /**
   * @param url of the server, without `/v1`
   * @param names for what the server finds wrong
   */
  constructor(url: string, key: string | undefined, names: FlagNames) {
    this.url = url
    this.#key = key
    this.#names = names
  }

  /**
   * Calls an operation and reads its JSON.
   * @throws ApiCallError
   */
  async call<O extends Operation>(operation: O, input: Input<O>, signal?: AbortSignal): Promise<Answer<O>> {
    const { body } = input as AnyInput
    const response = await this.send(operation, input, {
      signal,
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
    })
    if (!operation.response) return undefined as Answer<O>
    return (await response.json().catch((cause: unknown) => {
      if (signal?.aborted) throw cause
      throw new ApiCallError(`${this.url} did not answer JSON: is it a Tramontane server?`, {
        status: response.status,
        cause,
      })
    })) as Answer<O>
  }

  /**
   * Calls an operation with a body of the caller's own, and hands out the answer unread.
   * @throws ApiCallError
   */
  async send<O extends Operation>(
    operation: O,
    input: Omit<Input<O>, 'body'>,
    init: RequestInit = {},
  ): Promise<Response> {
    const { params, query } = input as AnyInput
    const target = `${this.url}${pathOf(operation, params)}${searchOf(query)}`
    const response = await fetch(target, {
      ...init,
      method: operation.method,
      headers: { ...init.headers, ...(this.#key ? { authorization: `Bearer ${this.#key}` } : {}) },
    }).catch((error: Error & { cause?: { code?: string; message?: string } }) => {
      if (init.signal?.aborted) throw error
      const reason = error.cause?.code ?? error.cause?.message ?? error.message
      throw new ApiCallError(
        `no answer from ${this.url} (${reason}): is the server running there? --url or TRAMONTANE_URL says where`,
        { status: 0, cause: error },
      )
    })
    if (response.ok) return response
    const failed = await failure(response, this.#names)
    if (response.status !== 401) throw failed
    const advice = this.#key ? '' : ': give a key with --key or TRAMONTANE_API_KEY'
    throw new ApiCallError(`${failed.message}${advice}`, { status: 401, code: failed.code })
  }
}
