import type { Database } from '../../platform/database/connection.ts'
import { ApiError } from '../../platform/http/errors.ts'
import { isUuid } from '../../platform/uuid.ts'
import { RunnableStore, type RunnableWorkflow, type RunningDeployment } from './runnable-store.ts'

/** A workflow with one of its definitions: `definition` is as on the wire, `deploymentName` who registered it. */
export type RegisteredWorkflow = RunnableWorkflow

/** What other features may know of workflows, their definitions and the deployments that run them. */
export class RegistrationReader {
  readonly #store: RunnableStore

  constructor(database: Database) {
    this.#store = new RunnableStore(database)
  }

  /**
   * A workflow by name or id, with the definition that was registered last; one that a worker runs now comes before
   * one that none does.
   * @throws ApiError WORKFLOW_NOT_FOUND
   */
  async findWorkflow(workspaceId: string, identifier: string): Promise<RegisteredWorkflow> {
    const found = await this.#store.findByIdentifier(workspaceId, identifier)
    if (!found) throw unknownWorkflow(identifier)
    return found
  }

  /** @throws ApiError WORKFLOW_REGISTRATION_NOT_FOUND */
  async findByRegistration(workspaceId: string, registrationId: string): Promise<RegisteredWorkflow> {
    const found = isUuid(registrationId)
      ? await this.#store.findByRegistration(workspaceId, registrationId)
      : undefined
    if (!found) throw unknownRegistration(registrationId)
    return found
  }

  /** The definition that a deployment runs under this name; undefined if none is known (a plain Temporal worker). */
  definitionOf(
    workspaceId: string,
    workflowName: string,
    deploymentName: string,
  ): Promise<RegisteredWorkflow | undefined> {
    return this.#store.findInDeployment(workspaceId, workflowName, deploymentName)
  }

  /**
   * Where to run a workflow: in the named deployment, else in the only one that is active, else in the only one.
   * @throws ApiError DEPLOYMENT_NOT_FOUND if the workspace has no deployment of that name, DEPLOYMENT_AMBIGUOUS if the
   *   named one does not run the workflow, or none is named and there is more than one
   */
  async chooseDeployment(
    workspaceId: string,
    workflow: Pick<RegisteredWorkflow, 'workflowId' | 'name'>,
    deploymentName?: string,
  ): Promise<string> {
    const running = await this.#store.deploymentsOf(workspaceId, workflow.workflowId)
    if (deploymentName !== undefined) {
      if (running.some(({ name }) => name === deploymentName)) return deploymentName
      await this.checkDeployment(workspaceId, deploymentName)
      throw new ApiError(
        'DEPLOYMENT_AMBIGUOUS',
        `The deployment ${JSON.stringify(deploymentName)} does not run ${workflow.name}. ${listed(running)}`,
      )
    }
    const active = running.filter(({ isActive }) => isActive)
    const choice = active.length > 0 ? active : running
    if (choice.length === 1) return choice[0]!.name
    throw new ApiError(
      'DEPLOYMENT_AMBIGUOUS',
      choice.length === 0
        ? `No deployment runs ${workflow.name} any more: start a worker with it.`
        : `Several deployments run ${workflow.name}: name one with \`deployment_name\`. ${listed(choice)}`,
    )
  }

  /**
   * That the workspace has a deployment of this name.
   * @throws ApiError DEPLOYMENT_NOT_FOUND
   */
  async checkDeployment(workspaceId: string, name: string): Promise<void> {
    if (!(await this.#store.hasDeployment(workspaceId, name))) throw unknownDeployment(name)
  }

  /** The names of the workflows that have all of these tags, for lists of executions; at most as many as a workspace may have. */
  namesTagged(workspaceId: string, tags: readonly string[]): Promise<string[]> {
    return this.#store.namesTagged(workspaceId, tags)
  }

  /** The names of workflows that have a text in their name, in the name that is shown, or as their id. */
  namesMatching(workspaceId: string, text: string): Promise<string[]> {
    return this.#store.namesMatching(workspaceId, text)
  }

  /** How many workers are there, and when one was heard of last; null if none ever was. */
  workers(workspaceId: string): Promise<{ count: number; lastSeen: Date | null }> {
    return this.#store.workers(workspaceId)
  }

  /** The names of the workflows that belong to the SDK, for lists of executions. */
  technicalNames(workspaceId: string): Promise<string[]> {
    return this.#store.technicalNames(workspaceId)
  }
}

function listed(deployments: readonly RunningDeployment[]): string {
  const names = deployments.slice(0, 20).map(({ name }) => JSON.stringify(name))
  return names.length === 0 ? 'None does.' : `These do: ${names.join(', ')}.`
}

export function unknownWorkflow(identifier: string): ApiError {
  return new ApiError('WORKFLOW_NOT_FOUND', `No workflow has the name or id ${JSON.stringify(identifier)}.`)
}

export function unknownRegistration(id: string): ApiError {
  return new ApiError('WORKFLOW_REGISTRATION_NOT_FOUND', `No registration has the id ${JSON.stringify(id)}.`)
}

export function unknownDeployment(name: string): ApiError {
  return new ApiError('DEPLOYMENT_NOT_FOUND', `No deployment has the name ${JSON.stringify(name)}.`)
}
