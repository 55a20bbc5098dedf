import table from 'virtual:operations'
import type { Operation } from '@tramontane/contract/operation'
import type { ApiOperation } from '@tramontane/contract/operations'
import type { SESSION_HEADER } from '@tramontane/contract/session'
import type { z } from 'zod'
import { ApiError, readError } from './api-error.ts'

export type OperationId = ApiOperation['id']
export type OperationOf<I extends OperationId> = Extract<ApiOperation, { id: I }>

type Sent<O extends Operation, K extends 'params' | 'query' | 'body'> = O[K] extends z.ZodType
  ? { [key in K]: z.input<O[K]> }
  : { [key in K]?: undefined }

/** What an operation is called with: the parts that it declares. */
export type Input<I extends OperationId> = Sent<OperationOf<I>, 'params'> &
  (
    | Sent<OperationOf<I>, 'query'>
    | (OperationOf<I> extends { query: z.ZodType } ? { query?: undefined } : never)
  ) &
  Sent<OperationOf<I>, 'body'>

/** What an operation answers. */
export type Output<I extends OperationId> =
  OperationOf<I> extends { response: infer R extends z.ZodType } ? z.output<R> : undefined

/** The input may be left out where nothing has to be given. */
export type Arguments<I extends OperationId> =
  Partial<Input<I>> extends Input<I>
    ? [input?: Input<I>, options?: CallOptions]
    : [input: Input<I>, options?: CallOptions]

export interface CallOptions {
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
}

const SESSION: typeof SESSION_HEADER = 'x-tramontane-session'

interface Parts {
  readonly params?: unknown
  readonly query?: unknown
  readonly body?: unknown
}

/** The address of an operation, filled in. */
export function addressOf(id: OperationId, { params, query }: Parts = {}): { method: string; url: string } {
  const [method, path] = table[id]!
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String((params as Record<string, unknown>)[name])),
  )
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries((query ?? {}) as Record<string, unknown>))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null) search.append(name, String(one))
  const text = search.toString()
  return { method, url: text === '' ? filled : `${filled}?${text}` }
}

/**
 * Calls an operation and gives the answer itself, for streams and files.
 * @throws ApiError for every other answer than a success, and with status 0 if there was none
 */
export async function request(
  id: OperationId,
  parts: Parts = {},
  options: CallOptions = {},
): Promise<Response> {
  const { method, url } = addressOf(id, parts)
  const { body } = parts
  const isForm = body instanceof FormData
  let response: Response
  try {
    response = await fetch(url, {
      method,
      signal: options.signal ?? null,
      headers: {
        [SESSION]: '1',
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      body: body === undefined ? null : isForm ? body : JSON.stringify(body),
    })
  } catch (cause) {
    if (options.signal?.aborted) throw cause
    throw new ApiError('The server does not answer. Is it running? This page tries again by itself.', {
      status: 0,
    })
  }
  if (!response.ok) throw await readError(response)
  return response
}

/**
 * Calls an operation of the contract.
 * @throws ApiError, as `request`
 */
export async function call<I extends OperationId>(
  id: I,
  ...[input, options]: Arguments<I>
): Promise<Output<I>> {
  const response = await request(id, input as Parts | undefined, options)
  if (response.status === 204) return undefined as Output<I>
  return (await response.json()) as Output<I>
}
