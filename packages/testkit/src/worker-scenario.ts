import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Env } from '@tramontane/server/config/env'
import { type RunningWorker, startWorker, type WorkerOptions } from '@tramontane/worker'
import { eventually } from './eventually.ts'
import { type Answer, startTestServer, type TestServer } from './test-server.ts'
import { testTemporal } from './test-temporal.ts'
import * as activities from './worker-scenario/activities.ts'

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly process: ChildProcess
  /** What it has written. */
  readonly output: () => string
  /** Waits until it takes work. */
  ready(): Promise<void>
  /** Ends it with a signal, and gives its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** A server on a real Temporal, and workers in TypeScript that run the workflows of `worker-scenario/`. */
export interface WorkerScenario {
  readonly server: TestServer
  readonly workerKey: string
  /** The deployment of the workers. */
  readonly deployment: string
  call: TestServer['call']
  /** Starts a worker in this process. */
  startWorker(options?: Partial<WorkerOptions>): Promise<RunningWorker>
  /** Starts a worker in a process of its own. */
  spawnWorker(env?: Record<string, string>): WorkerProcess
  /** Starts an execution, and gives its answer. */
  execute(workflow: string, input?: unknown, more?: Record<string, unknown>): Promise<Answer>
  /** Runs an execution to its end, and gives its result. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into results freely and assert what they find
  result(workflow: string, input?: unknown): Promise<any>
  /** Waits until an execution stands so, and gives it. */
  until(executionId: string, status: string): Promise<Answer['body']>
  /** The events of an execution, once one of this type is there. */
  events(executionId: string, type: string): Promise<Answer['body']>
  close(): Promise<void>
}

/** @param env settings of the server beside those that the scenario needs */
export async function startWorkerScenario(env: Env = {}): Promise<WorkerScenario> {
  const server = await startTestServer({ temporalAddress: testTemporal(), ...env })
  const workerKey = await server.makeKey('worker')
  const deployment = 'scenario'
  const running: RunningWorker[] = []
  const processes: WorkerProcess[] = []
  process.env.LOG_LEVEL ??= 'ERROR'
  const scenario: WorkerScenario = {
    server,
    workerKey,
    deployment,
    call: (...call) => server.call(...call),
    startWorker: async (options) => {
      const worker = await startWorker({
        serverUrl: server.url,
        apiKey: workerKey,
        deploymentName: deployment,
        workflows: import.meta.resolve('./worker-scenario/workflows.ts'),
        activities,
        ...options,
      })
      running.push(worker)
      return worker
    },
    spawnWorker: (more = {}) => {
      const worker = spawnProgram({
        SERVER_URL: server.url,
        MISTRAL_API_KEY: workerKey,
        DEPLOYMENT_NAME: deployment,
        ...more,
      })
      processes.push(worker)
      return worker
    },
    execute: (workflow, input, more = {}) =>
      server.call('POST', `/v1/workflows/${workflow}/execute`, {
        body: { execution_id: `test-${randomUUID()}`, input, ...more },
      }),
    result: async (workflow, input) => {
      const { status, body } = await scenario.execute(workflow, input, { wait_for_result: true })
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
      return body.result
    },
    until: (executionId, status) =>
      eventually(async () => {
        const { body } = await server.call('GET', `/v1/workflows/executions/${executionId}`)
        return body.status === status && body
      }),
    events: (executionId, type) =>
      eventually(async () => {
        const { body } = await server.call(
          'GET',
          `/v1/workflows/events/list?limit=1000&workflow_exec_id=${executionId}`,
        )
        return body.events.some((event: { event_type: string }) => event.event_type === type) && body.events
      }),
    close: async () => {
      await Promise.all(processes.map((worker) => worker.end('SIGKILL')))
      await Promise.all(running.map((worker) => worker.stop().catch(() => {})))
      await server.close()
    },
  }
  return scenario
}

function spawnProgram(env: Record<string, string>): WorkerProcess {
  const program = fileURLToPath(import.meta.resolve('./worker-scenario/worker-program.ts'))
  const child = spawn(process.execPath, ['--conditions=tramontane-source', program], {
    env: { ...process.env, LOG_LEVEL: 'INFO', NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk
    })
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  return {
    process: child,
    output: () => output,
    ready: async () => {
      await eventually(
        () => {
          if (hasEnded()) throw new Error(`the worker ended: ${output}`)
          return output.includes('is ready')
        },
        { timeoutMs: 60_000 },
      )
    },
    end: async (signal) => {
      if (!hasEnded()) {
        const ended = once(child, 'exit')
        child.kill(signal)
        await ended
      }
      return child.exitCode
    },
  }
}
