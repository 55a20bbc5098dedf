import { msToTs } from '@temporalio/common/lib/time.js'
import type { temporal as api } from '@temporalio/proto'
import { decodePayload, type TemporalPayload } from '@tramontane/contract/workflow-payload'
import { dateOf } from './run-info.ts'
import type { WorkspaceTemporal } from './temporal.ts'
import { plainPayload } from './workflow-calls.ts'

/** Numbers from `start` to `end`, both included, in steps. */
export interface CalendarRange {
  readonly start: number
  readonly end: number
  readonly step: number
}

const CALENDAR_PARTS = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'year', 'dayOfWeek'] as const

/** Times of the calendar: those that fit a range of each part. No range for the year means every year. */
export type CalendarTimes = Readonly<Record<(typeof CALENDAR_PARTS)[number], readonly CalendarRange[]>> & {
  readonly comment: string | null
}

/** When a schedule starts an execution. */
export interface Times {
  readonly calendars: readonly CalendarTimes[]
  readonly intervals: readonly { readonly everySeconds: number; readonly offsetSeconds: number }[]
  /** Temporal answers them as calendars, or intervals. */
  readonly cronExpressions: readonly string[]
  readonly skip: readonly CalendarTimes[]
  readonly startAt: Date | null
  readonly endAt: Date | null
  readonly jitterSeconds: number
  /** Empty: UTC. */
  readonly timeZone: string
}

export interface Policies {
  /** `ScheduleOverlapPolicy` of Temporal's API, 1 to 6. */
  readonly overlap: number
  readonly catchupSeconds: number
  readonly pauseOnFailure: boolean
}

export interface ScheduleState {
  readonly paused: boolean
  /** Empty: none. */
  readonly note: string
  /** Executions that it may still start; null: any number. */
  readonly remaining: number | null
}

/** What a schedule starts. */
export interface ScheduledStart {
  /** The ids of its executions begin with it; the time comes behind. */
  readonly executionId: string
  readonly workflowName: string
  readonly taskQueue: string
  readonly input: TemporalPayload
  readonly timeoutSeconds: number
  /** Texts, under names that the namespace has. */
  readonly searchAttributes: Readonly<Record<string, string>>
}

/** A schedule as it is made or changed. */
export interface ScheduleToBe {
  readonly times: Times
  readonly policies: Policies
  readonly state: ScheduleState
  readonly start: ScheduledStart
  /** JSON that Temporal keeps with the schedule, and changes together with it. */
  readonly kept: unknown
}

/** A schedule as it stands. */
export interface DescribedSchedule extends ScheduleToBe {
  readonly createdAt: Date
  /** The next ten, the earliest first. */
  readonly futureTimes: readonly Date[]
  /** The last ten, the newest last. */
  readonly recent: readonly {
    readonly scheduledAt: Date
    readonly startedAt: Date
    readonly executionId: string
  }[]
  /** Of this state; a change that brings another one is passed over. */
  readonly conflictToken: Uint8Array
  /** As Temporal has it, with what is not named above. */
  readonly original: api.api.schedule.v1.ISchedule
}

/** Where the kept JSON lies: what else Temporal keeps with a schedule cannot be changed later. Workers pass over it. */
const KEPT = 'x-tramontane-schedule'
const IDENTITY = 'tramontane'
const MAX_PAGE = 1_000
const SECOND = 1_000

type Spec = api.api.schedule.v1.IScheduleSpec
type Calendar = api.api.schedule.v1.IStructuredCalendarSpec

function toCalendar({ comment, ...parts }: CalendarTimes): Calendar {
  return { ...(parts as unknown as Calendar), comment: comment ?? undefined }
}

function fromCalendar(calendar: Calendar): CalendarTimes {
  const parts = CALENDAR_PARTS.map((part) => [
    part,
    (calendar[part] ?? []).map(({ start, end, step }) => ({
      start: start ?? 0,
      end: end ?? 0,
      step: step ?? 0,
    })),
  ])
  return { ...Object.fromEntries(parts), comment: calendar.comment || null }
}

