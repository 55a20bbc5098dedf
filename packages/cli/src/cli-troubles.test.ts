import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { TemporalConnection } from '@tramontane/server/platform/temporal/temporal-connection'
import { type Cli, cliOf } from '@tramontane/testkit/cli-process'
import { eventually } from '@tramontane/testkit/eventually'
import { type StallableProxy, startStallableProxy } from '@tramontane/testkit/stallable-proxy'
import { testTemporal } from '@tramontane/testkit/test-temporal'
import { startWorkflowScenario, type WorkflowScenario } from '@tramontane/testkit/workflow-scenario'

/** `CommandType` of Temporal's API. */
const SCHEDULE_ACTIVITY = 1
const START_CHILD = 11

/** On a queue where nobody works. */
const ACTIVITY = {
  commandType: SCHEDULE_ACTIVITY,
  scheduleActivityTaskCommandAttributes: {
    activityId: '1',
    activityType: { name: 'charge' },
    taskQueue: { name: 'nobody' },
    startToCloseTimeout: { seconds: 60 as never },
  },
}

/** What a plain client of Temporal may call things: it sets the title of the terminal's window. */
const STEERING = '\x1b]0;taken over\x07'

describe('what keeps an execution from getting on', () => {
  let scenario: WorkflowScenario
  let cli: Cli
  let proxy: StallableProxy
  let temporal: TemporalConnection
  before(async () => {
    proxy = await startStallableProxy(`tcp://${testTemporal()}`)
    scenario = await startWorkflowScenario({ temporalAddress: new URL(proxy.url).host })
    await scenario.startWorker()
    cli = cliOf(scenario.server)
    temporal = new TemporalConnection({ address: testTemporal(), tls: null, apiKey: null })
  })
  after(async () => {
    await temporal.close()
    await scenario.close()
    await proxy.close()
  })

  /** Starts an execution whose worker is this test. */
  const start = async (taskSeconds: number) => {
    const id = `by-hand-${randomUUID()}${STEERING}`
    const { namespace } = scenario
    const queue = `of-${id}`
    await temporal.workflowService.startWorkflowExecution({
      namespace,
      workflowId: id,
      requestId: randomUUID(),
      workflowType: { name: `hand${STEERING}` },
      taskQueue: { name: queue },
      workflowTaskTimeout: { seconds: taskSeconds as never },
    })
    const take = () =>
      eventually(async () => {
        const { taskToken } = await temporal.workflowService.pollWorkflowTaskQueue({
          namespace,
          taskQueue: { name: queue },
          identity: 'test',
        })
        return taskToken?.length ? taskToken : undefined
      })
    const answer = async (...commands: object[]) =>
      temporal.workflowService.respondWorkflowTaskCompleted({ namespace, taskToken: await take(), commands })
    const said = async () => {
      const text = await cli.succeed(['executions', 'get', id])
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those that must not be there
      assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
      return text
    }
    return { id, take, answer, said }
  }

  it('is no fault of the code when its worker was killed', async () => {
    const { id, take, said } = await start(1)
    await take()
    const task = await eventually(async () => {
      const { pending_task: task } = (await cli.json(['executions', 'get', id])).state
      return task?.attempt > 1 && task
    })
    assert.equal(task.last_failure, null)
    await eventually(async () => /\nNo worker has taken it up for /.test(await said()))
    assert.doesNotMatch(await said(), /code fails/)
  })

  it('is told without what would steer the terminal, also of children', async () => {
    const { said, answer } = await start(10)
    const child = {
      workflowId: `child-${randomUUID()}${STEERING}`,
      workflowType: { name: 'echo' },
      taskQueue: { name: 'nobody' },
    }
    await answer({ commandType: START_CHILD, startChildWorkflowExecutionCommandAttributes: child })
    await eventually(async () => /\nwaits for the child echo, child-\S+ \]0;taken over\n/.test(await said()))
  })

  it('is an activity that nobody takes up, while a worker carries the execution itself on', async () => {
    const { id, take, answer, said } = await start(60)
    await answer(ACTIVITY)
    await temporal.workflowService.signalWorkflowExecution({
      namespace: scenario.namespace,
      workflowExecution: { workflowId: id },
      signalName: 'anything',
    })
    await take()
    await eventually(async () => /\nNo worker has taken its activity charge up for /.test(await said()))
  })

  it('is known of one that has ended, also while the engine is away', async () => {
    const { execution_id: id } = await cli.json([
      'workflows',
      'execute',
      'fail',
      '--input',
      '{"message":"no money"}',
    ])
    await scenario.until(id, 'FAILED')
    proxy.cut()
    try {
      assert.match(await cli.succeed(['executions', 'get', id]), /\nerror no money\n$/)
      assert.equal((await cli.json(['executions', 'get', id])).state, null)
    } finally {
      proxy.resume()
    }
  })
})
