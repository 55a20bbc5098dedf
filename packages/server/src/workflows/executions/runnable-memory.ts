import type { RegisteredWorkflow, RegistrationReader } from '../registrations/registration-reader.ts'

type Reader = Pick<
  RegistrationReader,
  'findWorkflow' | 'findByRegistration' | 'definitionOf' | 'chooseDeployment'
>

/** So long it may go unnoticed that another server has registered something, or that a worker has come or gone. */
const KEPT_MS = 500
const MAX_KEPT = 2_000

/**
 * What is known of workflows, remembered for half a second: whoever starts or steers many executions asks the same again and
 * again. What is registered here is known at once.
 */
export class RunnableMemory implements Reader {
  readonly #reader: Reader
  readonly #kept = new Map<string, { until: number; value: Promise<unknown> }>()

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
    if (kept && kept.until > Date.now()) return kept.value as Promise<T>
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear()
    const value = read()
    this.#kept.set(key, { until: Date.now() + KEPT_MS, value })
    // What failed is asked again.
    value.catch(() => this.#kept.delete(key))
    return value
  }
}
