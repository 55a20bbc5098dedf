import { randomUUID } from 'node:crypto'
import type { Env } from '@tramontane/server/config/env'
import { eventually } from './eventually.ts'
import { type Answer, startTestServer, type TestServer } from './test-server.ts'
import { testTemporal } from './test-temporal.ts'
import { startTestWorker, type TestWorker } from './test-worker.ts'

/** Where the plain test worker of a scenario takes its tasks. */
export const testDeployment = 'test-deployment'

const object = { type: 'object' }
const value = { type: 'object', properties: { value: { type: 'number' } }, required: ['value'] }

/** What the workflows of `test-workflows.ts` would declare if their worker registered them. */
export const testDefinitions = [
  { name: 'echo', input_schema: object },
  {
    name: 'fail',
    input_schema: { ...object, properties: { message: { type: 'string', maxLength: 20_000 } } },
  },
  {
    name: 'collect',
    input_schema: { ...object, properties: { values: { type: 'array', items: { type: 'number' } } } },
    signals: [
      { name: 'add', input_schema: value },
      { name: 'finish', input_schema: object },
    ],
    queries: [
      { name: 'values', input_schema: object },
      { name: 'broken', input_schema: object },
    ],
    updates: [{ name: 'append', input_schema: value }],
  },
  { name: 'parent', input_schema: object },
  { name: 'again', input_schema: object },
  { name: 'nap', input_schema: object, execution_timeout: 'PT3600S' },
  { name: 'short', input_schema: object, execution_timeout: 'PT1S' },
  { name: 'flaky', input_schema: object },
  {
    name: 'busy',
    input_schema: object,
    execution_timeout: 'PT3600S',
    signals: [{ name: 'finish', input_schema: object }],
  },
  { name: 'waits', input_schema: object },
  { name: 'stuck', input_schema: object },
  { name: 'nothing', input_schema: object },
]

/** A server on a real Temporal, with the test workflows registered. */
export interface WorkflowScenario {
  readonly server: TestServer
  /** Temporal itself. */
  readonly temporalAddress: string
  /** The default workspace's. */
  readonly namespace: string
  call: TestServer['call']
  /** Registers the test workflows once more, in a deployment of this name. */
  register(deployment: string, key?: string): Promise<Answer>
  /** Starts a plain worker for the default workspace. */
  startWorker(taskQueue?: string): Promise<TestWorker>
  /** Starts an execution, and gives its answer. */
  execute(workflow: string, body?: Record<string, unknown>, key?: string): Promise<Answer>
  /** Waits until an execution stands so, and gives it. */
  until(executionId: string, status: string): Promise<Answer['body']>
  close(): Promise<void>
}

/** @param env settings of the server beside those that the scenario needs */
export async function startWorkflowScenario(env: Env = {}): Promise<WorkflowScenario> {
  const temporalAddress = testTemporal()
  const server = await startTestServer({ temporalAddress, ...env })
  const register = (deployment: string, key = server.key) =>
    server.call('POST', '/v1/workflows/register', {
      key,
      body: { definitions: testDefinitions, deployment_name: deployment, worker_name: 'test-worker' },
    })
  await register(testDeployment)
  const whoami = await server.call('GET', '/v1/workflows/workers/whoami')
  const { namespace } = whoami.body
  const workers: TestWorker[] = []
  return {
    server,
    temporalAddress,
    namespace,
    call: (...call) => server.call(...call),
    register,
    startWorker: async (taskQueue = testDeployment) => {
      const worker = await startTestWorker({ address: temporalAddress, namespace, taskQueue })
      workers.push(worker)
      return worker
    },
    execute: (workflow, body = {}, key = server.key) =>
      server.call('POST', `/v1/workflows/${workflow}/execute`, {
        key,
        body: { execution_id: `test-${randomUUID()}`, ...body },
      }),
    until: (executionId, status) =>
      eventually(async () => {
        const { body } = await server.call('GET', `/v1/workflows/executions/${executionId}`)
        return body.status === status && body
      }),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.stop()))
      await server.close()
    },
  }
}
