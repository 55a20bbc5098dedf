import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Cli, cliOf } from '@tramontane/testkit/cli-process'
import { eventually } from '@tramontane/testkit/eventually'
import { startStallableProxy } from '@tramontane/testkit/stallable-proxy'
import { startWorkflowScenario, type WorkflowScenario } from '@tramontane/testkit/workflow-scenario'

function typesIn(frames: string): string[] {
  return frames
    .trim()
    .split('\n')
    .map((frame) => JSON.parse(frame).data.event_type)
}

describe('executions on the command line', () => {
  let scenario: WorkflowScenario
  let cli: Cli
  before(async () => {
    scenario = await startWorkflowScenario()
    await scenario.startWorker()
    cli = cliOf(scenario.server)
  })
  after(() => scenario.close())

  const start = async (workflow: string, ...args: string[]): Promise<string> =>
    (await cli.json(['workflows', 'execute', workflow, ...args])).execution_id

  it('starts one, steers it and shows what it gave back', async () => {
    const id = await start('collect', '--input', '{"values":[1]}', '--id', 'collected-by-hand')
    assert.equal(id, 'collected-by-hand')
    await cli.succeed(['executions', 'signal', id, 'add', '--input', '{"value":2}'])
    await eventually(async () => {
      const { result } = await cli.json(['executions', 'query', id, 'values'])
      return result.length === 2
    })
    const file = path.join(scenario.server.dataDir, 'input.json')
    await writeFile(file, '{"value":3}')
    await cli.succeed(['executions', 'update', id, 'append', '--input', `@${file}`])
    await cli.succeed(['executions', 'signal', id, 'finish'])
    await scenario.until(id, 'COMPLETED')
    assert.match(await cli.succeed(['executions', 'get', id]), /^collect {2}COMPLETED[\s\S]*result .*1,2,3/)
    assert.match(await cli.succeed(['executions', 'history', id]), / 1 .*WORKFLOW_EXECUTION_STARTED/)
    const [listed] = await cli.json(['executions', 'list', '--workflow', 'collect', '--search', id])
    assert.equal(listed.execution_id, id)
  })

  it('watches one to its end, and tells success from failure by the exit code', async () => {
    const good = await cli.run(['workflows', 'execute', 'echo', '--input', '{"a":"b"}', '--watch'])
    assert.equal(good.exitCode, 0, good.stderr)
    assert.match(good.stdout, /▶ echo[\s\S]*✓ echo[\s\S]*\nCOMPLETED {2}.*"a":"b"/)
    const bad = await cli.run([
      'workflows',
      'execute',
      'fail',
      '--input',
      '{"message":"on purpose"}',
      '--watch',
    ])
    assert.equal(bad.exitCode, 1)
    assert.match(bad.stdout, /✗ fail .*on purpose/)
    assert.match(bad.stderr, /ended as FAILED/)
    const watched = await cli.succeed(['workflows', 'watch', await start('echo'), '--json'])
    assert.deepEqual(typesIn(watched), ['WORKFLOW_EXECUTION_STARTED', 'WORKFLOW_EXECUTION_COMPLETED'])
  })

  it('goes on watching when the connection breaks and comes back, with nothing lost or shown twice', async () => {
    const id = await start('collect')
    const proxy = await startStallableProxy(scenario.server.url)
    try {
      const watching = cli.start(['workflows', 'watch', id, '--json'], { env: { TRAMONTANE_URL: proxy.url } })
      const openStreams = async () =>
        /^tramontane_open_streams(?:\{.*\})? (\d+)/m.exec((await scenario.call('GET', '/metrics')).body)?.[1]
      await eventually(async () => Number(await openStreams()) === 1)
      proxy.cut()
      await cli.succeed(['executions', 'signal', id, 'finish'])
      await scenario.until(id, 'COMPLETED')
      proxy.resume()
      const { exitCode, stdout } = await watching.done
      assert.equal(exitCode, 0)
      assert.deepEqual(typesIn(stdout), ['WORKFLOW_EXECUTION_STARTED', 'WORKFLOW_EXECUTION_COMPLETED'])
    } finally {
      await proxy.close()
    }
  })

  it('ends many at once, and says of each what became of it', async () => {
    const ids = await Promise.all([start('collect'), start('collect')])
    const run = await cli.run(['executions', 'terminate', ...ids, 'nobody'])
    assert.equal(run.exitCode, 1)
    for (const id of ids) assert.match(run.stdout, new RegExp(`${id} +terminated`))
    assert.match(run.stdout, /nobody .*No execution has the id/)
    assert.match(run.stderr, /1 of 3 could not be ended/)
    const open = await start('collect')
    await cli.succeed(['executions', 'cancel', open])
    await scenario.until(open, 'CANCELED')
  })

  it('resets one to an event of its history', async () => {
    const id = await start('collect', '--input', '{"values":[5]}')
    const events = await eventually(async () => {
      const history = await cli.json(['executions', 'history', id])
      return history.events.filter(
        ({ eventType }: { eventType: string }) => eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED',
      )
    })
    const before = await cli.json(['executions', 'get', id])
    await cli.succeed(['executions', 'reset', id, '--event', events[0].eventId, '--reason', 'again'])
    await eventually(async () => (await cli.json(['executions', 'get', id])).run_id !== before.run_id)
    const wrong = await cli.run(['executions', 'reset', id, '--event', '2'])
    assert.match(wrong.stderr, /WF_1001/)
    await cli.succeed(['executions', 'terminate', id])
  })

  it('says what is wrong with an input', async () => {
    for (const [input, said] of [
      ['{', /--input is no JSON/],
      ['[1]', /--input must be a JSON object/],
      ['@nowhere.json', /--input: ENOENT/],
    ] as const) {
      const { exitCode, stderr } = await cli.run(['workflows', 'execute', 'echo', '--input', input])
      assert.equal(exitCode, 2)
      assert.match(stderr, said)
    }
  })
})
