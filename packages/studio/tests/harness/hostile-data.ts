import assert from 'node:assert/strict'
import { Client, Connection } from '@temporalio/client'
import { eventually } from '@tramontane/testkit/eventually'
import { logExport, workerAttributes } from '@tramontane/testkit/log-export'
import { workflowSpec } from '@tramontane/testkit/registered-workflows'
import { sentWorkflowEvent } from '@tramontane/testkit/sample-workflow-events'
import type { TestServer } from '@tramontane/testkit/test-server'
import { attacks, everyAttack, hostileAddresses, shortAttack, takenNames, tinyAttack } from './attacks.ts'

const O = '/v1/observability'

/** Ids of what was made, to build the addresses of pages from. */
export interface HostileData {
  readonly eventIds: readonly string[]
  readonly judgeId: string
  readonly campaignId: string
  /** One of its events. */
  readonly judgedId: string
  readonly datasetId: string
  readonly recordId: string
  readonly workflowName: string
  readonly deploymentName: string
  readonly conversationId: string
}

/** An object with the names that every object has already as its own members, as JSON makes it. */
export function withTakenNames(value: unknown): Record<string, unknown> {
  return JSON.parse(
    `{${takenNames.map((name) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
  )
}

/** What the models of the scripted provider answer: attacks, too. */
export function hostileAnswer({ body }: { body: { response_format?: unknown } }): string {
  return body.response_format ? JSON.stringify({ analysis: everyAttack, answer: tinyAttack }) : everyAttack
}

function messages() {
  const image = (url: string) => ({ type: 'image_url', image_url: { url } })
  return [
    { role: 'system', content: everyAttack },
    { role: shortAttack(100, 0), name: shortAttack(60), content: everyAttack },
    {
      role: 'user',
      content: [
        { type: 'text', text: everyAttack },
        ...hostileAddresses.map(image),
        { type: 'image_url', image_url: hostileAddresses[3] },
        { type: 'document_url', document_url: hostileAddresses[0] },
        { type: shortAttack(100, 4), [shortAttack(100, 1)]: everyAttack },
        withTakenNames(everyAttack),
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          id: shortAttack(100, 1),
          type: 'function',
          function: { name: shortAttack(), arguments: everyAttack },
        },
        {
          id: '2',
          type: 'function',
          function: { name: '__proto__', arguments: JSON.stringify(withTakenNames(everyAttack)) },
        },
      ],
    },
    { role: 'tool', tool_call_id: shortAttack(100, 1), name: shortAttack(), content: everyAttack },
    { role: 'user', content: '```html\n<script>alert(1)</script>\n``` \u0000 half \ud800 of a pair' },
    { role: 'user', content: 'What now?' },
  ]
}

/** Puts attacks into every field of a server that its users and their models write. */
export async function writeHostileData(server: Pick<TestServer, 'call'>): Promise<HostileData> {
  const made = async (path: string, body: unknown, method = 'POST') => {
    const answer = await server.call(method, path, { body })
    assert.ok(
      answer.status < 300,
      `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 500)}`,
    )
    return answer.body
  }
  const metadata: Record<string, string> = JSON.parse(
    `{${attacks
      .map((attack) => `${JSON.stringify(attack.slice(0, 150))}:${JSON.stringify(attack.slice(0, 5_000))}`)
      .concat(takenNames.map((name) => `${JSON.stringify(name)}:${JSON.stringify(shortAttack())}`))
      .join(',')}}`,
  )
  const { event_ids: eventIds } = await made(`${O}/chat-completion-events`, {
    events: [
      {
        model_name: shortAttack(200, 0),
        correlation_id: shortAttack(150, 1),
        request_messages: messages(),
        response_messages: [
          { role: 'assistant', content: everyAttack, tool_calls: messages()[3]!.tool_calls },
        ],
        enabled_tools: [
          {
            type: 'function',
            function: { name: shortAttack(), description: everyAttack, parameters: withTakenNames({}) },
          },
          { type: shortAttack(100, 4) },
        ],
        invoked_tools: [shortAttack(), '__proto__'],
        api_agent_id: shortAttack(),
        metadata,
      },
      ...attacks.map((attack, index) => ({
        model_name: takenNames[index % takenNames.length]!,
        request_messages: [{ role: 'user', content: attack }],
        response_messages: [],
        status: 'error',
        error: everyAttack,
        metadata: { topic: attack.slice(0, 5_000) },
      })),
    ],
  })
  const judge = await made(`${O}/judges`, {
    name: tinyAttack,
    description: everyAttack.slice(0, 500),
    model_name: 'scripted-model',
    instructions: `${everyAttack.replaceAll(/[{}%$]/g, '')}\n{{ user_message }}{{ answer_type_definition }}`,
    output: {
      type: 'CLASSIFICATION',
      options: [
        { value: tinyAttack, description: everyAttack.slice(0, 500) },
        { value: '__proto__', description: shortAttack() },
      ],
    },
    tools: [],
  })
  const campaign = await made(`${O}/campaigns`, {
    name: tinyAttack,
    description: everyAttack.slice(0, 500),
    judge_id: judge.id,
    max_nb_events: 100,
    search_params: { filters: null },
  })
  const dataset = await made(`${O}/datasets`, {
    name: tinyAttack,
    description: everyAttack.slice(0, 200),
  })
  const record = await made(`${O}/datasets/${dataset.id}/records`, {
    payload: { messages: [...messages(), { role: 'assistant', content: everyAttack }] },
    properties: { ...metadata, nested: withTakenNames(everyAttack) },
  })
  await made('/v1/keys', { name: tinyAttack, role: 'read' })
  await made('/v1/workspaces', { name: tinyAttack })
  const conversation = await made('/v1/conversations', {
    model: 'scripted-model',
    name: shortAttack(),
    description: shortAttack(),
    instructions: everyAttack,
    inputs: everyAttack,
  })
  const workflowName = shortAttack(120, 2)
  const deploymentName = shortAttack(100, 4)
  const schema = {
    type: 'object',
    title: everyAttack,
    description: everyAttack,
    properties: JSON.parse(
      `{"__proto__":{"type":"string"},${JSON.stringify(shortAttack())}:{"type":"string","title":${JSON.stringify(everyAttack)},"description":${JSON.stringify(everyAttack)},"default":${JSON.stringify(everyAttack)}},"choice":{"enum":${JSON.stringify(attacks)}}}`,
    ),
  }
  await made('/v1/workflows/register', {
    definitions: [
      workflowSpec(workflowName, {
        display_name: everyAttack.slice(0, 200),
        description: everyAttack,
        input_schema: schema,
        output_schema: schema,
        signals: [{ name: shortAttack(), description: everyAttack, input_schema: schema }],
        queries: [{ name: '__proto__', description: everyAttack, input_schema: schema }],
        updates: [{ name: shortAttack(100, 0), description: everyAttack, input_schema: schema }],
      }),
    ],
    deployment_name: deploymentName,
    worker_name: shortAttack(),
    deployment_location: { location_type: 'k8s', k8s_cluster: shortAttack(), k8s_namespace: shortAttack() },
  })
  await eventually(async () => {
    const { body } = await server.call('GET', `${O}/campaigns/${campaign.id}/status`)
    return body.status !== 'RUNNING'
  })
  return {
    eventIds,
    judgeId: judge.id,
    campaignId: campaign.id,
    judgedId: eventIds[0],
    datasetId: dataset.id,
    recordId: record.id,
    workflowName,
    deploymentName,
    conversationId: conversation.conversation_id,
  }
}

/**
 * An execution whose id, input, events and logs are attacks. The API takes no such id, but whoever starts workflows with a plain
 * Temporal client may choose any.
 * @param temporalAddress of Temporal itself
 * @returns its id
 */
export async function writeHostileExecution(
  server: Pick<TestServer, 'call'>,
  { workflowName, deploymentName }: Pick<HostileData, 'workflowName' | 'deploymentName'>,
  temporalAddress: string,
): Promise<{ executionId: string; scheduleId: string }> {
  const path = `/v1/workflows/${encodeURIComponent(workflowName)}/execute`
  // From here on the server follows what comes about in the workspace's namespace.
  const first = await server.call('POST', path, { body: { input: withTakenNames(everyAttack) } })
  assert.ok(first.status < 300, JSON.stringify(first.body))
  const { body: whoami } = await server.call('GET', '/v1/workflows/workers/whoami')
  const executionId = `exec ${shortAttack(150, 2)}`
  const connection = await Connection.connect({ address: temporalAddress })
  const { firstExecutionRunId: runId } = await new Client({
    connection,
    namespace: whoami.namespace,
  }).workflow.start(workflowName, {
    workflowId: executionId,
    taskQueue: deploymentName,
    args: [withTakenNames(everyAttack)],
    memo: { [shortAttack()]: everyAttack },
  })
  await connection.close()
  await eventually(async () => {
    const { body } = await server.call('GET', '/v1/workflows/runs')
    return body.runs.some((run: { run_id: string }) => run.run_id === runId)
  })
  const of = { workflow_exec_id: executionId, workflow_run_id: runId, workflow_name: workflowName }
  const json = (value: unknown) => ({ type: 'json', value, encoding_options: null })
  const events = [
    sentWorkflowEvent('CUSTOM_TASK_STARTED', {
      ...of,
      attributes: {
        custom_task_id: shortAttack(),
        custom_task_type: shortAttack(100, 0),
        payload: json(withTakenNames(everyAttack)),
      },
    }),
    sentWorkflowEvent('CUSTOM_TASK_FAILED', {
      ...of,
      attributes: {
        custom_task_id: shortAttack(),
        custom_task_type: shortAttack(100, 0),
        failure: { message: everyAttack },
      },
    }),
    sentWorkflowEvent('ACTIVITY_TASK_STARTED', {
      ...of,
      attributes: { task_id: 'a', activity_name: shortAttack(), input: json([everyAttack]) },
    }),
    sentWorkflowEvent('ACTIVITY_TASK_RETRYING', {
      ...of,
      attributes: {
        task_id: 'a',
        activity_name: shortAttack(),
        attempt: 1,
        failure: { message: everyAttack },
      },
    }),
  ]
  const told = await server.call('POST', '/v1/workflows/events/batch', { body: { events } })
  assert.equal(told.body.events_received, events.length, JSON.stringify(told.body))
  const lines = attacks.map((attack) => ({
    body: attack,
    severity: shortAttack(),
    attributes: {
      ...workerAttributes({ execution: executionId, run: runId, workflow: workflowName }),
      [shortAttack()]: everyAttack,
    },
  }))
  const logged = await server.call('POST', '/telemetry/v1/logs', { body: logExport(lines) })
  assert.ok(logged.status < 300, JSON.stringify(logged.body))
  const scheduled = await server.call('POST', '/v1/workflows/schedules', {
    body: {
      workflow_identifier: workflowName,
      schedule: { input: withTakenNames(everyAttack), intervals: [{ every: 'P300D' }] },
    },
  })
  assert.ok(scheduled.status < 300, JSON.stringify(scheduled.body))
  const { schedule_id: scheduleId } = scheduled.body
  const paused = await server.call('POST', `/v1/workflows/schedules/${scheduleId}/pause`, {
    body: { note: everyAttack.slice(0, 300) },
  })
  assert.ok(paused.status < 300, JSON.stringify(paused.body))
  return { executionId, scheduleId }
}
