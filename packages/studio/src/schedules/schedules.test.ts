import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { scheduleCalendar } from '@tramontane/contract/schedules'
import { RangeMistake, rangesOf, textOfRanges } from './calendar-ranges.ts'
import { durationOf, secondsOf, spanOf } from './iso-duration.ts'
import { definitionOf, draftOf, EMPTY_CALENDAR, newDraft } from './schedule-draft.ts'
import { calendarInWords, timesInWords } from './schedule-words.ts'

describe('ranges of a calendar', () => {
  it('are typed as in cron expressions, and come back so', () => {
    for (const [text, part, ranges] of [
      ['5', 'minute', [{ start: 5, end: 5, step: 0 }]],
      ['1-5', 'day_of_week', [{ start: 1, end: 5, step: 0 }]],
      ['*/15', 'minute', [{ start: 0, end: 59, step: 15 }]],
      [
        '1,15',
        'day_of_month',
        [
          { start: 1, end: 1, step: 0 },
          { start: 15, end: 15, step: 0 },
        ],
      ],
      ['*', 'month', [{ start: 1, end: 12, step: 0 }]],
      ['*', 'year', []],
    ] as const) {
      assert.deepEqual(rangesOf(text, part), ranges, text)
      assert.equal(textOfRanges([...ranges], part), text)
    }
    assert.deepEqual(rangesOf('', 'hour'), [{ start: 0, end: 0, step: 0 }], 'what is left out is 0')
    assert.deepEqual(rangesOf('10/20', 'minute'), [{ start: 10, end: 59, step: 20 }])
    assert.equal(textOfRanges(scheduleCalendar.parse({}).day_of_week, 'day_of_week'), '*')
  })

  it('say what is wrong with them', () => {
    for (const text of ['x', '60', '5-3', '*/0', '1,', '-1'])
      assert.throws(() => rangesOf(text, 'minute'), RangeMistake, text)
  })
})

describe('spans of time', () => {
  it('are typed in the largest unit that fits, and sent as ISO 8601', () => {
    for (const [iso, amount, unit] of [
      ['P2D', '2', 'days'],
      ['PT36H', '36', 'hours'],
      ['PT90M', '90', 'minutes'],
      ['PT1H30M', '90', 'minutes'],
      ['PT45S', '45', 'seconds'],
    ] as const)
      assert.deepEqual(spanOf(iso), { amount, unit }, iso)
    assert.equal(durationOf({ amount: '2', unit: 'days' }), 'P2D')
    assert.equal(durationOf({ amount: '1.5', unit: 'hours' }), 'PT5400S')
    assert.equal(durationOf({ amount: ' ', unit: 'hours' }), null)
    assert.equal(durationOf({ amount: 'many', unit: 'hours' }), undefined)
    assert.equal(secondsOf('P1W'), 604_800)
    for (const none of ['P', 'PT', '1h', 'P1M']) assert.equal(secondsOf(none), null, none)
  })
})

describe('a schedule in its form', () => {
  const schedule = {
    ...({} as object),
    schedule_id: 's',
    workflow_name: 'w',
    deployment_name: 'd',
    input: null,
    paused: false,
    note: null,
    remaining_executions: 3,
    future_executions: [],
    recent_executions: [],
    cron_expressions: ['0 2 * * *'],
    intervals: [{ every: 'PT6H', offset: 'PT30M' }],
    calendars: [scheduleCalendar.parse({ hour: [{ start: 9 }], day_of_week: [{ start: 1, end: 5 }] })],
    skip: [scheduleCalendar.parse({ month: [{ start: 12 }], comment: 'December' })],
    start_at: '2026-01-01T00:00:00.000Z',
    end_at: null,
    jitter: 'PT10S',
    time_zone_name: 'Europe/Paris',
    policy: { catchup_window_seconds: 3_600, overlap: 2, pause_on_failure: true },
  }

  it('comes out as it went in', () => {
    const made = definitionOf(draftOf(schedule))
    assert.ok('definition' in made, JSON.stringify(made))
    const { definition } = made
    assert.deepEqual(
      {
        ...definition,
        calendars: definition.calendars.map((one) => calendarInWords(one)),
        skip: definition.skip.length,
      },
      {
        cron_expressions: ['0 2 * * *'],
        intervals: [{ every: 'PT6H', offset: 'PT30M' }],
        calendars: ['09:00 on Monday-Friday'],
        skip: 1,
        start_at: '2026-01-01T00:00:00.000Z',
        end_at: null,
        jitter: 'PT10S',
        time_zone_name: 'Europe/Paris',
        max_executions: 3,
        policy: { catchup_window_seconds: 3_600, overlap: 2, pause_on_failure: true },
      },
    )
  })

  it('says what is wrong, and where', () => {
    const draft = newDraft('UTC')
    assert.ok('definition' in definitionOf(draft))
    const wrong = definitionOf({
      ...draft,
      crons: [' '],
      jitter: { amount: 'x', unit: 'seconds' },
      maxExecutions: '-1',
      skip: [{ ...EMPTY_CALENDAR, hour: '25' }],
      startAt: '2026-02-01T00:00',
      endAt: '2026-01-01T00:00',
    })
    assert.ok('mistakes' in wrong)
    assert.deepEqual(Object.keys(wrong.mistakes).sort(), [
      'endAt',
      'jitter',
      'maxExecutions',
      'skip',
      'times',
    ])
  })

  it('is told in words', () => {
    assert.deepEqual(timesInWords(schedule), [
      '0 2 * * *',
      'every 6 h, 30 min later',
      '09:00 on Monday-Friday',
    ])
    assert.equal(calendarInWords(schedule.skip[0]!), 'December')
    assert.equal(
      calendarInWords(
        scheduleCalendar.parse({ minute: [{ start: 0, end: 59, step: 15 }], month: [{ start: 12 }] }),
      ),
      'hour 0 minute */15 month 12',
    )
  })
})
