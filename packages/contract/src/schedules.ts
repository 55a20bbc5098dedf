import { z } from 'zod'
import { durationSeconds } from './duration.ts'
import { operation } from './operation.ts'
import { instant, wellFormedText, wholeNumber } from './scalars.ts'

/** A duration that is kept as it was written: ISO 8601. A number of seconds is written so. */
const duration = z.preprocess(
  (value) => (typeof value === 'number' ? `PT${value}S` : value),
  z
    .string()
    .max(100)
    .refine((text) => (durationSeconds(text) ?? -1) >= 0 && durationSeconds(text)! < 3e9, {
      error: 'must be an ISO 8601 duration that is not negative, such as PT1H30M',
    }),
)

/**
 * Numbers of a part of the calendar: from `start` to `end`, both included, in steps; an `end` before `start` means
 * `start` alone, a step of 0 is 1. Those of `skip` Temporal does not check, so their limits are here.
 */
function ranges(min: number, max: number, ...whole: [start: number, end: number][]) {
  const range = z.object({
    start: z.int().min(min).max(max),
    end: z.int().min(0).max(max).default(0),
    step: z.int().min(0).max(max).default(0),
  })
  return z
    .array(range)
    .max(100)
    .default(() => whole.map(([start, end]) => ({ start, end, step: 0 })))
}

/** Times of the calendar: those that fit one range of each part. */
export const scheduleCalendar = z.object({
  second: ranges(0, 59, [0, 0]),
  minute: ranges(0, 59, [0, 0]),
  hour: ranges(0, 23, [0, 0]),
  day_of_month: ranges(1, 31, [1, 31]),
  month: ranges(1, 12, [1, 12]),
  /** None means every year. */
  year: ranges(0, 9_999),
  /** 0 is Sunday. */
  day_of_week: ranges(0, 7, [0, 6]),
  comment: wellFormedText(0, 1_000).nullish(),
})
export type ScheduleCalendar = z.output<typeof scheduleCalendar>

/** Every so often, counted from 1970, and shifted by `offset`. */
export const scheduleInterval = z.object({ every: duration, offset: duration.nullish() })

/**
 * What happens when an execution is due while another one runs; the numbers are Temporal's. 1: leave it out · 2: keep
 * one, and start it afterwards · 3: keep all, and start them one after the other · 4: cancel the one that runs, then
 * start · 5: terminate it, then start · 6: start all the same.
 */
export const scheduleOverlap = z
  .int()
  .min(1)
  .max(6)
  .meta({ enum: [1, 2, 3, 4, 5, 6] })

const catchupWindowSeconds = z.int().min(0).max(315_360_000)
export const schedulePolicy = z.object({
  /** For how long executions are made up for that were due while the engine was away; less than 10 counts as 10. */
  catchup_window_seconds: catchupWindowSeconds.default(31_536_000),
  overlap: scheduleOverlap.default(1),
  pause_on_failure: z.boolean().default(false),
})
export type SchedulePolicy = z.output<typeof schedulePolicy>

const list = <T extends z.ZodType>(item: T) => z.array(item).max(100)
const cron = wellFormedText(0, 500)
const timeZone = wellFormedText(0, 100)
const maxExecutions = z.int().min(0).max(1_000_000_000)

/** When a workflow is started; all that is not about one workflow. */
export const scheduleTimes = z.object({
  calendars: list(scheduleCalendar).default(() => []),
  intervals: list(scheduleInterval).default(() => []),
  cron_expressions: list(cron).default(() => []),
  /** Not at these times, whatever the others say. */
  skip: list(scheduleCalendar).default(() => []),
  start_at: instant.nullish(),
  end_at: instant.nullish(),
  /** Each start is put off by a random time up to this one. */
  jitter: duration.nullish(),
  /** Of calendars and cron expressions; UTC if none is named. */
  time_zone_name: timeZone.nullish(),
  policy: schedulePolicy.default(() => schedulePolicy.parse({})),
})
export type ScheduleTimes = z.output<typeof scheduleTimes>

