import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startWorkerScenario } from '@tramontane/testkit/worker-scenario'
import { preparePython } from './harness/python.ts'

const FOLDER = path.join(import.meta.dirname, 'python/workflows')

describe('workflows in two languages', () => {
  it('start each other as children, and use the results', { timeout: 600_000 }, async (test) => {
    const prepared = await preparePython({
      atLeast: [3, 12],
      requirements: path.join(FOLDER, 'requirements.txt'),
    })
    if ('missing' in prepared) {
      test.skip(`skipped: ${prepared.missing}`)
      return
    }
    const scenario = await startWorkerScenario()
    test.after(() => scenario.close())
    await scenario.startWorker({ workflows: import.meta.resolve('./harness/children-workflows.ts') })
    const python = spawn(prepared.python, [path.join(FOLDER, 'children.py')], {
      env: {
        PATH: process.env.PATH,
        SERVER_URL: scenario.server.url,
        MISTRAL_API_KEY: scenario.workerKey,
        DEPLOYMENT_NAME: 'python-children',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [python.stdout, python.stderr])
      stream.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-20_000)
      })
    try {
      await eventually(
        async () => (await scenario.call('GET', '/v1/workflows/python-parent')).status === 200,
        { timeoutMs: 120_000 },
      )
      assert.deepEqual(await scenario.result('typescript-parent', { text: 'hello there' }), {
        summary: 'hello',
        length: 11,
        loud: 'HELLO THERE',
      })
      assert.deepEqual(await scenario.result('python-parent', { text: 'Ada' }), { result: 'Hello, Ada!' })
    } catch (error) {
      throw new Error(`the Python worker said last:\n${output}`, { cause: error })
    } finally {
      if (python.exitCode === null) {
        python.kill('SIGKILL')
        await once(python, 'exit')
      }
    }
  })
})
