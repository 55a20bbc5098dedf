import type { ResponseOf } from '@tramontane/contract/operation'
import type { getWorkflowMetrics } from '@tramontane/contract/runs'
import type { JsonObject } from '../../platform/json-object.ts'
import type { RegistrationReader } from '../registrations/registration-reader.ts'
import type { ExecutionService } from './execution-service.ts'
import type { Run } from './run.ts'
import type { RunLookup } from './run-lookup.ts'
import type { RunStore } from './run-store.ts'

/** Runs, one by one and counted. */
export class RunService {
  readonly #lookup: RunLookup
  readonly #store: RunStore
  readonly #executions: Pick<ExecutionService, 'runHistory'>
  readonly #registrations: Pick<RegistrationReader, 'findWorkflow'>

  constructor(
    lookup: RunLookup,
    store: RunStore,
    executions: Pick<ExecutionService, 'runHistory'>,
    registrations: Pick<RegistrationReader, 'findWorkflow'>,
  ) {
    this.#lookup = lookup
    this.#store = store
    this.#executions = executions
    this.#registrations = registrations
  }

  /** How a run stands now. @throws ApiError WF_1100, TEMPORAL_UNAVAILABLE, WF_1103 */
  get(workspaceId: string, runId: string): Promise<Run> {
    return this.#lookup.run(workspaceId, runId)
  }

  /** @throws ApiError WF_1100, TEMPORAL_UNAVAILABLE, WF_1103 */
  async history(workspaceId: string, runId: string, decode: boolean): Promise<JsonObject> {
    return this.#executions.runHistory(workspaceId, await this.#lookup.run(workspaceId, runId), decode)
  }

  /**
   * Figures over a workflow's runs, each continuation counted for itself.
   * @param from, to instants between which the runs were started
   * @throws ApiError DATABASE_TIMEOUT
   */
  async metrics(
    workspaceId: string,
    workflowName: string,
    from: string | undefined,
    to: string | undefined,
  ): Promise<ResponseOf<typeof getWorkflowMetrics>> {
    // No text with a NUL is in the database, and it may not be asked for one.
    if (workflowName.includes('\0') || !(await this.#store.hasRuns(workspaceId, workflowName)))
      await this.#registrations.findWorkflow(workspaceId, workflowName)
    const figures = await this.#store.figures(
      workspaceId,
      workflowName,
      from === undefined ? undefined : new Date(from),
      to === undefined ? undefined : new Date(to),
    )
    return {
      execution_count: { value: figures.count },
      success_count: { value: figures.succeeded },
      error_count: { value: figures.failed },
      average_latency_ms: { value: figures.averageLatency },
      latency_over_time: { value: [...figures.latencies] },
      retry_rate: { value: figures.count === 0 ? 0 : figures.retried / figures.count },
    }
  }
}
