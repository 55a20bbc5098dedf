import assert from 'node:assert/strict'
import { eventually } from '@tramontane/testkit/eventually'
import { workflowSpec } from '@tramontane/testkit/registered-workflows'
import { type AnyClient, type Context, refusesWorkflow } from '../harness/context.ts'
import { registerAsWorker } from '../harness/worker-calls.ts'

export function scheduleTests(context: Context<AnyClient>): void {
  const { client, mark, test } = context
  const workflow = `schedules-${mark.replaceAll(/\W/g, '-')}`
  const schedules = () => client().workflows.schedules
  const input = { city: 'Lyon' }

  test('schedules are made, listed, read, changed and deleted', async () => {
    await registerAsWorker(context, workflow, [workflowSpec(workflow)])
    const definition = {
      input,
      calendars: [
        { hour: [{ start: 9, end: 17, step: 2 }], dayOfWeek: [{ start: 1, end: 5 }], comment: 'office' },
      ],
      intervals: [{ every: 'PT6H', offset: 'PT5M' }],
      cronExpressions: ['0 12 * * *'],
      skip: [{ dayOfMonth: [{ start: 1 }] }],
      startAt: new Date('2035-01-01T00:00:00Z'),
      endAt: new Date('2045-01-01T00:00:00Z'),
      jitter: 'PT3S',
      timeZoneName: 'Europe/Paris',
      policy: { overlap: 2 as const, catchupWindowSeconds: 600, pauseOnFailure: true },
      maxExecutions: 4,
    }
    const { scheduleId } = await schedules().scheduleWorkflow({
      schedule: definition,
      workflowIdentifier: workflow,
      deploymentName: workflow,
    })
    const read = await schedules().getSchedule({ scheduleId })
    assert.deepEqual(
      [
        read.input,
        read.cronExpressions,
        read.intervals,
        read.startAt,
        read.endAt,
        read.jitter,
        read.timeZoneName,
      ],
      [
        input,
        definition.cronExpressions,
        definition.intervals,
        definition.startAt,
        definition.endAt,
        'PT3S',
        'Europe/Paris',
      ],
    )
    assert.deepEqual(read.policy, definition.policy)
    assert.deepEqual(read.calendars?.[0]?.hour, definition.calendars[0]!.hour)
    assert.equal(read.calendars?.[0]?.comment, 'office')
    assert.deepEqual(
      [read.workflowName, read.deploymentName, read.remainingExecutions, read.paused, read.note],
      [workflow, workflow, 4, false, null],
    )
    assert.equal(read.futureExecutions?.length, 4)
    assert.ok(read.futureExecutions?.every(({ scheduledAt }) => scheduledAt >= definition.startAt))

    const updated = await schedules().updateSchedule({
      scheduleId,
      workflowScheduleUpdateRequest: { schedule: { cronExpressions: ['30 7 * * *'], maxExecutions: null } },
    })
    assert.equal(updated.scheduleId, scheduleId)
    const changed = await schedules().getSchedule({ scheduleId })
    assert.deepEqual(
      [changed.cronExpressions, changed.remainingExecutions, changed.jitter],
      [['30 7 * * *'], null, 'PT3S'],
    )
    await refusesWorkflow(
      schedules().scheduleWorkflow({
        schedule: { input, cronExpressions: ['never'] },
        workflowIdentifier: workflow,
      }),
      422,
      'WF_1200',
    )
    await refusesWorkflow(
      schedules().scheduleWorkflow({ schedule: { input, scheduleId }, workflowIdentifier: workflow }),
      409,
      'WF_1202',
    )

    const others: string[] = []
    for (let count = 0; count < 2; count++) {
      const made = await schedules().scheduleWorkflow({
        schedule: { input, intervals: [{ every: 'P1D' }] },
        workflowIdentifier: workflow,
      })
      others.unshift(made.scheduleId)
    }
    const listed: string[] = []
    for await (const page of await schedules().getSchedules({ workflowName: workflow, pageSize: 2 }))
      listed.push(...page.result.schedules.map((schedule) => schedule.scheduleId))
    assert.deepEqual(listed, [...others, scheduleId])
    const mine = await schedules().getSchedules({ search: workflow, userId: 'current', status: 'active' })
    assert.equal(mine.result.schedules.length, 3)

    for (const id of listed) await schedules().unscheduleWorkflow({ scheduleId: id })
    await refusesWorkflow(schedules().getSchedule({ scheduleId }), 404, 'WF_1201')
  })

  test('schedules are paused, resumed and triggered', async () => {
    const { scheduleId } = await schedules().scheduleWorkflow({
      schedule: { input, intervals: [{ every: 'P7D' }] },
      workflowIdentifier: workflow,
    })
    await schedules().pauseSchedule({ scheduleId, workflowSchedulePauseRequest: { note: 'holidays' } })
    const paused = await schedules().getSchedule({ scheduleId })
    assert.deepEqual([paused.paused, paused.note], [true, 'holidays'])
    await schedules().resumeSchedule({ scheduleId })
    assert.equal((await schedules().getSchedule({ scheduleId })).paused, false)
    await schedules().triggerSchedule({ scheduleId })
    const [recent] = await eventually(async () => {
      const { recentExecutions } = await schedules().getSchedule({ scheduleId })
      return recentExecutions?.length === 1 && recentExecutions
    })
    assert.ok(recent!.executionId.startsWith(scheduleId))
    // Temporal names an execution by the second: another one within it would be the same.
    await eventually(async () => {
      await schedules().triggerSchedule({ scheduleId, workflowScheduleTriggerRequest: { overlap: 6 } })
      return (await schedules().getSchedule({ scheduleId })).recentExecutions!.length > 1
    })
    await schedules().unscheduleWorkflow({ scheduleId })
  })
}
