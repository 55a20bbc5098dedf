import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { eventually } from '@tramontane/testkit/eventually'
import { testTemporalBin } from '@tramontane/testkit/test-temporal'
import { preparePython } from './harness/python.ts'
import { startServerProcess } from './harness/server-process.ts'

const run = promisify(execFile)
const FOLDER = path.join(import.meta.dirname, 'python/workflows')
const REQUIREMENTS = path.join(FOLDER, 'requirements.txt')
const PATTERNS = 12

/** The official SDK's worker, as a process of its own. */
class PythonWorker {
  readonly #child: ChildProcess
  output = ''

  constructor(python: string, server: { url: string; key: string }) {
    this.#child = spawn(python, [path.join(FOLDER, 'worker.py')], {
      env: {
        PATH: process.env.PATH,
        SERVER_URL: server.url,
        MISTRAL_API_KEY: server.key,
        DEPLOYMENT_NAME: 'python-patterns',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-20_000)
      })
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGTERM')
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), 20_000)
    await once(this.#child, 'exit')
    clearTimeout(patience)
  }
}

describe('the official Python worker SDK', () => {
  it('runs unmodified: every pattern, from start to end', { timeout: 600_000 }, async (test) => {
    const wanted = (await readFile(REQUIREMENTS, 'utf8')).trim()
    const prepared = await preparePython({
      atLeast: [3, 12],
      requirements: REQUIREMENTS,
    })
    if ('missing' in prepared) {
      test.skip(`skipped: ${wanted}: ${prepared.missing}`)
      return
    }
    const server = await startServerProcess('http://127.0.0.1:9/v1', { temporalBin: testTemporalBin() })
    // On a busy machine the engine is there long after the server, and the official worker ends when it is refused.
    await eventually(
      async () =>
        (
          await fetch(`${server.url}/v1/workflows/workers/whoami`, {
            headers: { authorization: `Bearer ${server.key}` },
          })
        ).ok,
      { timeoutMs: 120_000 },
    )
    const worker = new PythonWorker(prepared.python, server)
    try {
      const { stdout } = await run(prepared.python, [
        path.join(FOLDER, 'patterns.py'),
        server.url,
        server.key,
      ])
      const passed = JSON.parse(stdout) as string[]
      test.diagnostic(`${wanted}: ${passed.join(', ')}`)
      assert.equal(passed.length, PATTERNS)
    } catch (error) {
      throw new Error(`the worker said last:\n${worker.output}`, { cause: error })
    } finally {
      await worker.stop()
      await server.stop()
    }
  })
})
