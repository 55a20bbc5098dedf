import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Cli, cliOf } from '@tramontane/testkit/cli-process'
import { eventually } from '@tramontane/testkit/eventually'
import { startStallableProxy } from '@tramontane/testkit/stallable-proxy'
import {
  startWorkflowScenario,
  testDeployment,
  type WorkflowScenario,
} from '@tramontane/testkit/workflow-scenario'
import pg from 'pg'

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
    assert.match(bad.stderr, /ended as FAILED: on purpose\n/)
    const watched = await cli.succeed(['executions', 'watch', await start('echo'), '--json'])
    assert.deepEqual(typesIn(watched), ['WORKFLOW_EXECUTION_STARTED', 'WORKFLOW_EXECUTION_COMPLETED'])
  })

  it('says why one failed, or was ended', async () => {
    const failed = await start('fail', '--input', '{"message":"the bank\\nis closed"}')
    await scenario.until(failed, 'FAILED')
    assert.match(
      await cli.succeed(['executions', 'get', failed]),
      /^fail {2}FAILED {2}[^\n]+\nstarted [^\n]+\nruns in test-deployment\nerror the bank is closed\n$/,
    )
    assert.equal((await cli.json(['executions', 'get', failed])).message, 'the bank\nis closed')
    const ended = await start('collect')
    await cli.succeed(['executions', 'terminate', ended])
    assert.match(await cli.succeed(['executions', 'get', ended]), /TERMINATED[\s\S]*\nreason by the key/)
  })

  it('says for what an open one waits, and with which error', async () => {
    const [waits, stuck, collect] = await Promise.all([start('waits'), start('stuck'), start('collect')])
    const shows = (id: string, said: RegExp) =>
      eventually(async () => said.test(await cli.succeed(['executions', 'get', id])))
    await shows(
      waits,
      /RUNNING[\s\S]*\nwaits for the activity flakyActivity, attempt 2 of 3 in \d+ min .*; the one before failed: attempt 1 fails\n$/,
    )
    await shows(
      stuck,
      /RUNNING[\s\S]*\nIts code fails \(attempt \d+ to carry it on\): a fault in the code of the workflow\. /,
    )
    await shows(collect, /RUNNING[\s\S]*\nwaits for a timer or a signal\n$/)
    const { state } = await cli.json(['executions', 'get', stuck])
    assert.equal(state.pending_task.last_failure, 'a fault in the code of the workflow')
    await cli.succeed(['executions', 'terminate', waits, stuck, collect])
  })

  it('shows timers, signals, updates and children while it watches', async () => {
    const id = await start('collect')
    const watching = cli.start(['workflows', 'watch', id])
    await cli.succeed(['executions', 'signal', id, 'add', '--input', '{"value":2}'])
    await cli.succeed(['executions', 'update', id, 'append', '--input', '{"value":3}'])
    await cli.succeed(['executions', 'signal', id, 'finish'])
    const { stdout } = await watching.done
    assert.match(stdout, /✓ +signal add .* \{"value":2\}\n/)
    assert.match(stdout, /✓ +update append .* \{"value":3\}\n/)
    assert.match(stdout, /✓ +signal finish /)

    const nap = await cli.succeed([
      'workflows',
      'watch',
      await start('nap', '--input', '{"milliseconds":1500}'),
    ])
    assert.match(nap, /▶ +timer of 1\.5 s [\s\S]*✓ +timer of 1\.5 s /)

    const child = `child-of-${id}`
    const parent = await start('parent', '--input', JSON.stringify({ childId: child, input: 1 }))
    assert.match(
      await cli.succeed(['workflows', 'watch', parent]),
      new RegExp(`▶ +child echo .* ${child}\\n[\\s\\S]*✓ +child echo .* ${child}\\n`),
    )
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
      await eventually(() => /The server at \S+ does not answer; /.test(watching.output().stderr))
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

  it('says that no worker takes an execution up, and that its code fails, while it watches', async () => {
    await scenario.register('nobody-there')
    const database = new pg.Client({ connectionString: scenario.server.databaseUrl })
    await database.connect()
    await database.query(`update deployment_workers set last_seen_at = now() - interval '1 minute'`)
    await database.end()
    const alone = await start('echo', '--deployment', 'nobody-there')
    const watching = cli.start(['workflows', 'watch', alone])
    await eventually(() =>
      /No worker has taken it up for \d+\.\d s: none runs for the deployment nobody-there\./.test(
        watching.output().stderr,
      ),
    )
    assert.match(watching.output().stderr, new RegExp(`executions terminate ${alone}\n`))
    assert.match(watching.output().stdout, /▶ echo /)
    const worker = await scenario.startWorker('nobody-there')
    assert.equal((await watching.done).exitCode, 0)
    await worker.stop()

    const ambiguous = await cli.run(['workflows', 'execute', 'stuck'])
    assert.match(ambiguous.stderr, /Several deployments run stuck: name one with --deployment\./)
    const stuck = await start('stuck', '--deployment', testDeployment)
    const failing = cli.start(['workflows', 'watch', stuck, '--json'])
    await eventually(() =>
      failing.output().stderr.includes('): a fault in the code of the workflow. A worker'),
    )
    await cli.succeed(['executions', 'terminate', stuck])
    const { exitCode, stderr } = await failing.done
    assert.equal(exitCode, 1)
    assert.equal(stderr.match(/Its code fails/g)?.length, 1, 'it is said once')
  })
})
