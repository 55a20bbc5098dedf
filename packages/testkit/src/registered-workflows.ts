import assert from 'node:assert/strict'
import type { TestServer } from './test-server.ts'

/** A workflow as a worker sends it; what is not given is as the Python SDK has it by default. */
export function workflowSpec(
  name: string,
  changes: Record<string, unknown> = {},
): { name: string } & Record<string, unknown> {
  return {
    name,
    task_queue: 'default',
    display_name: null,
    description: null,
    input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    output_schema: { type: 'object' },
    signals: [],
    queries: [],
    updates: [],
    schedules: [],
    enforce_determinism: true,
    on_behalf_of: false,
    execution_timeout: 'PT1H',
    is_technical: false,
    plugin_metadata: null,
    ...changes,
  }
}

/** What a worker was answered when it registered. */
export interface RegisteredWorkflows {
  readonly has_conflicts: boolean
  readonly workflow_registration_refs: { workflow_id: string; workflow_registration_id: string }[]
  readonly warnings: string[]
}

/**
 * Registers workflows as a worker does, without one.
 * @param options.key of another workspace, or of another role
 */
export async function registerWorkflows(
  server: Pick<TestServer, 'call'>,
  definitions: readonly Record<string, unknown>[],
  options: { deployment?: string; worker?: string; location?: unknown; key?: string } = {},
): Promise<RegisteredWorkflows> {
  const { deployment = 'test-deployment', worker = 'test-worker', location, key } = options
  const answer = await server.call('POST', '/v1/workflows/register', {
    ...(key === undefined ? {} : { key }),
    body: {
      definitions: definitions.map((definition) => ({ ...definition, task_queue: deployment })),
      deployment_name: deployment,
      worker_name: worker,
      ...(location === undefined ? {} : { deployment_location: location }),
    },
  })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body as RegisteredWorkflows
}
