import { randomBytes } from 'node:crypto'
import { commandName } from '../platform/command-name.ts'
import { allows, type Caller } from '../platform/http/auth.ts'
import { ApiError } from '../platform/http/errors.ts'
import { hashKey } from './known-keys.ts'
import type { SessionOwner, SessionStore } from './session-store.ts'

const LINK_MS = 15 * 60_000
const SESSION_MS = 14 * 24 * 60 * 60_000

/** A session that was just begun; the token goes into the browser's cookie and nowhere else. */
export interface NewSession {
  readonly token: string
  readonly owner: SessionOwner
  readonly expiresAt: Date
}

/**
 * Sessions of browsers. A session acts as the key with which it was begun: it has that key's workspace and role, and ends
 * when the key is revoked.
 */
export class SessionService {
  readonly #store: SessionStore
  readonly #findCaller: (key: string) => Promise<Caller | undefined>

  /** @param findCaller knows keys */
  constructor(store: SessionStore, findCaller: (key: string) => Promise<Caller | undefined>) {
    this.#store = store
    this.#findCaller = findCaller
  }

  /** Makes the token of a link that logs one browser in as a key. */
  async createLink(keyId: string): Promise<{ token: string; expiresAt: Date }> {
    const token = newToken()
    const expiresAt = new Date(Date.now() + LINK_MS)
    await this.#store.addLink({ hash: hashKey(token), key_id: keyId, expires_at: expiresAt })
    return { token, expiresAt }
  }

  /** As `createLink`, for whoever starts the server; undefined if the workspace has no admin key. */
  async createAdminLink(workspaceId: string): Promise<string | undefined> {
    const admin = await this.#store.findAdmin(workspaceId)
    return admin && (await this.createLink(admin.keyId)).token
  }

  /** @throws ApiError LOGIN_LINK_INVALID; AUTH_FORBIDDEN if the key may not read */
  async beginWithLink(token: string): Promise<NewSession> {
    const keyId = await this.#store.takeLink(hashKey(token))
    const owner = keyId && (await this.#store.findOwner(keyId))
    if (!owner)
      throw new ApiError(
        'LOGIN_LINK_INVALID',
        `This login link was used before or has expired. \`${commandName} studio\` prints a new one; a key works as well.`,
      )
    return this.#begin(owner)
  }

  /** @throws ApiError AUTH_UNAUTHORIZED for an unknown key; AUTH_FORBIDDEN if it may not read */
  async beginWithKey(key: string): Promise<NewSession> {
    const caller = await this.#findCaller(key)
    const owner = caller && (await this.#store.findOwner(caller.keyId))
    if (!owner) throw new ApiError('AUTH_UNAUTHORIZED', 'This key is unknown or has been revoked.')
    return this.#begin(owner)
  }

  /** Who a session's token acts as. */
  async findCaller(token: string): Promise<Caller | undefined> {
    const owner = await this.#store.findSession(hashKey(token))
    return owner && { workspaceId: owner.workspaceId, keyId: owner.keyId, role: owner.role }
  }

  /** What a session's owner is told of themselves. */
  async describe(
    caller: Caller,
    token: string | undefined,
  ): Promise<{ owner: SessionOwner; expiresAt: Date | null }> {
    const session = token === undefined ? undefined : await this.#store.findSession(hashKey(token))
    const owner = session ?? (await this.#store.findOwner(caller.keyId))
    if (!owner) throw new ApiError('AUTH_UNAUTHORIZED', 'This key is unknown or has been revoked.')
    return { owner, expiresAt: session?.expiresAt ?? null }
  }

  async end(token: string): Promise<void> {
    await this.#store.deleteSession(hashKey(token))
  }

  async #begin(owner: SessionOwner): Promise<NewSession> {
    if (!allows(owner.role, 'read'))
      throw new ApiError(
        'AUTH_FORBIDDEN',
        `A key with the role \`${owner.role}\` may not look at anything; log in with one of the role read, member or admin.`,
      )
    const token = newToken()
    const expiresAt = new Date(Date.now() + SESSION_MS)
    await this.#store.addSession({ hash: hashKey(token), key_id: owner.keyId, expires_at: expiresAt })
    return { token, owner, expiresAt }
  }
}

function newToken(): string {
  return randomBytes(32).toString('base64url')
}
