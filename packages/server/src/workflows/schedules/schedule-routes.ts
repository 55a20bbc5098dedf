import {
  createSchedule,
  deleteSchedule,
  getSchedule,
  listSchedules,
  pauseSchedule,
  resumeSchedule,
  triggerSchedule,
  updateSchedule,
} from '@tramontane/contract/schedules'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { ApiError } from '../../platform/http/errors.ts'
import { route } from '../../platform/http/route.ts'
import type { ListPosition, ScheduleService } from './schedule-service.ts'

/** Schedules: made, listed, read, changed, deleted, paused, resumed, triggered. */
export function scheduleRoutes(app: FastifyInstance, schedules: ScheduleService): void {
  route(app, createSchedule, async ({ caller, body }) => ({
    schedule_id: await schedules.create(caller, body),
  }))

  route(app, listSchedules, async ({ caller, query }) => {
    const filter = {
      workflowName: query.workflow_name,
      userId: query.user_id === 'current' ? caller.keyId : query.user_id,
      prefix: query.search,
      status: query.status,
    }
    const page = {
      size: query.page_size,
      after: query.next_page_token === undefined ? undefined : fromToken(query.next_page_token),
    }
    const { schedules: found, next } = await schedules.list(caller.workspaceId, filter, page)
    return { schedules: found, next_page_token: next ? toToken(next) : null }
  })

  route(app, getSchedule, async ({ caller, params }) => schedules.get(caller.workspaceId, params.schedule_id))

  route(app, updateSchedule, async ({ caller, params: { schedule_id }, body }) => {
    await schedules.update(caller.workspaceId, schedule_id, body.schedule)
    return { schedule_id }
  })

  route(app, deleteSchedule, async ({ caller, params }) =>
    schedules.delete(caller.workspaceId, params.schedule_id),
  )

  route(app, pauseSchedule, async ({ caller, params, body }) =>
    schedules.pause(caller.workspaceId, params.schedule_id, body?.note),
  )

  route(app, resumeSchedule, async ({ caller, params, body }) =>
    schedules.resume(caller.workspaceId, params.schedule_id, body?.note),
  )

  route(app, triggerSchedule, async ({ caller, params, body }) =>
    schedules.trigger(caller.workspaceId, params.schedule_id, body?.overlap),
  )
}

const token = z.tuple([z.iso.datetime(), z.string().max(1_000)])

function toToken({ createdAt, id }: ListPosition): string {
  return Buffer.from(JSON.stringify([createdAt.toISOString(), id])).toString('base64url')
}

/** @throws ApiError VALIDATION_ERROR */
function fromToken(text: string): ListPosition {
  try {
    const [createdAt, id] = token.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    return { createdAt: new Date(createdAt), id }
  } catch {
    const msg = 'must be a `next_page_token` that was answered to this query'
    throw new ApiError('VALIDATION_ERROR', `query.next_page_token: ${msg}`, {
      issues: [{ loc: ['query', 'next_page_token'], msg, type: 'value_error' }],
    })
  }
}
