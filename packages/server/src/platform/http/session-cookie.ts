import { SESSION_HEADER } from '@tramontane/contract/session'
import type { FastifyRequest } from 'fastify'

/** The cookie that holds a browser's session: out of reach of scripts and of other sites. */
export class SessionCookie {
  readonly #address: () => URL

  /** @param publicUrl where browsers reach the server; known when it listens */
  constructor(publicUrl: () => string) {
    this.#address = () => new URL(publicUrl())
  }

  /** Cookies do not tell ports apart, so the name does: two servers of one machine log nobody out of the other. */
  get name(): string {
    const { protocol, port } = this.#address()
    return protocol === 'https:' ? '__Host-tramontane-session' : `tramontane-session-${port || '80'}`
  }

  write(token: string, expiresAt: Date): string {
    return `${this.name}=${token}; Expires=${expiresAt.toUTCString()}; ${this.#attributes}`
  }

  clear(): string {
    return `${this.name}=; Max-Age=0; ${this.#attributes}`
  }

  get #attributes(): string {
    const secure = this.#address().protocol === 'https:' ? '; Secure' : ''
    return `Path=/; HttpOnly; SameSite=Strict${secure}`
  }
}

/**
 * The token of the session that a request comes with; undefined without the header that no other site can send, so that a
 * cookie alone, which a browser adds to whatever request, does nothing.
 */
export function sessionToken({ headers }: FastifyRequest, cookie: SessionCookie): string | undefined {
  if (headers[SESSION_HEADER] === undefined) return undefined
  const { name } = cookie
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=')
    if (key === name && value && value.length <= 200) return value
  }
  return undefined
}