function toSpec(times: Times): Spec {
  return {
    structuredCalendar: times.calendars.map(toCalendar),
    interval: times.intervals.map(({ everySeconds, offsetSeconds }) => ({
      interval: msToTs(everySeconds * SECOND),
      phase: msToTs(offsetSeconds * SECOND),
    })),
    cronString: [...times.cronExpressions],
    excludeStructuredCalendar: times.skip.map(toCalendar),
    startTime: times.startAt && msToTs(times.startAt.getTime()),
    endTime: times.endAt && msToTs(times.endAt.getTime()),
    jitter: msToTs(times.jitterSeconds * SECOND),
    timezoneName: times.timeZone,
  }
}

function secondsOf(duration: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return Number(duration?.seconds ?? 0) + (duration?.nanos ?? 0) / 1e9
}

function fromSpec(spec: Spec): Times {
  return {
    calendars: (spec.structuredCalendar ?? []).map(fromCalendar),
    intervals: (spec.interval ?? []).map(({ interval, phase }) => ({
      everySeconds: secondsOf(interval),
      offsetSeconds: secondsOf(phase),
    })),
    cronExpressions: [],
    skip: (spec.excludeStructuredCalendar ?? []).map(fromCalendar),
    startAt: spec.startTime ? dateOf(spec.startTime) : null,
    endAt: spec.endTime ? dateOf(spec.endTime) : null,
    jitterSeconds: secondsOf(spec.jitter),
    timeZone: spec.timezoneName ?? '',
  }
}

function toSchedule({ times, policies, state, start, kept }: ScheduleToBe): api.api.schedule.v1.ISchedule {
  const attributes = Object.entries(start.searchAttributes).map(([name, text]) => [name, plainPayload(text)])
  return {
    spec: toSpec(times),
    policies: {
      overlapPolicy: policies.overlap,
      catchupWindow: msToTs(policies.catchupSeconds * SECOND),
      pauseOnFailure: policies.pauseOnFailure,
    },
    state: {
      paused: state.paused,
      notes: state.note,
      limitedActions: state.remaining !== null,
      // A number is written as well as the Long that the types ask for.
      remainingActions: (state.remaining ?? 0) as never,
    },
    action: {
      startWorkflow: {
        workflowId: start.executionId,
        workflowType: { name: start.workflowName },
        taskQueue: { name: start.taskQueue },
        input: { payloads: [start.input] },
        workflowExecutionTimeout: msToTs(Math.ceil(start.timeoutSeconds * SECOND)),
        searchAttributes: { indexedFields: Object.fromEntries(attributes) },
        header: { fields: { [KEPT]: plainPayload(kept) } },
      },
    },
  }
}

/** What a plain payload holds; undefined if there is none, or it is none. */
function plainValue(payload: unknown): unknown {
  const decoded = payload ? decodePayload(payload as TemporalPayload) : undefined
  return decoded?.kind === 'value' ? decoded.value : undefined
}

