import type { Role } from '@tramontane/contract/identity'
import type { Kysely } from 'kysely'
import type { Database } from '../platform/database/connection.ts'

interface TokenTable {
  hash: Buffer
  key_id: string
  expires_at: Date
}

type Tables = {
  login_links: TokenTable
  sessions: TokenTable
  keys: {
    id: string
    workspace_id: string
    name: string
    role: Role
    prefix: string
    created_at: Date
    revoked_at: Date | null
  }
  workspaces: { id: string; name: string }
}

/** The key that a session acts as, with its workspace. */
export interface SessionOwner {
  readonly workspaceId: string
  readonly workspaceName: string
  readonly keyId: string
  readonly keyName: string
  readonly keyPrefix: string
  readonly role: Role
}

/** Login links and sessions in SQL; of their tokens only hashes are kept. */
export class SessionStore {
  readonly #database: Kysely<Tables>

  constructor(database: Database) {
    this.#database = database.withTables<Tables>()
  }

  async addLink(link: TokenTable): Promise<void> {
    await this.#database.deleteFrom('login_links').where('expires_at', '<', new Date()).execute()
    await this.#database.insertInto('login_links').values(link).execute()
  }

  /** Takes a link out, so that nobody can use it again. @returns the key that it was for, if it was still good */
  async takeLink(hash: Buffer): Promise<string | undefined> {
    const taken = await this.#database
      .deleteFrom('login_links')
      .where('hash', '=', hash)
      .returning(['key_id', 'expires_at'])
      .executeTakeFirst()
    return taken && taken.expires_at > new Date() ? taken.key_id : undefined
  }

  async addSession(session: TokenTable): Promise<void> {
    await this.#database.deleteFrom('sessions').where('expires_at', '<', new Date()).execute()
    await this.#database.insertInto('sessions').values(session).execute()
  }

  /** Who a session acts as; undefined if it has ended or its key was revoked. */
  findSession(hash: Buffer): Promise<(SessionOwner & { expiresAt: Date }) | undefined> {
    return this.#owners()
      .innerJoin('sessions', 'sessions.key_id', 'keys.id')
      .select('sessions.expires_at as expiresAt')
      .where('sessions.hash', '=', hash)
      .where('sessions.expires_at', '>', new Date())
      .executeTakeFirst()
  }

  async deleteSession(hash: Buffer): Promise<void> {
    await this.#database.deleteFrom('sessions').where('hash', '=', hash).execute()
  }

  findOwner(keyId: string): Promise<SessionOwner | undefined> {
    return this.#owners().where('keys.id', '=', keyId).executeTakeFirst()
  }

  /** The newest admin key of a workspace: who starts the server acts as it. */
  findAdmin(workspaceId: string): Promise<SessionOwner | undefined> {
    return this.#owners()
      .where('keys.workspace_id', '=', workspaceId)
      .where('keys.role', '=', 'admin')
      .orderBy('keys.created_at', 'desc')
      .limit(1)
      .executeTakeFirst()
  }

  #owners() {
    return this.#database
      .selectFrom('keys')
      .innerJoin('workspaces', 'workspaces.id', 'keys.workspace_id')
      .select([
        'keys.workspace_id as workspaceId',
        'workspaces.name as workspaceName',
        'keys.id as keyId',
        'keys.name as keyName',
        'keys.prefix as keyPrefix',
        'keys.role',
      ])
      .where('keys.revoked_at', 'is', null)
  }
}
