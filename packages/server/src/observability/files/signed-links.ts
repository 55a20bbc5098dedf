import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { FileStore } from './file-store.ts'

/** What a signed link carries in its query. */
export interface LinkQuery {
  readonly workspace: string
  /** Seconds since 1970. */
  readonly expires: string
  readonly signature: string
}

/** Links that give one file to whoever holds them, until they expire. */
export class SignedLinks {
  readonly #store: FileStore
  readonly #publicUrl: () => string
  #secret: Promise<Buffer> | undefined

  constructor(store: FileStore, publicUrl: () => string) {
    this.#store = store
    this.#publicUrl = publicUrl
  }

  /** A link to a file that works for `hours`. */
  async make(workspaceId: string, fileId: string, hours: number): Promise<string> {
    const expires = String(Math.floor(Date.now() / 1000) + Math.round(hours * 3600))
    const signature = (await this.#sign(workspaceId, fileId, expires)).toString('base64url')
    const query = new URLSearchParams({ workspace: workspaceId, expires, signature })
    return `${this.#publicUrl()}/v1/files/${fileId}/download?${query}`
  }

  /** Whether a link is one of ours, unchanged, and has not expired. */
  async holds(fileId: string, { workspace, expires, signature }: LinkQuery): Promise<boolean> {
    const expected = await this.#sign(workspace, fileId, expires)
    const given = Buffer.from(signature, 'base64url')
    // The text is compared too: several base64url texts stand for the same bytes.
    if (given.length !== expected.length || signature !== given.toString('base64url')) return false
    return timingSafeEqual(given, expected) && Number(expires) * 1000 > Date.now()
  }

  async #sign(workspaceId: string, fileId: string, expires: string): Promise<Buffer> {
    this.#secret ??= this.#store.signingSecret(randomBytes(32)).catch((error: unknown) => {
      this.#secret = undefined
      throw error
    })
    return createHmac('sha256', await this.#secret)
      .update(JSON.stringify(['file', workspaceId, fileId, expires]))
      .digest()
  }
}