function texts(fields: Record<string, unknown> | null | undefined): Record<string, string> {
  const values = Object.entries(fields ?? {}).map(([name, payload]) => [name, plainValue(payload)] as const)
  return Object.fromEntries(values.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/**
 * Makes a schedule.
 * @param requestId making it again with the same one changes nothing
 * @throws an error of gRPC; see `isInUse`, `isRefused`
 */
export async function createSchedule(
  temporal: WorkspaceTemporal,
  scheduleId: string,
  schedule: ScheduleToBe,
  requestId: string,
): Promise<void> {
  await temporal.workflowService.createSchedule({
    namespace: temporal.namespace,
    identity: IDENTITY,
    scheduleId,
    schedule: toSchedule(schedule),
    requestId,
  })
}

/** How a schedule stands. @throws an error of gRPC; see `isNotFound` */
export async function describeSchedule(
  temporal: WorkspaceTemporal,
  scheduleId: string,
): Promise<DescribedSchedule> {
  const { schedule, info, conflictToken } = await temporal.workflowService.describeSchedule({
    namespace: temporal.namespace,
    scheduleId,
  })
  const start = schedule?.action?.startWorkflow
  const { state, policies } = schedule ?? {}
  return {
    times: fromSpec(schedule?.spec ?? {}),
    policies: {
      overlap: policies?.overlapPolicy ?? 1,
      catchupSeconds: secondsOf(policies?.catchupWindow),
      pauseOnFailure: policies?.pauseOnFailure ?? false,
    },
    state: {
      paused: state?.paused ?? false,
      note: state?.notes ?? '',
      remaining: state?.limitedActions ? Number(state.remainingActions ?? 0) : null,
    },
    start: {
      executionId: start?.workflowId ?? '',
      workflowName: start?.workflowType?.name ?? '',
      taskQueue: start?.taskQueue?.name ?? '',
      input: (start?.input?.payloads?.[0] ?? {}) as TemporalPayload,
      timeoutSeconds: secondsOf(start?.workflowExecutionTimeout),
      searchAttributes: texts(start?.searchAttributes?.indexedFields),
    },
    kept: plainValue(start?.header?.fields?.[KEPT]),
    createdAt: info?.createTime ? dateOf(info.createTime) : new Date(0),
    futureTimes: (info?.futureActionTimes ?? []).map(dateOf),
    recent: (info?.recentActions ?? []).flatMap(({ scheduleTime, actualTime, startWorkflowResult }) =>
      scheduleTime && actualTime && startWorkflowResult?.workflowId
        ? [
            {
              scheduledAt: dateOf(scheduleTime),
              startedAt: dateOf(actualTime),
              executionId: startWorkflowResult.workflowId,
            },
          ]
        : [],
    ),
    conflictToken,
    original: schedule ?? {},
  }
}

/**
 * Replaces a schedule, but for what cannot be said here and somebody else may have set. Temporal says nothing when it passes the change over, because the schedule has changed since
 * `conflictToken` was read: who wants to know describes it again.
 * @throws an error of gRPC; see `isNotFound`, `isClosed`, `isRefused`
 */
export async function replaceSchedule(
  temporal: WorkspaceTemporal,
  scheduleId: string,
  schedule: ScheduleToBe,
  { conflictToken, original }: Pick<DescribedSchedule, 'conflictToken' | 'original'>,
  requestId: string,
): Promise<void> {
  const { spec, policies, state, action } = toSchedule(schedule)
  const [before, after] = [original.action?.startWorkflow, action?.startWorkflow]
  const header = { fields: { ...before?.header?.fields, ...after?.header?.fields } }
  await temporal.workflowService.updateSchedule({
    namespace: temporal.namespace,
    identity: IDENTITY,
    scheduleId,
    schedule: {
      spec,
      state,
      policies: { ...original.policies, ...policies },
      action: { startWorkflow: { ...before, ...after, header } },
    },
    conflictToken,
    requestId,
  })
}

/** @throws an error of gRPC; see `isNotFound`, `isClosed` */
export async function deleteSchedule(temporal: WorkspaceTemporal, scheduleId: string): Promise<void> {
  await temporal.workflowService.deleteSchedule({
    namespace: temporal.namespace,
    identity: IDENTITY,
    scheduleId,
  })
}

/** What can be done to a schedule beside changing it. A note may not be empty; `overlap` 0 is the schedule's own. */
export type SchedulePatch =
  | { readonly pause: string }
  | { readonly unpause: string }
  | { readonly triggerImmediately: { readonly overlapPolicy: number } }

/** @throws an error of gRPC; see `isNotFound`, `isClosed` */
export async function patchSchedule(
  temporal: WorkspaceTemporal,
  scheduleId: string,
  patch: SchedulePatch,
  requestId: string,
): Promise<void> {
  await temporal.workflowService.patchSchedule({
    namespace: temporal.namespace,
    identity: IDENTITY,
    scheduleId,
    patch,
    requestId,
  })
}

/**
 * The ids of the schedules that Temporal lists, which may be a moment behind.
 * @param limit more are not given
 */
export async function listScheduleIds(temporal: WorkspaceTemporal, limit: number): Promise<string[]> {
  const ids: string[] = []
  let nextPageToken: Uint8Array | undefined
  do {
    const page = await temporal.workflowService.listSchedules({
      namespace: temporal.namespace,
      maximumPageSize: Math.min(MAX_PAGE, limit - ids.length),
      nextPageToken,
    })
    ids.push(...page.schedules.map(({ scheduleId }) => scheduleId ?? ''))
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined
  } while (nextPageToken && ids.length < limit)
  return ids.filter(Boolean)
}