/** Any JSON, or what a client encoded itself (`b64payload`); `null` is no input. */
const input = z.unknown()

const MAX_ID_BYTES = 200
/** A part of a path cannot be `.` or `..`. The ids of executions are made of it, which may have 255 bytes. */
const scheduleId = wellFormedText(1, MAX_ID_BYTES)
  .refine((id) => id !== '.' && id !== '..', { error: 'may not be . or ..' })
  .refine((id) => new TextEncoder().encode(id).length <= MAX_ID_BYTES, {
    error: `may have ${MAX_ID_BYTES} bytes at most`,
  })

export const scheduleDefinition = scheduleTimes.extend({
  input,
  /** How many executions it starts before it stops; null: no limit. */
  max_executions: maxExecutions.nullish(),
  schedule_id: scheduleId.nullish(),
})
export type ScheduleDefinition = z.output<typeof scheduleDefinition>

/** A change: what is absent stays as it is, in `policy` as well. */
export const scheduleChange = z.object({
  input: input.optional(),
  calendars: list(scheduleCalendar).optional(),
  intervals: list(scheduleInterval).optional(),
  cron_expressions: list(cron).optional(),
  skip: list(scheduleCalendar).optional(),
  start_at: instant.nullable().optional(),
  end_at: instant.nullable().optional(),
  jitter: duration.nullable().optional(),
  time_zone_name: timeZone.nullable().optional(),
  policy: z
    .object({
      catchup_window_seconds: catchupWindowSeconds.optional(),
      overlap: scheduleOverlap.optional(),
      pause_on_failure: z.boolean().optional(),
    })
    .optional(),
  /** Counted from now on. */
  max_executions: maxExecutions.nullable().optional(),
})
export type ScheduleChange = z.output<typeof scheduleChange>

/** A schedule as it stands. */
export const schedule = scheduleTimes.extend({
  input: z.unknown(),
  schedule_id: z.string(),
  /** Null: no limit; 0: it has stopped. */
  remaining_executions: z.int().nullable(),
  workflow_name: z.string(),
  deployment_name: z.string(),
  paused: z.boolean(),
  /** Of the one who paused or resumed it, or of the engine, when it paused it after a failure. */
  note: z.string().nullable(),
  /** The next ten, the earliest first. */
  future_executions: z.array(z.object({ scheduled_at: instant })),
  /** The last ten, the newest last. */
  recent_executions: z.array(
    z.object({ scheduled_at: instant, started_at: instant, execution_id: z.string() }),
  ),
})
export type Schedule = z.output<typeof schedule>

const name = wellFormedText(1, 255)

export const scheduleRequest = z
  .object({
    schedule: scheduleDefinition,
    workflow_registration_id: z.uuid().nullish(),
    /** The older name of `workflow_registration_id`. */
    workflow_version_id: z.uuid().nullish(),
    /** A workflow's name or id. */
    workflow_identifier: name.nullish(),
    deployment_name: name.nullish(),
    /** The older name of `deployment_name`. */
    workflow_task_queue: name.nullish(),
    schedule_id: scheduleId.nullish(),
  })
  .refine(
    (body) =>
      ((body.workflow_registration_id ?? body.workflow_version_id) == null) !==
      (body.workflow_identifier == null),
    { error: 'give either `workflow_identifier` or `workflow_registration_id`, not both' },
  )
  .refine(
    ({ schedule_id, schedule }) =>
      schedule_id == null || schedule.schedule_id == null || schedule_id === schedule.schedule_id,
    { error: 'is not the `schedule_id` of the schedule', path: ['schedule_id'] },
  )
export type ScheduleRequest = z.output<typeof scheduleRequest>

