import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

type Call = (method: string, target: string, body?: unknown) => Promise<unknown>

const root = path.resolve(import.meta.dirname, '../..')
const PATIENCE_MS = 120_000
/** The script of the archive loses the last one. */
const DOCUMENTS = ['invoice-7.txt', 'letter.txt', 'contract.txt', 'lost.txt']

function startWorker(example: string, { url, apiKey }: { url: string; apiKey: string }): ChildProcess {
  return spawn(
    process.execPath,
    ['--conditions=tramontane-source', path.join(root, 'examples', example, 'worker.ts')],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        LOG_LEVEL: 'WARN',
        SERVER_URL: url,
        MISTRAL_API_KEY: apiKey,
        DEPLOYMENT_NAME: example,
      },
    },
  )
}

async function until(isThere: () => Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  while (!(await isThere().catch(() => false))) {
    if (Date.now() > end) throw new Error(`${what} did not come about`)
    await delay(200)
  }
}

/**
 * Runs the workflows of the examples, so that there is something to look at: executions that have ended, one that failed, and
 * one that waits for a person.
 * @returns what ends their workers
 */
export async function runWorkflows(
  server: { url: string; apiKey: string },
  call: Call,
): Promise<{ stop(): Promise<void> }> {
  const workers = ['hello-world', 'human-approval', 'document-pipeline'].map((name) =>
    startWorker(name, server),
  )
  const stop = async () => {
    for (const worker of workers) {
      if (worker.exitCode !== null) continue
      worker.kill('SIGTERM')
      await once(worker, 'exit')
    }
  }
  try {
    const names = ['hello-world', 'expense-approval', 'document-pipeline']
    for (const name of names)
      await until(async () => {
        await call('GET', `/v1/workflows/${name}`)
        return true
      }, `the workflow ${name}`)
    const start = (name: string, execution_id: string, input: unknown) =>
      call('POST', `/v1/workflows/${name}/execute`, { execution_id, input })
    for (const [index, name] of ['Ada', 'Grace', 'Alan', 'Barbara', 'Edsger'].entries())
      await start('hello-world', `hello-${index + 1}`, {
        name,
        language: ['English', 'French', 'German'][index % 3],
      })
    await start('expense-approval', 'expense-chair', { what: 'A chair', amount: 180 })
    await start('document-pipeline', 'pipeline-1', { documents: DOCUMENTS })
    for (const id of ['hello-5', 'pipeline-1'])
      await until(async () => {
        const { status } = (await call('GET', `/v1/workflows/executions/${id}`)) as { status: string }
        return status !== 'RUNNING'
      }, `the end of ${id}`)
    await call('POST', '/v1/workflows/schedules', {
      workflow_identifier: 'hello-world',
      schedule: { input: { name: 'the morning shift' }, cron_expressions: ['0 7 * * MON-FRI'] },
    })
    return { stop }
  } catch (error) {
    await stop()
    throw error
  }
}
