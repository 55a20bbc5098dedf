import { createHash } from 'node:crypto'
import type { DeploymentLocation, SentLocation, WorkflowSpec } from '@tramontane/contract/workers'
import type { WorkflowCodeDefinition } from '@tramontane/contract/workflows'
import { storableJson } from '../../platform/database/storable-json.ts'
import { ApiError } from '../../platform/http/errors.ts'

/** A workflow as a worker declares it, in the form in which it is kept. */
export interface DeclaredWorkflow {
  readonly name: string
  /** Null: the name is shown. */
  readonly displayName: string | null
  readonly description: string | null
  readonly isTechnical: boolean
  readonly definition: WorkflowCodeDefinition
  /** The same for the same content, whatever the order of its members. */
  readonly definitionHash: string
  readonly definitionBytes: number
  readonly schedules: readonly Record<string, unknown>[]
  /** Empty if there are no schedules. */
  readonly schedulesHash: string
}

const MAX_DEFINITION_BYTES = 512 * 1024
const MAX_DISPLAY_NAME = 128
const MAX_DESCRIPTION = 20_000
const HOUR = 3600
/** Temporal's own limit is longer; no execution is. */
const MAX_TIMEOUT = 10 * 365 * 24 * HOUR
/** Under these names something else is found: `GET /v1/workflows/runs` lists runs. */
const TAKEN = new Set([
  'archive',
  'definitions',
  'deployments',
  'events',
  'executions',
  'internal',
  'register',
  'registrations',
  'runs',
  'schedules',
  'unarchive',
  'webhooks',
  'workers',
])
/** How the vendor marks the workers that its own cloud runs, towards SDKs that do not know `managed`. */
const MANAGED_CLUSTER = '__mistral_managed__'

/** JSON with its members in the order of their names. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).filter(([, item]) => item !== undefined)
  members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}

/** The hash of a value that does not depend on the order of its members. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('base64url')
}

function handlerOf(handler: NonNullable<WorkflowSpec['signals']>[number]) {
  return {
    name: handler.name,
    description: handler.description ?? null,
    input_schema: handler.input_schema ?? {},
  }
}

function answeringHandlerOf(handler: NonNullable<WorkflowSpec['queries']>[number]) {
  return { ...handlerOf(handler), output_schema: handler.output_schema ?? null }
}

function cut(text: string | null | undefined, length: number): string | null {
  if (!text) return null
  const whole = text.slice(0, length)
  // Not in the middle of a character.
  return whole.isWellFormed() ? whole : whole.slice(0, -1)
}

/**
 * Brings what a worker sent into the form that is kept.
 * @param warnings gets a sentence for each thing that works otherwise than its author may think
 * @throws ApiError VALIDATION_ERROR if it is larger than may be kept
 */
export function declaredWorkflow(sent: WorkflowSpec, warnings: string[]): DeclaredWorkflow {
  const definition: WorkflowCodeDefinition = storableJson({
    input_schema: sent.input_schema ?? {},
    output_schema: sent.output_schema ?? null,
    signals: (sent.signals ?? []).map(handlerOf),
    queries: (sent.queries ?? []).map(answeringHandlerOf),
    updates: (sent.updates ?? []).map(answeringHandlerOf),
    enforce_determinism: sent.enforce_determinism ?? false,
    on_behalf_of: sent.on_behalf_of ?? false,
    execution_timeout: sent.execution_timeout ?? HOUR,
    plugin_metadata: sent.plugin_metadata ?? null,
  })
  if (!(definition.execution_timeout > 0 && definition.execution_timeout <= MAX_TIMEOUT))
    throw new ApiError(
      'VALIDATION_ERROR',
      `The execution timeout of ${sent.name} must be above 0 and at most ten years.`,
    )
  const definitionBytes = Buffer.byteLength(JSON.stringify(definition))
  const schedules = storableJson(sent.schedules ?? [])
  const scheduleBytes = Buffer.byteLength(JSON.stringify(schedules))
  if (Math.max(definitionBytes, scheduleBytes) > MAX_DEFINITION_BYTES)
    throw new ApiError(
      'VALIDATION_ERROR',
      `The ${definitionBytes >= scheduleBytes ? 'definition' : 'schedules'} of ${sent.name} are larger than ${MAX_DEFINITION_BYTES / 1024} KiB.`,
    )
  if (TAKEN.has(sent.name))
    warnings.push(
      `A workflow named ${sent.name} can be reached by its id only: the API has something else under this name.`,
    )
  if (definition.on_behalf_of)
    warnings.push(
      `${sent.name} asks to run on behalf of a user: this server knows no users, and calls in a user's name will be refused.`,
    )
  const isTechnical = (sent.is_technical ?? false) || sent.name.startsWith('__')
  const displayName = cut(storableJson(sent.display_name), MAX_DISPLAY_NAME)
  const description = cut(storableJson(sent.description), MAX_DESCRIPTION)
  return {
    name: sent.name,
    displayName,
    description,
    isTechnical,
    definition,
    definitionHash: hashOf({ definition, displayName, description, isTechnical }),
    definitionBytes,
    schedules,
    schedulesHash: schedules.length === 0 ? '' : hashOf(schedules),
  }
}

/** Where a worker says that it runs; null if it says nothing that is understood. */
export function declaredLocation(sent: SentLocation): DeploymentLocation | null {
  if (!sent) return null
  const { location_type: type, k8s_cluster: cluster, k8s_namespace: namespace } = storableJson(sent)
  const isManaged = cluster === MANAGED_CLUSTER
  if (!isManaged && type !== 'local' && type !== 'k8s' && type !== 'managed') return null
  return {
    location_type: isManaged ? 'managed' : (type as DeploymentLocation['location_type']),
    k8s_cluster: isManaged ? null : (cluster ?? null),
    k8s_namespace: namespace ?? null,
  }
}
