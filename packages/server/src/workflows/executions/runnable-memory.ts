import type { RegisteredWorkflow, RegistrationReader } from '../registrations/registration-reader.ts'

type Reader = Pick<
  RegistrationReader,
  'findWorkflow' | 'findByRegistration' | 'definitionOf' | 'chooseDeployment'
>

/** So long it may go unnoticed that another server has registered something, or that a worker has come or gone. */
const KEPT_MS = 500
/** What is used at this age is read again, a moment later, so as not to take from the call that finds out. */
const READ_AHEAD = { age: KEPT_MS / 2, afterMs: 25 }
const MAX_KEPT = 2_000

interface Kept {
  readonly readAt: number
  readonly value: Promise<unknown>
  isReadAhead: boolean
}

/**
 * What is known of workflows, remembered for half a second: whoever starts or steers many executions asks the same again and
 * again. What is asked for often is read ahead: no call waits for that. What is registered here is known at once.
 */
export class RunnableMemory implements Reader {
  readonly #reader: Reader
  readonly #kept = new Map<string, Kept>()

  constructor(reader: Reader) {
    this.#reader = reader
  }

  /** Something of the workspace has changed. */
  forget(workspaceId: string): void {
    for (const key of this.#kept.keys()) if (key.startsWith(`["${workspaceId}"`)) this.#kept.delete(key)
  }

  /** @throws ApiError WORKFLOW_NOT_FOUND */
  findWorkflow(workspaceId: string, identifier: string): Promise<RegisteredWorkflow> {
    return this.#remember([workspaceId, 'name', identifier], () =>
      this.#reader.findWorkflow(workspaceId, identifier),
    )
  }

  /** @throws ApiError WORKFLOW_REGISTRATION_NOT_FOUND */
  findByRegistration(workspaceId: string, registrationId: string): Promise<RegisteredWorkflow> {
    return this.#reader.findByRegistration(workspaceId, registrationId)
  }

  /** The definition that a deployment runs under this name; undefined if none is known. */
  definitionOf(
    workspaceId: string,
    workflowName: string,
    deploymentName: string,
  ): Promise<RegisteredWorkflow | undefined> {
    return this.#remember([workspaceId, 'definition', workflowName, deploymentName], () =>
      this.#reader.definitionOf(workspaceId, workflowName, deploymentName),
    )
  }

  /** @throws ApiError DEPLOYMENT_NOT_FOUND, DEPLOYMENT_AMBIGUOUS */
  chooseDeployment(
    workspaceId: string,
    workflow: Pick<RegisteredWorkflow, 'workflowId' | 'name'>,
    deploymentName?: string,
  ): Promise<string> {
    return this.#remember([workspaceId, 'deployment', workflow.workflowId, deploymentName ?? null], () =>
      this.#reader.chooseDeployment(workspaceId, workflow, deploymentName),
    )
  }

  #remember<T>(parts: readonly (string | null)[], read: () => Promise<T>): Promise<T> {
    const key = JSON.stringify(parts)
    const kept = this.#kept.get(key)
    const age = kept ? Date.now() - kept.readAt : Number.POSITIVE_INFINITY
    if (!kept || age >= KEPT_MS) return this.#read(key, read)
    if (age > READ_AHEAD.age && !kept.isReadAhead) {
      kept.isReadAhead = true
      setTimeout(() => this.#readAhead(key, kept, read), READ_AHEAD.afterMs).unref()
    }
    return kept.value as Promise<T>
  }

  #read<T>(key: string, read: () => Promise<T>): Promise<T> {
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear()
    const value = read()
    const kept = { readAt: Date.now(), value, isReadAhead: false }
    this.#kept.set(key, kept)
    // What failed is asked again.
    value.catch(() => {
      if (this.#kept.get(key) === kept) this.#kept.delete(key)
    })
    return value
  }

  /** Takes the place of what is kept, unless that was forgotten meanwhile: what was read may be older than the change. */
  #readAhead(key: string, kept: Kept, read: () => Promise<unknown>): void {
    const readAt = Date.now()
    const value = read()
    value.then(
      () => {
        if (this.#kept.get(key) === kept) this.#kept.set(key, { readAt, value, isReadAhead: false })
      },
      // What is kept stays good until its time is over. Whoever asks then is told.
      () => {},
    )
  }
}
