import * as campaignAnalysis from './campaign-analysis.ts'
import * as campaigns from './campaigns.ts'
import * as conversations from './conversations.ts'
import * as datasetPreviews from './dataset-previews.ts'
import * as datasets from './datasets.ts'
import * as deployments from './deployments.ts'
import * as eventAnalysis from './event-analysis.ts'
import * as events from './events.ts'
import * as executionTraces from './execution-traces.ts'
import * as executions from './executions.ts'
import * as files from './files.ts'
import * as gateway from './gateway.ts'
import * as health from './health.ts'
import * as identity from './identity.ts'
import * as judgeEditing from './judge-editing.ts'
import * as judges from './judges.ts'
import * as logs from './logs.ts'
import type { Operation } from './operation.ts'
import * as overview from './overview.ts'
import * as runHistory from './run-history.ts'
import * as runs from './runs.ts'
import * as schedules from './schedules.ts'
import * as session from './session.ts'
import * as settings from './settings.ts'
import * as telemetry from './telemetry.ts'
import { unsupportedOperations } from './unsupported.ts'
import * as views from './views.ts'
import * as workers from './workers.ts'
import * as workflowEvents from './workflow-events.ts'
import * as workflows from './workflows.ts'

type Modules =
  | typeof campaignAnalysis
  | typeof campaigns
  | typeof conversations
  | typeof datasetPreviews
  | typeof datasets
  | typeof deployments
  | typeof eventAnalysis
  | typeof events
  | typeof executionTraces
  | typeof executions
  | typeof files
  | typeof gateway
  | typeof health
  | typeof identity
  | typeof judgeEditing
  | typeof judges
  | typeof logs
  | typeof overview
  | typeof runHistory
  | typeof runs
  | typeof schedules
  | typeof session
  | typeof settings
  | typeof views
  | typeof workers
  | typeof workflowEvents
  | typeof workflows

type OperationIn<M> = M extends unknown ? Extract<M[keyof M], Operation> : never

/** Every operation that this server serves, with its literal types: what a typed client calls by id. */
export type ApiOperation = OperationIn<Modules>

function operationsOf(module: Record<string, unknown>): Operation[] {
  return Object.values(module).filter(
    (value): value is Operation =>
      typeof value === 'object' && value !== null && 'method' in value && 'path' in value,
  )
}

/** Every operation of the API, in the order of the OpenAPI document. */
export const operations: readonly Operation[] = [
  ...[
    events,
    eventAnalysis,
    files,
    datasets,
    datasetPreviews,
    health,
    identity,
    session,
    settings,
    overview,
    views,
    gateway,
    conversations,
    telemetry,
    judges,
    judgeEditing,
    campaigns,
    campaignAnalysis,
    workflows,
    deployments,
    executions,
    runs,
    runHistory,
    workflowEvents,
    schedules,
    executionTraces,
    logs,
    workers,
  ].flatMap(operationsOf),
  ...unsupportedOperations,
]