const path = '/v1/workflows/schedules'
const params = z.object({ schedule_id: z.string() })
const scheduleIdAnswer = z.object({ schedule_id: z.string() })
const note = z.object({ note: wellFormedText(0, 10_000).nullish() }).nullish()
const notFound = ['WF_1201', 'WF_1103', 'TEMPORAL_UNAVAILABLE'] as const
const shared = { tag: 'Workflow schedules', errorShape: 'workflows' } as const

export const createSchedule = operation({
  ...shared,
  id: 'createSchedule',
  method: 'POST',
  path,
  access: 'write',
  status: 201,
  summary: 'Start a workflow again and again, at the times of a schedule',
  body: scheduleRequest,
  response: scheduleIdAnswer,
  errors: [
    'WORKFLOW_NOT_FOUND',
    'WORKFLOW_REGISTRATION_NOT_FOUND',
    'WORKFLOW_INPUT_INVALID',
    'DEPLOYMENT_AMBIGUOUS',
    'DEPLOYMENT_NOT_FOUND',
    'WF_1200',
    'WF_1202',
    'WF_1103',
    'TEMPORAL_UNAVAILABLE',
  ],
})

export const listSchedules = operation({
  ...shared,
  id: 'listSchedules',
  method: 'GET',
  path,
  access: 'read',
  status: 200,
  summary: 'List schedules, the newest first, each as it stands',
  query: z.object({
    /** The whole name. */
    workflow_name: z.string().max(500).optional(),
    /** A key; `current` is the caller's. */
    user_id: z.string().max(500).optional(),
    status: z.enum(['active', 'paused']).optional(),
    /** The beginning of the workflow's name. */
    search: z.string().max(500).optional(),
    /** Without it, as many as fit: 1,000. */
    page_size: wholeNumber({ min: 1, max: 1_000 }).optional(),
    next_page_token: z.string().max(1_000).optional(),
  }),
  response: z.object({ schedules: z.array(schedule), next_page_token: z.string().nullable() }),
  errors: ['WF_1103', 'TEMPORAL_UNAVAILABLE'],
})

export const getSchedule = operation({
  ...shared,
  id: 'getSchedule',
  method: 'GET',
  path: `${path}/{schedule_id}`,
  access: 'read',
  status: 200,
  summary: 'A schedule as it stands: when it will start executions, and what it has started',
  params,
  response: schedule,
  errors: notFound,
})

export const updateSchedule = operation({
  ...shared,
  id: 'updateSchedule',
  method: 'PATCH',
  path: `${path}/{schedule_id}`,
  access: 'write',
  status: 200,
  summary: 'Change a schedule; what is not named stays',
  params,
  body: z.object({ schedule: scheduleChange }),
  response: scheduleIdAnswer,
  errors: ['WORKFLOW_INPUT_INVALID', 'WF_1200', ...notFound],
})

export const deleteSchedule = operation({
  ...shared,
  id: 'deleteSchedule',
  method: 'DELETE',
  path: `${path}/{schedule_id}`,
  access: 'write',
  status: 204,
  summary: 'Delete a schedule; executions that it has started go on',
  params,
  errors: notFound,
})

export const pauseSchedule = operation({
  ...shared,
  id: 'pauseSchedule',
  method: 'POST',
  path: `${path}/{schedule_id}/pause`,
  access: 'write',
  status: 204,
  summary: 'Start nothing until it is resumed',
  params,
  body: note,
  errors: notFound,
})

export const resumeSchedule = operation({
  ...shared,
  id: 'resumeSchedule',
  method: 'POST',
  path: `${path}/{schedule_id}/resume`,
  access: 'write',
  status: 204,
  summary: 'Go on after a pause',
  params,
  body: note,
  errors: notFound,
})

export const triggerSchedule = operation({
  ...shared,
  id: 'triggerSchedule',
  method: 'POST',
  path: `${path}/{schedule_id}/trigger`,
  access: 'write',
  status: 204,
  summary: 'Start an execution now, beside those of the schedule',
  params,
  body: z.object({ overlap: scheduleOverlap.nullish() }).nullish(),
  errors: notFound,
})
