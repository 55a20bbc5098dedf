import type { FastifyInstance } from 'fastify'
import type { Platform } from '../../platform/platform.ts'
import type { RegistrationReader } from '../registrations/registration-reader.ts'
import { type Declared, DeclaredSchedules } from './declared-schedules.ts'
import { type CheckInput, ScheduleInputs } from './schedule-input.ts'
import { scheduleRoutes } from './schedule-routes.ts'
import { ScheduleService } from './schedule-service.ts'
import { ScheduleStore } from './schedule-store.ts'
import { TemporalSchedules } from './temporal-schedules.ts'

/** Schedules: made over the API, or declared by the code of workflows. */
export interface Schedules {
  routes(app: FastifyInstance): void
  /**
   * Makes, changes and removes the schedules that the code of a workflow declares until they are so.
   * @throws ApiError WF_1200, WF_1202, WORKFLOW_INPUT_INVALID, TEMPORAL_UNAVAILABLE
   */
  upsert(workspaceId: string, declared: Declared): Promise<void>
}

/** @param needs.checkInput throws ApiError WORKFLOW_INPUT_INVALID */
export function createSchedules(
  platform: Pick<Platform, 'connection' | 'temporal'>,
  needs: { registrations: RegistrationReader; checkInput: CheckInput },
): Schedules {
  const { registrations, checkInput } = needs
  const temporal = new TemporalSchedules(platform.temporal)
  const store = new ScheduleStore(platform.connection.database)
  const inputs = new ScheduleInputs({
    namespaceOf: (workspaceId) => temporal.namespaceOf(workspaceId),
    registrations,
    check: checkInput,
  })
  const parts = { temporal, store, registrations, inputs }
  const service = new ScheduleService(parts)
  const declared = new DeclaredSchedules(parts)
  return {
    routes: (app) => scheduleRoutes(app, service),
    upsert: (workspaceId, schedules) => declared.upsert(workspaceId, schedules),
  }
}
