import { setTimeout as delay } from 'node:timers/promises'
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js'
import { ApiError } from '../http/errors.ts'
import type { TemporalConnection } from './temporal-connection.ts'

/** `IndexedValueType` of Temporal's API. */
const TYPES = { Keyword: 2, Bool: 5, KeywordList: 7 } as const

/** What workers and this server set on executions; a worker whose namespace lacks one hangs. */
const SEARCH_ATTRIBUTES: Readonly<Record<string, keyof typeof TYPES>> = {
  OtelTraceId: 'Keyword',
  WorkflowName: 'Keyword',
  UserId: 'Keyword',
  CustomerId: 'Keyword',
  WorkspaceId: 'Keyword',
  OrganizationId: 'Keyword',
  AllowAutoRemove: 'Bool',
  CustomSearchAttributes: 'KeywordList',
}

/** A query that only a namespace with all of them takes. */
const NAMES_ALL = Object.entries(SEARCH_ATTRIBUTES)
  .map(([name, type]) => `${name} = ${type === 'Bool' ? 'true' : "'x'"}`)
  .join(' and ')

const DAY_MS = 86_400_000
/** A namespace is used by all parts of Temporal when each has looked again; those that we do not run look every 10 s. */
const USABLE_MS = 40_000
const POLL_MS = 100

const NOT_FOUND = 5
const ALREADY_EXISTS = 6
const INVALID_ARGUMENT = 3
/** PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED: what a cluster says that does not let us do this. */
const DENIED: readonly unknown[] = [7, 12, 16]

/** The namespace of a workspace, where Temporal lets us make as many as we need. */
export function namespaceOfWorkspace(workspaceId: string): string {
  return `tramontane-${workspaceId}`
}

/** Makes namespaces as they are needed, with the retention and the search attributes that executions need. */
export class Namespaces {
  readonly #connection: TemporalConnection
  readonly #retentionMs: number
  readonly #mayRegister: boolean
  readonly #ready = new Map<string, Promise<void>>()

  /**
   * @param options.retentionDays how long executions that have ended are kept
   * @param options.mayRegister false: the namespace is somebody's who made it, and keeps its retention
   */
  constructor(connection: TemporalConnection, options: { retentionDays: number; mayRegister: boolean }) {
    this.#connection = connection
    this.#retentionMs = options.retentionDays * DAY_MS
    this.#mayRegister = options.mayRegister
  }

  /**
   * Resolves when the namespace can be used; at once if it was before. Idempotent, also among several servers.
   * @throws ApiError TEMPORAL_UNAVAILABLE if it is missing and cannot be made, or an error of gRPC
   */
  ensure(namespace: string): Promise<void> {
    let ready = this.#ready.get(namespace)
    if (!ready) {
      ready = this.#prepare(namespace)
      this.#ready.set(namespace, ready)
      ready.catch(() => this.#ready.delete(namespace))
    }
    return ready
  }

  async #prepare(namespace: string): Promise<void> {
    const found = await this.#describe(namespace)
    if (!found) await this.#register(namespace)
    else if (this.#mayRegister && found.retentionMs !== this.#retentionMs) await this.#setRetention(namespace)
    if (found && (await this.#isUsable(namespace))) return
    await this.#addSearchAttributes(namespace)
    const deadline = Date.now() + USABLE_MS
    while (!(await this.#isUsable(namespace))) {
      if (Date.now() > deadline)
        throw new ApiError(
          'TEMPORAL_UNAVAILABLE',
          `The namespace ${namespace} of Temporal lacks search attributes: it needs ${attributeList()}.`,
        )
      await delay(POLL_MS)
    }
  }

  async #describe(namespace: string): Promise<{ retentionMs: number | undefined } | undefined> {
    try {
      const { config } = await this.#connection.workflowService.describeNamespace({ namespace })
      return { retentionMs: optionalTsToMs(config?.workflowExecutionRetentionTtl) }
    } catch (error) {
      if (codeOf(error) === NOT_FOUND) return undefined
      if (!DENIED.includes(codeOf(error))) throw error
      // Who may not look may not make one either, and is told so.
      if (this.#mayRegister) return undefined
      throw new ApiError(
        'TEMPORAL_UNAVAILABLE',
        `Temporal lets this server not into the namespace ${namespace}: correct TRAMONTANE_TEMPORAL_API_KEY (or the certificate), or TRAMONTANE_TEMPORAL_NAMESPACE.`,
        { cause: error },
      )
    }
  }

  async #register(namespace: string): Promise<void> {
    if (!this.#mayRegister)
      throw new ApiError(
        'TEMPORAL_UNAVAILABLE',
        `Temporal has no namespace ${namespace}: make it, or correct TRAMONTANE_TEMPORAL_NAMESPACE.`,
      )
    try {
      await this.#connection.workflowService.registerNamespace({
        namespace,
        description: 'A workspace of Tramontane',
        workflowExecutionRetentionPeriod: msToTs(this.#retentionMs),
      })
    } catch (error) {
      if (codeOf(error) === ALREADY_EXISTS) return
      if (DENIED.includes(codeOf(error)))
        throw new ApiError(
          'TEMPORAL_UNAVAILABLE',
          'This Temporal lets no namespaces be made (Temporal Cloud does not): make one and name it with TRAMONTANE_TEMPORAL_NAMESPACE.',
          { cause: error },
        )
      throw error
    }
  }

  async #setRetention(namespace: string): Promise<void> {
    await this.#connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(this.#retentionMs) },
    })
  }

  async #isUsable(namespace: string): Promise<boolean> {
    try {
      await this.#connection.workflowService.listWorkflowExecutions({
        namespace,
        query: NAMES_ALL,
        pageSize: 1,
      })
      return true
    } catch (error) {
      if (codeOf(error) === INVALID_ARGUMENT || codeOf(error) === NOT_FOUND) return false
      throw error
    }
  }

  /** Another server may be doing the same: what it has added by now is not missing any more. */
  async #addSearchAttributes(namespace: string): Promise<void> {
    const { operatorService } = this.#connection
    for (let tries = 5; ; tries--) {
      try {
        const { customAttributes } = await operatorService.listSearchAttributes({ namespace })
        const missing = Object.entries(SEARCH_ATTRIBUTES)
          .filter(([name]) => !(name in customAttributes))
          .map(([name, type]) => [name, TYPES[type]])
        if (missing.length > 0)
          await operatorService.addSearchAttributes({
            namespace,
            searchAttributes: Object.fromEntries(missing),
          })
        return
      } catch (error) {
        if (DENIED.includes(codeOf(error)))
          throw new ApiError(
            'TEMPORAL_UNAVAILABLE',
            `This Temporal lets no search attributes be added (Temporal Cloud does not): add ${attributeList()} to the namespace ${namespace}.`,
            { cause: error },
          )
        if (tries === 0) throw error
        await delay(POLL_MS * 2)
      }
    }
  }
}

function attributeList(): string {
  return Object.entries(SEARCH_ATTRIBUTES)
    .map(([name, type]) => `${name} (${type})`)
    .join(', ')
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code
}
