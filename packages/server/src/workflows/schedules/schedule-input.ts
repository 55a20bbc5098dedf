import {
  encodeNetworkInput,
  encodePayload,
  isNetworkEncoded,
  networkEncodedInput,
  type TemporalPayload,
} from '@tramontane/contract/workflow-payload'
import type { WorkflowCodeDefinition } from '@tramontane/contract/workflows'
import { ApiError } from '../../platform/http/errors.ts'
import type { RegistrationReader } from '../registrations/registration-reader.ts'

/** Stands where the id of the execution would, which is not known before it is started; workers pass over it. */
const PLACEHOLDER = '__scheduled_workflow__'

/** Throws ApiError WORKFLOW_INPUT_INVALID if the input does not fit the schema. */
export type CheckInput = (schema: unknown, input: never) => Promise<void>

/** What the schedules' executions are given. */
export class ScheduleInputs {
  readonly #namespaceOf: (workspaceId: string) => string
  readonly #registrations: Pick<RegistrationReader, 'definitionOf'>
  readonly #check: CheckInput

  constructor(parts: {
    namespaceOf: (workspaceId: string) => string
    registrations: Pick<RegistrationReader, 'definitionOf'>
    check: CheckInput
  }) {
    this.#namespaceOf = parts.namespaceOf
    this.#registrations = parts.registrations
    this.#check = parts.check
  }

  /**
   * An input as it is kept until an execution starts.
   * @param workflow absent: nobody knows what it takes
   * @throws ApiError WORKFLOW_INPUT_INVALID
   */
  async payload(
    workspaceId: string,
    scheduleId: string,
    workflow: { definition: WorkflowCodeDefinition } | undefined,
    input: unknown,
  ): Promise<TemporalPayload> {
    const context = {
      namespace: this.#namespaceOf(workspaceId),
      executionId: PLACEHOLDER,
      scheduleId,
      ...(workflow ? { onBehalfOf: workflow.definition.on_behalf_of } : {}),
    }
    const encoded = isNetworkEncoded(input) ? networkEncodedInput.safeParse(input) : undefined
    if (encoded && !encoded.success)
      throw new ApiError('WORKFLOW_INPUT_INVALID', 'The input has a `b64payload`, but is no encoded input.')
    if (workflow) await this.#check(workflow.definition.input_schema, (encoded?.data ?? input) as never)
    return encoded ? encodeNetworkInput(encoded.data, context) : encodePayload(input ?? undefined, context)
  }

  /** As `payload`, for a schedule that is there. */
  async payloadFor(
    workspaceId: string,
    scheduleId: string,
    start: { workflowName: string; taskQueue: string },
    input: unknown,
  ): Promise<TemporalPayload> {
    const workflow = await this.#registrations.definitionOf(workspaceId, start.workflowName, start.taskQueue)
    return this.payload(workspaceId, scheduleId, workflow, input)
  }
}
