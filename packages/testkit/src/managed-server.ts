import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { TemporalConnection } from '@tramontane/server/platform/temporal/temporal-connection'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { testTemporalBin } from './test-temporal.ts'

const KEY = 'tmt_managed_temporal_test_key_0123'
const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url))

/** `CommandType` of Temporal's API. */
const START_TIMER = 3
const COMPLETE = 4

/** A server as its own process, with a PostgreSQL and a Temporal of its own. */
export class ManagedServer {
  readonly child: ChildProcess
  readonly #port: number
  readonly #workers: TemporalConnection
  output = ''

  /** Starts it on a data directory; `ready` and `engineReady` wait for it. */
  static async launch(dataDir: string, env: Record<string, string> = {}): Promise<ManagedServer> {
    return new ManagedServer(dataDir, { http: await freePort(), workers: await freePort() }, env)
  }

  private constructor(
    dataDir: string,
    ports: { http: number; workers: number },
    env: Record<string, string>,
  ) {
    this.#port = ports.http
    this.#workers = new TemporalConnection({ address: `127.0.0.1:${ports.workers}`, tls: null, apiKey: KEY })
    this.child = spawn(process.execPath, ['--conditions=tramontane-source', MAIN], {
      env: {
        ...process.env,
        TRAMONTANE_API_KEY: KEY,
        TRAMONTANE_PORT: String(ports.http),
        TRAMONTANE_WORKER_PORT: String(ports.workers),
        TRAMONTANE_DATA_DIR: dataDir,
        TRAMONTANE_TEMPORAL_ADDRESS: '',
        TRAMONTANE_TEMPORAL_BIN: testTemporalBin(),
        ...env,
      },
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout, this.child.stderr])
      stream!.on('data', (chunk: Buffer) => {
        this.output += chunk
      })
  }

  call(target: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#port}${target}`, {
      ...init,
      headers: { authorization: `Bearer ${KEY}` },
      signal: AbortSignal.timeout(60_000),
    })
  }

  async ready(): Promise<this> {
    const probe = async () => {
      if (this.child.exitCode !== null) throw new Error(`the server ended: ${this.output}`)
      return (await this.call('/readyz')).ok
    }
    await eventually(probe, { timeoutMs: 60_000 }).catch((cause) => {
      throw new Error(`the server does not come; it said: ${this.output}`, { cause })
    })
    return this
  }

  async isEngineReady(): Promise<boolean> {
    return /^tramontane_temporal_available 1$/m.test(await (await this.call('/metrics')).text())
  }

  async engineReady(): Promise<this> {
    await this.ready()
    // Its schema is made first, and then it has two minutes to answer before it is started again.
    await eventually(() => this.isEngineReady(), { timeoutMs: 240_000 })
    return this
  }

  /** What a worker does through the proxy, in the namespace that the server gives it. */
  async namespace(): Promise<string> {
    return ((await (await this.call('/v1/workflows/workers/whoami')).json()) as { namespace: string })
      .namespace
  }

  async startExecution(workflowId: string): Promise<void> {
    const namespace = await this.namespace()
    await this.#workers.workflowService.startWorkflowExecution({
      namespace,
      workflowId,
      requestId: randomUUID(),
      workflowType: { name: 'anything' },
      taskQueue: { name: workflowId },
    })
  }

  /** Takes the execution's next task, once there is one, and answers it with one command. */
  async answerTask(workflowId: string, command: 'wait' | 'complete'): Promise<void> {
    const namespace = await this.namespace()
    const taskToken = await eventually(
      async () => {
        const task = await this.#workers.withDeadline(15_000, () =>
          this.#workers.workflowService.pollWorkflowTaskQueue({
            namespace,
            taskQueue: { name: workflowId },
            identity: 'test',
          }),
        )
        return task.taskToken.length > 0 && task.taskToken
      },
      { timeoutMs: 60_000 },
    )
    const timer = { timerId: '1', startToFireTimeout: { seconds: null, nanos: 500_000_000 } }
    await this.#workers.workflowService.respondWorkflowTaskCompleted({
      namespace,
      taskToken,
      commands: [
        command === 'wait'
          ? { commandType: START_TIMER, startTimerCommandAttributes: timer }
          : { commandType: COMPLETE, completeWorkflowExecutionCommandAttributes: {} },
      ],
    })
  }

  async statusOf(workflowId: string): Promise<unknown> {
    const namespace = await this.namespace()
    const { workflowExecutionInfo } = await this.#workers.workflowService.describeWorkflowExecution({
      namespace,
      execution: { workflowId },
    })
    return workflowExecutionInfo?.status
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal)
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit')
    await this.#workers.close()
    return this.child.exitCode
  }
}
