/** Ids that examples need, known once something was made. */
export type Name = 'judge' | 'campaign' | 'dataset' | 'record' | 'task' | 'event' | 'file' | 'conversation'

/** An example of the vendor's documentation: what is sent, and what it says comes back. */
export interface Example {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `{judge}` and the like stand for real ids. */
  readonly path: string
  /** The body as printed, with `{judge}` and the like in place of the ids. */
  readonly body?: unknown
  /** Printed with a content type though there is no body. */
  readonly hasContentType?: true
  readonly status: number
  /** Where keys stand that the answer must have; dotted: `campaigns.count`. Absent: the answer has no body. */
  readonly keys?: readonly string[]
  /** What the answer's `id` is from now on. */
  readonly gives?: Name
}

const RESOURCE = [
  'id',
  'name',
  'description',
  'created_at',
  'updated_at',
  'deleted_at',
  'owner_id',
  'workspace_id',
]
const OUTPUT = ['output.options.0.value', 'output.options.0.description']
const JUDGE = [
  ...RESOURCE,
  ...OUTPUT,
  'model_name',
  'instructions',
  'tools.0',
  'base_revision',
  'down_revision',
  'up_revision',
]
const CAMPAIGN = [
  ...RESOURCE,
  'max_nb_events',
  'search_params.filters',
  ...[...RESOURCE, ...OUTPUT, 'model_name', 'instructions', 'tools.0'].map((key) => `judge.${key}`),
]
const RECORD = [
  'id',
  'created_at',
  'updated_at',
  'deleted_at',
  'dataset_id',
  'payload.messages',
  'properties',
  'source',
]
const TASK = [
  'id',
  'created_at',
  'updated_at',
  'deleted_at',
  'creator_id',
  'dataset_id',
  'workspace_id',
  'status',
  'progress',
  'message',
]

const judgeOutput = { options: [{ description: 'My Judge', value: 'approved' }] }
/** A placeholder that no schema allows: a message is an object. */
const placeholder = [[null]]

const judges = '/v1/observability/judges'
const campaigns = '/v1/observability/campaigns'
const datasets = '/v1/observability/datasets'
const dataset = `${datasets}/{dataset}`

function importing(source: string, body: unknown, more: Partial<Example> = {}): Example {
  return { method: 'POST', path: `${dataset}/imports/${source}`, body, status: 202, keys: TASK, ...more }
}

/** Every example of the pages on judges, campaigns and datasets, in an order in which each finds what it needs. */
export const examples: readonly Example[] = [
  {
    method: 'POST',
    path: judges,
    body: {
      description: 'My Judge description.',
      instructions: 'Evaluate the response.',
      model_name: 'mistral-small-latest',
      name: 'My Judge',
      output: judgeOutput,
      tools: ['approved'],
    },
    status: 201,
    keys: JUDGE,
    gives: 'judge',
  },
  { method: 'GET', path: judges, status: 200, keys: ['judges.count'] },
  { method: 'GET', path: `${judges}/{judge}`, status: 200, keys: JUDGE },
  { method: 'POST', path: `${judges}/{judge}/live-judging`, body: { messages: placeholder }, status: 422 },
  {
    method: 'PUT',
    path: `${judges}/{judge}`,
    body: {
      description: 'Checks whether the answer is grounded in the retrieved context.',
      instructions:
        'Score the response from 1 to 5 based on factual accuracy and faithfulness to the sources.',
      model_name: 'mistral-large-latest',
      name: 'Faithfulness',
      output: judgeOutput,
      tools: ['web_search'],
    },
    status: 204,
  },
  {
    method: 'POST',
    path: campaigns,
    body: {
      description: 'My Campaign description.',
      judge_id: '{judge}',
      max_nb_events: '100',
      name: 'My Campaign',
      search_params: { filters: null },
    },
    status: 201,
    keys: CAMPAIGN,
    gives: 'campaign',
  },
  { method: 'GET', path: campaigns, status: 200, keys: ['campaigns.count'] },
  { method: 'GET', path: `${campaigns}/{campaign}`, status: 200, keys: CAMPAIGN },
  { method: 'GET', path: `${campaigns}/{campaign}/status`, status: 200, keys: ['status'] },
  {
    method: 'GET',
    path: `${campaigns}/{campaign}/selected-events`,
    status: 200,
    keys: ['completion_events.count'],
  },
  {
    method: 'POST',
    path: datasets,
    body: { description: 'My Dataset description', name: 'My Dataset' },
    status: 201,
    keys: RESOURCE,
    gives: 'dataset',
  },
  { method: 'GET', path: datasets, status: 200, keys: ['datasets.count'] },
  { method: 'GET', path: dataset, status: 200, keys: RESOURCE },
  { method: 'PATCH', path: dataset, body: {}, status: 200, keys: RESOURCE },
  {
    method: 'POST',
    path: `${dataset}/records`,
    body: { payload: { messages: placeholder }, properties: [null] },
    status: 422,
  },
  {
    // The same with a message and properties in place of the placeholders.
    method: 'POST',
    path: `${dataset}/records`,
    body: { payload: { messages: [{ role: 'user', content: 'Hello?' }] }, properties: { key: 'value' } },
    status: 201,
    keys: RECORD,
    gives: 'record',
  },
  { method: 'GET', path: `${dataset}/records`, status: 200, keys: ['records.count'] },
  importing('from-campaign', { campaign_id: '{campaign}' }, { gives: 'task' }),
  importing('from-explorer', { completion_event_ids: ['{event}'] }),
  importing('from-file', { file_id: '{file}' }),
  importing('from-playground', { conversation_ids: ['{conversation}'] }),
  importing('from-dataset', { dataset_record_ids: ['{record}'] }),
  { method: 'GET', path: `${dataset}/tasks/{task}`, status: 200, keys: TASK },
  { method: 'GET', path: `${dataset}/tasks`, status: 200, keys: ['tasks.count'] },
  { method: 'GET', path: `${dataset}/exports/to-jsonl`, status: 200, keys: ['file_url'] },
  { method: 'DELETE', path: `${campaigns}/{campaign}`, hasContentType: true, status: 204 },
  { method: 'DELETE', path: dataset, hasContentType: true, status: 204 },
  {
    // The same with a conversation in place of the placeholder.
    method: 'POST',
    path: `${judges}/{judge}/live-judging`,
    body: {
      messages: [
        { role: 'user', content: 'Hello?' },
        { role: 'assistant', content: 'Hello.' },
      ],
    },
    status: 200,
    keys: ['analysis', 'answer'],
  },
  { method: 'DELETE', path: `${judges}/{judge}`, hasContentType: true, status: 204 },
]
