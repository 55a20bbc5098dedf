import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { rememberRateLimit } from './rate-limit.ts'
import { type AnyWorkflow, workflow } from './workflow-definition.ts'
import { exportedWorkflows, workflowSpec } from './workflow-spec.ts'

const run = async () => {}
const spec = (definition: unknown) => workflowSpec(definition as AnyWorkflow, 'd')

describe('a definition of a workflow', () => {
  it('is told with its schemas, and durations in ISO 8601', () => {
    const told = spec(
      workflow({
        name: 'order',
        input: z.object({ id: z.string().describe('whose'), count: z.int().default(1) }),
        output: z.array(z.string()),
        signals: { stop: { description: 'Stops.' } },
        queries: { count: { output: z.number() } },
        executionTimeout: '3 days',
        schedules: [
          { id: 'early', every: '90 minutes', input: { id: 'x' }, overlap: 'allowAll', jitter: '30s' },
          { id: 'late', calendars: [{ hour: [1, 2], dayOfWeek: { start: 1, end: 5 } }], input: { id: 'y' } },
        ],
        run: async () => [],
      }),
    )
    assert.equal(told.execution_timeout, 'PT259200S')
    assert.deepEqual(told.input_schema?.required, ['id'])
    assert.deepEqual(told.output_schema, {
      type: 'object',
      properties: { result: { type: 'array', items: { type: 'string' } } },
      required: ['result'],
    })
    assert.deepEqual(told.signals, [
      {
        name: 'stop',
        description: 'Stops.',
        input_schema: { type: 'object', properties: {} },
        output_schema: null,
      },
    ])
    const [early, late] = told.schedules as Record<string, unknown>[]
    assert.deepEqual(early!.intervals, [{ every: 'PT5400S', offset: null }])
    assert.equal(early!.jitter, 'PT30S')
    assert.equal((early!.policy as { overlap: number }).overlap, 6)
    assert.deepEqual((late!.calendars as Record<string, unknown>[])[0]!.hour, [
      { start: 1, end: 1, step: 1 },
      { start: 2, end: 2, step: 1 },
    ])
    assert.deepEqual((late!.calendars as Record<string, unknown>[])[0]!.minute, [
      { start: 0, end: 0, step: 1 },
    ])
  })

  it('is refused with the cause and the cure', () => {
    const refusals: [() => unknown, RegExp][] = [
      [() => workflow({ name: 'my workflow', run }), /letters, digits/],
      [() => workflow({ name: 'schedules', run }), /reserved.*another one/],
      [() => workflow({ name: '__mine', run }), /reserved/],
      [() => workflow({ name: 'a', signals: { x: {} }, queries: { x: {} }, run }), /two handlers named "x"/],
      [() => workflow({ name: 'a', updates: { __submit_input: {} }, run }), /reserved/],
      [() => workflow({ name: 'a' } as never), /no function `run`/],
      [() => spec(workflow({ name: 'a', input: z.string() as never, run })), /not an object.*z\.object/],
      [() => spec(workflow({ name: 'a', executionTimeout: 'soon' as never, run })), /no duration/],
      [() => spec(workflow({ name: 'a', schedules: [{ id: 's' }], run })), /no times: give it `cron`/],
      [
        () =>
          spec(
            workflow({
              name: 'a',
              input: z.object({ n: z.number() }),
              schedules: [{ id: 's', every: '1 hour', input: { n: 'x' as never } }],
              run,
            }),
          ),
        /input of the schedule "s".*does not fit/s,
      ],
      [() => exportedWorkflows({ other: 1 }, '/w.ts'), /exports no workflow/],
      [
        () =>
          exportedWorkflows({ a: workflow({ name: 'a', run }), b: workflow({ name: 'a', run }) }, '/w.ts'),
        /two workflows named "a"/,
      ],
      [() => rememberRateLimit({ key: 'a b', max: 1, per: '1s' }), /cannot work/],
      [
        () => {
          rememberRateLimit({ key: 'twice', max: 1, per: '1s' })
          rememberRateLimit({ key: 'twice', max: 60, per: '1m' })
          rememberRateLimit({ key: 'twice', max: 2, per: '1s' })
        },
        /declared twice/,
      ],
    ]
    for (const [make, message] of refusals) assert.throws(make, { name: 'DefinitionError', message })
  })

  it('is found once, also if it is exported under two names', () => {
    const a = workflow({ name: 'a', run })
    assert.deepEqual(exportedWorkflows({ a, default: a, other: 1 }, '/w.ts'), [a])
  })
})
