import type { SentLocation, WorkflowSpec } from '@tramontane/contract/workers'
import { ApiError } from '../../platform/http/errors.ts'
import { isUuid } from '../../platform/uuid.ts'
import type { BeatStore } from './beat-store.ts'
import { type DeclaredWorkflow, declaredLocation, declaredWorkflow, hashOf } from './declared-workflow.ts'
import { OneAtATime } from './one-at-a-time.ts'
import {
  type KeptDefinition,
  type RegisteringWorker,
  type RegisterStore,
  runsHash,
} from './register-store.ts'

/** The schedules that the code of a workflow declares. */
export interface DeclaredSchedules {
  readonly workflowId: string
  readonly workflowName: string
  readonly registrationId: string
  readonly deploymentName: string
  /** All of them, as the worker sent them: of those that this workflow declared here before, what is missing now is gone. */
  readonly schedules: readonly Record<string, unknown>[]
}

/**
 * Makes, changes and removes schedules until they are as declared; the same again changes nothing.
 * @throws ApiError WF_1200 if a schedule cannot be made, TEMPORAL_UNAVAILABLE
 */
export type UpsertSchedules = (workspaceId: string, declared: DeclaredSchedules) => Promise<void>

/** What a worker is told when it has registered; the lists are in the order of the definitions. */
export interface Registered {
  readonly hasConflicts: boolean
  readonly refs: readonly { workflowId: string; registrationId: string }[]
  readonly warnings: readonly string[]
}

/** A registration as a worker's heartbeat names it. */
export interface SentRef {
  readonly workflow_registration_id?: string | null | undefined
  /** The older name of the above. */
  readonly workflow_version_id?: string | null | undefined
}

/** @throws ApiError VALIDATION_ERROR if a name comes twice; Temporal's workers do not start with such a list */
function checkNames(declared: readonly DeclaredWorkflow[]): void {
  const names = new Set<string>()
  for (const { name } of declared) {
    if (names.has(name)) throw new ApiError('VALIDATION_ERROR', `${JSON.stringify(name)} is declared twice.`)
    names.add(name)
  }
}

/** How workers make known what they run, and that they are there. */
export class RegisteringService {
  readonly #store: RegisterStore
  readonly #beats: BeatStore
  readonly #upsertSchedules: UpsertSchedules
  readonly #onRegistered: (workspaceId: string) => void
  readonly #lines = new OneAtATime()

  /** @param onRegistered is told when a worker has registered something new */
  constructor(
    store: RegisterStore,
    beats: BeatStore,
    upsertSchedules: UpsertSchedules,
    onRegistered: (workspaceId: string) => void = () => {},
  ) {
    this.#store = store
    this.#beats = beats
    this.#upsertSchedules = upsertSchedules
    this.#onRegistered = onRegistered
  }

  /**
   * Registers what a worker runs. Sent again, it is only a sign of life.
   * @throws ApiError VALIDATION_ERROR beyond a limit; what `UpsertSchedules` throws, with the registrations kept
   */
  async register(
    workspaceId: string,
    sent: {
      definitions: readonly WorkflowSpec[]
      deployment_name: string
      worker_name: string
      deployment_location?: SentLocation
    },
  ): Promise<Registered> {
    const warnings: string[] = []
    const declared = sent.definitions.map((definition) => declaredWorkflow(definition, warnings))
    checkNames(declared)
    const worker: RegisteringWorker = {
      deploymentName: sent.deployment_name,
      name: sent.worker_name,
      location: declaredLocation(sent.deployment_location),
    }
    let kept = await this.#again(workspaceId, worker, declared)
    if (!kept) {
      kept = await this.#lines.run(workspaceId, () => this.#store.register(workspaceId, worker, declared))
      this.#onRegistered(workspaceId)
    }
    await this.#makeSchedules(workspaceId, worker.deploymentName, declared, kept)
    const workflowIds = kept.map(({ workflowId }) => workflowId)
    return {
      hasConflicts: await this.#store.hasOtherWorker(
        workspaceId,
        worker.deploymentName,
        worker.name,
        workflowIds,
      ),
      refs: kept,
      warnings,
    }
  }

  /** Where all is kept, if nothing of it is new; the worker has been seen then. */
  async #again(
    workspaceId: string,
    worker: RegisteringWorker,
    declared: readonly DeclaredWorkflow[],
  ): Promise<KeptDefinition[] | undefined> {
    const found = await this.#store.find(workspaceId, worker.deploymentName, declared)
    const kept = found.filter((one): one is KeptDefinition => one?.isNewest === true)
    if (kept.length < declared.length) return undefined
    const known = await this.#beats.note({
      workspaceId,
      deploymentName: worker.deploymentName,
      workerName: worker.name,
      runsHash: runsHash(kept.map(({ registrationId }) => registrationId)),
    })
    const isSame = known && (!worker.location || hashOf(worker.location) === hashOf(known.location))
    return isSame ? kept : undefined
  }

  async #makeSchedules(
    workspaceId: string,
    deploymentName: string,
    declared: readonly DeclaredWorkflow[],
    kept: readonly KeptDefinition[],
  ): Promise<void> {
    const isDue = (one: DeclaredWorkflow, at: KeptDefinition | undefined) =>
      at !== undefined && at.schedulesApplied !== one.schedulesHash
    if (!declared.some((one, index) => isDue(one, kept[index]))) return
    await this.#lines.run(`${workspaceId} ${deploymentName}`, async () => {
      // Another worker of the deployment may have made them meanwhile.
      const now = await this.#store.find(workspaceId, deploymentName, declared)
      for (const [index, one] of declared.entries()) {
        const at = now[index]
        if (!at || !isDue(one, at)) continue
        await this.#upsertSchedules(workspaceId, {
          workflowId: at.workflowId,
          workflowName: one.name,
          registrationId: at.registrationId,
          deploymentName,
          schedules: one.schedules,
        })
        await this.#store.schedulesAreMade(workspaceId, at.registrationId, one.schedulesHash)
      }
    })
  }

  /**
   * Notes that a worker is there.
   * @throws ApiError WORKER_NOT_REGISTERED if the deployment does not have what the worker says that it runs
   */
  async beat(
    workspaceId: string,
    sent: { deploymentName: string; workerName: string; refs: readonly SentRef[] },
  ): Promise<void> {
    const ids = sent.refs.map((ref) => ref.workflow_registration_id ?? ref.workflow_version_id ?? '')
    const beat = {
      workspaceId,
      deploymentName: sent.deploymentName,
      workerName: sent.workerName,
      runsHash: runsHash(ids),
    }
    if (await this.#beats.note(beat)) return
    const deploymentId = ids.every(isUuid)
      ? await this.#store.deploymentWith(workspaceId, sent.deploymentName, ids)
      : undefined
    if (deploymentId === undefined)
      throw new ApiError(
        'WORKER_NOT_REGISTERED',
        `The deployment ${JSON.stringify(sent.deploymentName)} does not have these registrations (any more): register again.`,
      )
    await this.#store.addWorker(workspaceId, deploymentId, sent.workerName, ids)
  }
}
