import { randomBytes } from 'node:crypto'
import type { Role } from '@tramontane/contract/identity'
import type { Caller } from '../platform/http/auth.ts'
import { ApiError } from '../platform/http/errors.ts'
import { isUuid, newUuid } from '../platform/uuid.ts'
import type { IdentityStore, Key, Workspace } from './identity-store.ts'
import { hashKey, KnownKeys } from './known-keys.ts'

const DEFAULT_WORKSPACE = 'default'

/** Workspaces, keys, and who a key belongs to. */
export class IdentityService {
  readonly #store: IdentityStore
  readonly #knownKeys: KnownKeys
  readonly #onRevoked: (keyId: string) => void

  /** @param onRevoked is told of keys that are valid no more, wherever they were revoked */
  constructor(store: IdentityStore, onRevoked: (keyId: string) => void = () => {}) {
    this.#store = store
    this.#onRevoked = onRevoked
    this.#knownKeys = new KnownKeys(async (hash) => {
      const found = await store.findKey(hash)
      return found && { workspaceId: found.workspace_id, keyId: found.id, role: found.role }
    })
  }

  /**
   * Makes the default workspace, and an admin key for it if it has none.
   * @param apiKey the configured admin key, if any
   * @returns the key that was made, to be shown once; null if none had to be made
   */
  async bootstrap(apiKey: string | null): Promise<string | null> {
    await this.#store.addWorkspace({ id: newUuid(), name: DEFAULT_WORKSPACE })
    const workspace = await this.#workspace(DEFAULT_WORKSPACE)
    if (apiKey) {
      await this.#add(workspace.id, 'TRAMONTANE_API_KEY', 'admin', apiKey)
      return null
    }
    if ((await this.#store.countKeys(workspace.id)) > 0) return null
    const { secret } = await this.createKey(workspace.id, { name: 'first key', role: 'admin' })
    return secret
  }

  /** The id of the workspace that `bootstrap` makes. */
  async defaultWorkspace(): Promise<string> {
    return (await this.#workspace(DEFAULT_WORKSPACE)).id
  }

  /** The caller of a key, see `KnownKeys`. */
  findCaller(key: string): Promise<Caller | undefined> {
    return this.#knownKeys.find(hashKey(key))
  }

  listKeys(workspaceId: string): Promise<Key[]> {
    return this.#store.listKeys(workspaceId)
  }

  /** Makes a key: `tmt_` and 256 random bits. Only its hash is kept. */
  async createKey(
    workspaceId: string,
    { name, role }: { name: string; role: Role },
  ): Promise<{ key: Key; secret: string }> {
    const secret = `tmt_${randomBytes(32).toString('base64url')}`
    return { key: await this.#add(workspaceId, name, role, secret), secret }
  }

  /** @throws ApiError KEY_NOT_FOUND */
  async revokeKey(workspaceId: string, id: string): Promise<void> {
    if (!isUuid(id) || !(await this.#store.revokeKey(workspaceId, id)))
      throw new ApiError('KEY_NOT_FOUND', `No key has the id ${JSON.stringify(id)}.`)
    this.forgetKey(id)
  }

  /** The key was revoked, here or by another server: from now on it is not taken without asking the database. */
  forgetKey(id: string): void {
    this.#knownKeys.forget(id)
    this.#onRevoked(id)
  }

  /** Those of some keys that are not valid any more. */
  findRevoked(ids: readonly string[]): Promise<string[]> {
    return this.#store.findRevoked(ids)
  }

  listWorkspaces(): Promise<Workspace[]> {
    return this.#store.listWorkspaces()
  }

  /** @throws ApiError WORKSPACE_ALREADY_EXISTS */
  async createWorkspace(name: string): Promise<Workspace> {
    const workspace = await this.#store.addWorkspace({ id: newUuid(), name })
    if (!workspace)
      throw new ApiError(
        'WORKSPACE_ALREADY_EXISTS',
        `There is a workspace named ${JSON.stringify(name)} already.`,
      )
    return workspace
  }

  /**
   * The workspace that an admin may make keys for: their own, or any if theirs is the default one.
   * @throws ApiError WORKSPACE_NOT_FOUND, also for one that is there but not theirs
   */
  async workspaceFor(caller: Caller, name: string | undefined): Promise<string> {
    if (name === undefined) return caller.workspaceId
    const workspace = await this.#store.findWorkspace(name)
    if (workspace && (workspace.id === caller.workspaceId || (await this.isDefault(caller))))
      return workspace.id
    throw new ApiError('WORKSPACE_NOT_FOUND', `There is no workspace named ${JSON.stringify(name)}.`)
  }

  /** Whether the caller's workspace is the default one, whose admins manage workspaces. */
  async isDefault(caller: Caller): Promise<boolean> {
    return (await this.#workspace(DEFAULT_WORKSPACE)).id === caller.workspaceId
  }

  async #workspace(name: string): Promise<Workspace> {
    return (await this.#store.findWorkspace(name))!
  }

  #add(workspaceId: string, name: string, role: Role, secret: string): Promise<Key> {
    return this.#store.addKey({
      id: newUuid(),
      workspace_id: workspaceId,
      name,
      role,
      prefix: secret.slice(0, 8),
      hash: hashKey(secret),
    })
  }
}
