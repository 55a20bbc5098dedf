import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Context } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import {
  bundleWorkflowCode,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker'

/** A worker of a test's own. */
export interface TestWorker {
  stop(): Promise<void>
}

/** `npm test` makes the code once for all. */
const TEST_WORKFLOWS = process.env.TRAMONTANE_TEST_WORKFLOWS

const beside = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** Makes the code of `test-workflows.ts` that a worker runs, which takes two seconds. */
export function bundleTestWorkflows(): Promise<WorkflowBundle> {
  return bundleWorkflowCode({
    workflowsPath: beside('./test-workflows.ts'),
    payloadConverterPath: beside('./test-payloads.ts'),
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  })
}

/**
 * Starts a plain Temporal worker with the workflows of `test-workflows.ts`: one that registers nothing with the server and
 * sends it no events.
 * @param options.address of Temporal itself, or of the proxy
 * @param options.apiKey what the proxy asks for
 */
export async function startTestWorker(options: {
  address: string
  namespace: string
  taskQueue: string
  apiKey?: string
}): Promise<TestWorker> {
  silence()
  const connection = await NativeConnection.connect({
    address: options.address,
    apiKey: options.apiKey,
    tls: false,
  })
  const worker = await Worker.create({
    connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue,
    workflowBundle: TEST_WORKFLOWS ? { codePath: TEST_WORKFLOWS } : await bundleTestWorkflows(),
    dataConverter: { payloadConverterPath: createRequire(import.meta.url).resolve('./test-payloads.ts') },
    activities: {
      async flakyActivity(failures: number): Promise<number> {
        const { attempt } = Context.current().info
        if (attempt <= failures) throw ApplicationFailure.retryable(`attempt ${attempt} fails`)
        return attempt
      },
    },
    shutdownGraceTime: '1s',
    shutdownForceTime: '5s',
  })
  const running = worker.run()
  let stopping: Promise<void> | undefined
  const stop = async () => {
    worker.shutdown()
    await running
    await connection.close()
  }
  return {
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  }
}

let isSilent = false

function silence(): void {
  if (isSilent) return
  isSilent = true
  Runtime.install({
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    telemetryOptions: { logging: { filter: 'OFF', forward: {} } },
  })
}
