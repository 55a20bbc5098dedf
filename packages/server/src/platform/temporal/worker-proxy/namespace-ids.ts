import { GRPC, Refusal } from './grpc-status.ts'

/** What the proxy needs of Temporal, beside its address. */
export interface Namespaces {
  /** The calls in a workspace's namespace, which is made the first time. */
  of(workspaceId: string): Promise<{
    readonly namespace: string
    readonly workflowService: {
      describeNamespace(request: { namespace: string }): Promise<{
        namespaceInfo?: { id?: string | null } | null
      }>
    }
  }>
}

/** A Temporal that was set up anew gives namespaces other ids; more often than this nobody asks. */
const ASK_AGAIN_MS = 5_000

/** Remembers the ids by which Temporal's tokens name the namespaces of workspaces. */
export class NamespaceIds {
  readonly #namespaces: Namespaces
  readonly #ids = new Map<string, { id: string; askedAt: number }>()

  constructor(namespaces: Namespaces) {
    this.#namespaces = namespaces
  }

  /**
   * The id of a workspace's namespace.
   * @throws Refusal UNAVAILABLE if Temporal does not say
   */
  async find(workspaceId: string): Promise<string> {
    const known = this.#ids.get(workspaceId)
    return known ? known.id : this.#ask(workspaceId)
  }

  /** The same when what is remembered does not fit: asked again, if that was not done a moment ago. */
  async findAgain(workspaceId: string): Promise<string> {
    const known = this.#ids.get(workspaceId)
    return known && Date.now() - known.askedAt < ASK_AGAIN_MS ? known.id : this.#ask(workspaceId)
  }

  async #ask(workspaceId: string): Promise<string> {
    const askedAt = Date.now()
    const { namespace, workflowService } = await this.#namespaces.of(workspaceId)
    const { namespaceInfo } = await workflowService.describeNamespace({ namespace })
    const id = namespaceInfo?.id
    if (!id)
      throw new Refusal(
        GRPC.unavailable,
        'unavailable',
        `Temporal does not say what the id of ${namespace} is.`,
      )
    this.#ids.set(workspaceId, { id, askedAt })
    return id
  }
}
