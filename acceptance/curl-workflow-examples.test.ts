import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { executionStatus } from '@tramontane/contract/executions'
import { startWorkflowScenario, type WorkflowScenario } from '@tramontane/testkit/workflow-scenario'

const path = '/v1/workflows/executions'
/** What the page prints of an execution. */
const EXECUTION = [
  'end_time',
  'execution_id',
  'result',
  'root_execution_id',
  'start_time',
  'status',
  'workflow_name',
]
/** The page's commands name the type of a body also where they send none. */
const JSON_TYPE = { 'content-type': 'application/json' }

describe('the examples of the page on executions, as curl sends them', () => {
  let scenario: WorkflowScenario
  let open: string
  before(async () => {
    scenario = await startWorkflowScenario()
    await scenario.startWorker()
    open = (await scenario.execute('collect')).body.execution_id
  })
  after(() => scenario.close())

  const hasKeys = (body: object, keys: readonly string[]) => {
    for (const key of keys) assert.ok(key in body, `${key} is answered`)
  }
  const start = async (workflow = 'collect') => (await scenario.execute(workflow)).body.execution_id as string

  it('GET an execution answers 200', async () => {
    const { status, body } = await scenario.call('GET', `${path}/${open}`)
    assert.equal(status, 200)
    hasKeys(body, EXECUTION)
    assert.equal(body.status, 'RUNNING')
    assert.equal(body.end_time, null)
  })

  it('GET its history answers 200', async () => {
    const { status, body } = await scenario.call('GET', `${path}/${open}/history`)
    assert.equal(status, 200)
    assert.equal(body.events[0].eventType, 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED')
  })

  it('POST signals answers 202', async () => {
    const body = { name: 'add', input: { value: 1 } }
    const answer = await scenario.call('POST', `${path}/${open}/signals`, { body })
    assert.equal(answer.status, 202)
    assert.deepEqual(answer.body, { message: 'Signal accepted' })
  })

  it('POST queries answers 200', async () => {
    const answer = await scenario.call('POST', `${path}/${open}/queries`, { body: { name: 'values' } })
    assert.equal(answer.status, 200)
    assert.equal(answer.body.query_name, 'values')
    assert.ok('result' in answer.body)
  })

  it('POST updates answers 200', async () => {
    const body = { name: 'append', input: { value: 2 } }
    const answer = await scenario.call('POST', `${path}/${open}/updates`, { body })
    assert.equal(answer.status, 200)
    assert.deepEqual(answer.body, { update_name: 'append', result: { count: 2 } })
  })

  for (const [what, keys] of [
    ['otel', ['data_source']],
    ['summary', []],
    ['events', []],
  ] as const) {
    it(`GET trace/${what} answers 200`, async () => {
      const { status, body } = await scenario.call('GET', `${path}/${open}/trace/${what}`)
      assert.equal(status, 200)
      hasKeys(body, [...EXECUTION, ...keys])
    })
  }

  it('POST reset answers 204', async () => {
    const { body } = await scenario.call('GET', `${path}/${open}/trace/events?include_internal_events=true`)
    assert.ok(body.events.length > 0)
    const history = await scenario.call('GET', `${path}/${open}/history`)
    const completed = history.body.events.find(
      ({ eventType }: { eventType: string }) => eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED',
    )
    const answer = await scenario.call('POST', `${path}/${open}/reset`, {
      body: { event_id: Number(completed.eventId) },
    })
    assert.equal(answer.status, 204)
    const wrong = await scenario.call('POST', `${path}/${open}/reset`, { body: { event_id: 87_000 } })
    assert.equal(wrong.status, 422)
    assert.equal(wrong.body.code, 'WF_1001')
    assert.ok(wrong.body.valid_reset_events.length > 0)
  })

  it('POST cancel and terminate answer 204', async () => {
    const [canceled, terminated] = [await start(), await start()]
    for (const [id, verb, end] of [
      [canceled, 'cancel', 'CANCELED'],
      [terminated, 'terminate', 'TERMINATED'],
    ] as const) {
      const answer = await scenario.call('POST', `${path}/${id}/${verb}`, { headers: JSON_TYPE })
      assert.equal(answer.status, 204, JSON.stringify(answer.body))
      assert.equal((await scenario.until(id, end)).status, executionStatus.enum[end])
    }
  })

  it('POST cancel and terminate of several answer 200', async () => {
    for (const verb of ['cancel', 'terminate']) {
      const id = await start()
      const answer = await scenario.call('POST', `${path}/${verb}`, { body: { execution_ids: [id] } })
      assert.equal(answer.status, 200)
      assert.deepEqual(answer.body.results[id], { status: 'success', error: null })
    }
  })

  it('GET stream answers 200, and ends with the execution', async () => {
    const id = await start('echo')
    const { status, body, headers } = await scenario.call('GET', `${path}/${id}/stream`)
    assert.equal(status, 200)
    assert.match(headers.get('content-type') ?? '', /^text\/event-stream/)
    assert.match(body, /WORKFLOW_EXECUTION_COMPLETED/)
  })
})
