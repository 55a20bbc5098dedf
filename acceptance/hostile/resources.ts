import assert from 'node:assert/strict'
import { eventually } from '@tramontane/testkit/eventually'
import { workflowSpec } from '@tramontane/testkit/registered-workflows'
import type { TestServer } from '@tramontane/testkit/test-server'

/** The id of a resource of each kind, by the name that paths have for it. */
export type ResourceIds = Readonly<Record<string, string>>

type Call = TestServer['call']

const O = '/v1/observability'
const conversation = {
  request_messages: [{ role: 'user', content: 'hello' }],
  response_messages: [{ role: 'assistant', content: 'hi' }],
}

/** Definitions that are taken as they are; the judge is called by a name of its own each time. */
export const judgeBody = (name: string) => ({
  name,
  description: 'of greetings',
  model_name: 'scripted-model',
  instructions: 'Is it polite?',
  output: { type: 'REGRESSION', min: 0, min_description: 'no', max: 1, max_description: 'yes' },
  tools: [],
})
export const campaignBody = (judge_id: string) => ({
  name: 'a campaign',
  description: '',
  judge_id,
  max_nb_events: 1,
  search_params: { filters: null },
})
export const recordBody = {
  payload: { messages: [...conversation.request_messages, ...conversation.response_messages] },
  properties: {},
}

async function made(call: Call, path: string, body: unknown) {
  const answer = await call('POST', path, { body })
  assert.ok(answer.status < 300, `${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}

async function makeFile(call: Call): Promise<string> {
  const form = new FormData()
  form.append('purpose', 'evaluation')
  form.append('file', new Blob([`${JSON.stringify(recordBody.payload)}\n`]), 'a.jsonl')
  return (await made(call, '/v1/files', form)).id
}

async function makeTask(call: Call, { dataset_id, file_id }: ResourceIds): Promise<string> {
  const { id } = await made(call, `${O}/datasets/${dataset_id}/imports/from-file`, { file_id })
  await eventually(async () => {
    const { body } = await call('GET', `${O}/datasets/${dataset_id}/tasks/${id}`)
    return body.status === 'COMPLETED'
  })
  return id
}

const DEPLOYMENT = 'a-deployment'

/** Registers a workflow as a worker does; the same one each time. */
async function registered(call: Call): Promise<{ workflow_id: string; workflow_registration_id: string }> {
  const { workflow_registration_refs } = await made(call, '/v1/workflows/register', {
    definitions: [workflowSpec('a-workflow')],
    deployment_name: DEPLOYMENT,
    worker_name: 'a-worker',
  })
  return workflow_registration_refs[0]
}

const makers: Readonly<Record<string, (call: Call, ids: ResourceIds) => Promise<string>>> = {
  event_id: async (call) => {
    const events = [{ model_name: 'a-model', ...conversation }]
    return (await made(call, `${O}/chat-completion-events`, { events })).event_ids[0]
  },
  judge_id: async (call) => (await made(call, `${O}/judges`, judgeBody('a judge'))).id,
  campaign_id: async (call, { judge_id }) => (await made(call, `${O}/campaigns`, campaignBody(judge_id!))).id,
  /** To be compared with. */
  other_campaign_id: async (_call, { campaign_id }) => campaign_id!,
  file_id: makeFile,
  dataset_id: async (call) =>
    (await made(call, `${O}/datasets`, { name: 'a dataset', description: 'of greetings' })).id,
  dataset_record_id: async (call, { dataset_id }) =>
    (await made(call, `${O}/datasets/${dataset_id}/records`, recordBody)).id,
  task_id: makeTask,
  conversation_id: async (call) =>
    (await made(call, '/v1/conversations', { model: 'scripted-model', inputs: 'hello' })).conversation_id,
  workflow_identifier: async (call) => (await registered(call)).workflow_id,
  workflow_registration_id: async (call) => (await registered(call)).workflow_registration_id,
  /** A deployment's. */
  name: async (call) => {
    await registered(call)
    return DEPLOYMENT
  },
  execution_id: async (call) => {
    await registered(call)
    return (await made(call, '/v1/workflows/a-workflow/execute', { input: { city: 'Nice' } })).execution_id
  },
  run_id: async (call, { execution_id }) =>
    (await call('GET', `/v1/workflows/executions/${execution_id}`)).body.run_id,
  /** The same, as workers say it. */
  temporal_workflow_id: async (_call, { execution_id }) => execution_id!,
  workflow_name: async (call) => {
    await registered(call)
    return 'a-workflow'
  },
  schedule_id: async (call) => {
    await registered(call)
    const schedule = { input: { city: 'Nice' }, intervals: [{ every: 'P300D' }] }
    return (await made(call, '/v1/workflows/schedules', { schedule, workflow_identifier: 'a-workflow' }))
      .schedule_id
  },
  view_id: async (call) => (await made(call, '/v1/views', { kind: 'events', name: 'a view', state: {} })).id,
  key_id: async (call) => (await made(call, '/v1/keys', { name: 'a key', role: 'read' })).id,
}

/**
 * Makes a resource of each kind that `wanted` names, with the server's admin key. The server needs a model provider.
 * Kinds that have no maker here are left out.
 */
export async function makeResources(call: Call, wanted: ReadonlySet<string>): Promise<ResourceIds> {
  const ids: Record<string, string> = {}
  for (const [name, make] of Object.entries(makers)) if (wanted.has(name)) ids[name] = await make(call, ids)
  return ids
}
