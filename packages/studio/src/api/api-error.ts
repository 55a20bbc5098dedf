/** What the API answered instead of a result; the message is meant for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** 0: the server was not reached. */
  readonly status: number
  readonly code: string | null
  /** What is wrong with single fields of the body. */
  readonly issues: readonly Issue[]
  /** Leads to the line in the server's log. */
  readonly requestId: string | null

  constructor(
    message: string,
    parts: { status: number; code?: string | null; issues?: readonly Issue[]; requestId?: string | null },
  ) {
    super(message)
    this.status = parts.status
    this.code = parts.code ?? null
    this.issues = parts.issues ?? []
    this.requestId = parts.requestId ?? null
  }
}

/** Something wrong at one place of a request. */
export interface Issue {
  readonly loc: readonly (string | number)[]
  readonly msg: string
}

/** Reads an error in each of the shapes that the contract has; see `ErrorShape` there. */
export async function readError(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '')
  const parts = { status: response.status, requestId: response.headers.get('x-request-id') }
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return new ApiError(text.slice(0, 500) || `The server answered ${response.status}.`, parts)
  }
  const { detail, error, code } = (body ?? {}) as {
    detail?: string | Issue[] | { message: string; error_code: string | null }
    error?: { message?: string; code?: string | null }
    code?: string
  }
  if (Array.isArray(detail))
    return new ApiError(
      detail.map(({ loc, msg }) => `${loc.slice(1).join('.') || loc.join('.')}: ${msg}`).join('; '),
      { ...parts, code: 'VALIDATION_ERROR', issues: detail },
    )
  if (typeof detail === 'string') return new ApiError(detail, { ...parts, code: code ?? null })
  if (detail) return new ApiError(detail.message, { ...parts, code: detail.error_code })
  return new ApiError(error?.message ?? `The server answered ${response.status}.`, {
    ...parts,
    code: error?.code ?? null,
  })
}
