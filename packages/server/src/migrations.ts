import { identityMigrations } from './identity/identity-migrations.ts'
import { sessionMigrations } from './identity/session-migrations.ts'
import { annotationMigrations } from './observability/annotations/annotation-migrations.ts'
import { campaignJudgeMigrations, campaignMigrations } from './observability/campaigns/campaign-migrations.ts'
import { conversationMigrations } from './observability/conversations/conversation-migrations.ts'
import { datasetMigrations } from './observability/datasets/dataset-migrations.ts'
import { eventMigrations, eventTrafficMigrations } from './observability/events/event-migrations.ts'
import { storedCallMigrations } from './observability/events/stored-call-migrations.ts'
import { fileMigrations } from './observability/files/file-migrations.ts'
import { judgeMigrations } from './observability/judges/judge-migrations.ts'
import { telemetryMigrations } from './observability/telemetry/telemetry-migrations.ts'
import { viewMigrations } from './observability/views/view-migrations.ts'
import type { Migration } from './platform/database/migrator.ts'
import { workMigration } from './platform/tasks/work-queue.ts'
import { workflowEventMigrations } from './workflows/events/workflow-event-migrations.ts'
import { runMigrations, watchMigrations } from './workflows/executions/run-migrations.ts'
import { logMigrations } from './workflows/logs/log-migrations.ts'
import { registrationMigrations } from './workflows/registrations/registration-migrations.ts'
import { scheduleMigrations } from './workflows/schedules/schedule-migrations.ts'

/** Every step of the schema, in the order in which they are applied. */
export const migrations: readonly Migration[] = [
  workMigration,
  ...identityMigrations,
  ...eventMigrations,
  ...annotationMigrations,
  ...telemetryMigrations,
  ...judgeMigrations,
  ...campaignMigrations,
  ...fileMigrations,
  ...datasetMigrations,
  ...conversationMigrations,
  ...registrationMigrations,
  ...runMigrations,
  ...workflowEventMigrations,
  ...scheduleMigrations,
  ...logMigrations,
  ...sessionMigrations,
  ...storedCallMigrations,
  ...eventTrafficMigrations,
  ...viewMigrations,
  ...campaignJudgeMigrations,
  ...watchMigrations,
]
