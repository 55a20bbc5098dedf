import { z } from 'zod'
import { judgeDefinition, judgeOutput, judgingErrors } from './judges.ts'
import { operation } from './operation.ts'
import { pageQuery, paginated, searchablePageQuery } from './paging.ts'
import { id, instant, jsonObject, wellFormedText } from './scalars.ts'

/** Largest record: a line of an imported file, or the body of a call that writes one. In bytes. */
export const MAX_RECORD_BYTES = 8 * 1024 * 1024

/** A conversation: its messages, and whatever else belongs to it, such as `tools`. */
export const conversationPayload = z.looseObject({ messages: z.array(jsonObject) })
export const conversationSource = z.enum(['EXPLORER', 'UPLOADED_FILE', 'DIRECT_INPUT', 'PLAYGROUND'])
export type ConversationSource = z.output<typeof conversationSource>

export const taskStatus = z.enum([
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
  'UNKNOWN',
])

const times = { created_at: instant, updated_at: instant, deleted_at: instant.nullable() }
const datasetName = wellFormedText(5, 50)
const datasetDescription = wellFormedText(0, 200)

export const dataset = z.object({
  id,
  ...times,
  name: z.string(),
  description: z.string(),
  owner_id: id,
  workspace_id: id,
  /** An addition of this project. */
  record_count: z.int(),
})

export const datasetRecord = z.object({
  id,
  ...times,
  dataset_id: id,
  payload: conversationPayload,
  properties: jsonObject,
  source: conversationSource,
})

/** An import at work. Its records appear all at once, when it is COMPLETED; a FAILED one leaves nothing. */
export const datasetImportTask = z.object({
  id,
  ...times,
  creator_id: id,
  dataset_id: id,
  workspace_id: id,
  status: taskStatus,
  progress: z.int().min(0).max(100).nullable(),
  message: z.string().nullable(),
})

const tag = 'Datasets'
const errorShape = 'observability'
const ofDataset = z.object({ dataset_id: z.string() })
const ofRecord = z.object({ dataset_record_id: z.string() })
const path = '/v1/observability/datasets'
const recordPath = '/v1/observability/dataset-records/{dataset_record_id}'

export const listDatasets = operation({
  id: 'listDatasets',
  method: 'GET',
  path,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'List datasets, newest first',
  query: searchablePageQuery,
  response: z.object({ datasets: paginated(dataset) }),
})

export const createDataset = operation({
  id: 'createDataset',
  method: 'POST',
  path,
  tag,
  access: 'write',
  errorShape,
  status: 201,
  summary: 'Make an empty dataset',
  body: z.object({ name: datasetName, description: datasetDescription }),
  response: dataset,
})

export const getDataset = operation({
  id: 'getDataset',
  method: 'GET',
  path: `${path}/{dataset_id}`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Read a dataset',
  params: ofDataset,
  response: dataset,
  errors: ['DATASET_NOT_FOUND'],
})

export const updateDataset = operation({
  id: 'updateDataset',
  method: 'PATCH',
  path: `${path}/{dataset_id}`,
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Change name or description; what is absent or null stays',
  params: ofDataset,
  body: z.object({ name: datasetName.nullish(), description: datasetDescription.nullish() }),
  response: dataset,
  errors: ['DATASET_NOT_FOUND'],
})

export const deleteDataset = operation({
  id: 'deleteDataset',
  method: 'DELETE',
  path: `${path}/{dataset_id}`,
  tag,
  access: 'write',
  errorShape,
  status: 204,
  summary: 'Delete a dataset with its records and tasks',
  params: ofDataset,
  errors: ['DATASET_NOT_FOUND'],
})

export const listDatasetRecords = operation({
  id: 'listDatasetRecords',
  method: 'GET',
  path: `${path}/{dataset_id}/records`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'List records in the order in which they were added',
  params: ofDataset,
  query: pageQuery,
  response: z.object({ records: paginated(datasetRecord) }),
  errors: ['DATASET_NOT_FOUND'],
})

export const createDatasetRecord = operation({
  id: 'createDatasetRecord',
  method: 'POST',
  path: `${path}/{dataset_id}/records`,
  tag,
  access: 'write',
  errorShape,
  status: 201,
  summary: 'Add a conversation',
  params: ofDataset,
  body: z.object({ payload: conversationPayload, properties: jsonObject.default({}) }),
  bodyLimit: MAX_RECORD_BYTES,
  response: datasetRecord,
  errors: ['DATASET_NOT_FOUND'],
})

export const importFromCampaign = operation({
  id: 'importFromCampaign',
  method: 'POST',
  path: `${path}/{dataset_id}/imports/from-campaign`,
  tag,
  access: 'write',
  errorShape,
  status: 202,
  summary: "Import the conversations that a campaign has judged, with the judge's annotation as properties",
  params: ofDataset,
  body: z.object({ campaign_id: z.string().max(200) }),
  response: datasetImportTask,
  errors: ['DATASET_NOT_FOUND', 'CAMPAIGN_NOT_FOUND'],
})

export const importFromExplorer = operation({
  id: 'importFromExplorer',
  method: 'POST',
  path: `${path}/{dataset_id}/imports/from-explorer`,
  tag,
  access: 'write',
  errorShape,
  status: 202,
  summary: 'Import the conversations of up to 500 events',
  params: ofDataset,
  body: z.object({ completion_event_ids: z.array(z.string().max(200)).max(500) }),
  response: datasetImportTask,
  errors: ['DATASET_NOT_FOUND'],
})

export const importFromFile = operation({
  id: 'importFromFile',
  method: 'POST',
  path: `${path}/{dataset_id}/imports/from-file`,
  tag,
  access: 'write',
  errorShape,
  status: 202,
  summary: 'Import an uploaded JSONL file: an object with `messages`, and maybe `properties`, a line',
  params: ofDataset,
  body: z.object({ file_id: z.string().max(200) }),
  response: datasetImportTask,
  errors: ['DATASET_NOT_FOUND', 'FILE_NOT_FOUND'],
})

export const importFromPlayground = operation({
  id: 'importFromPlayground',
  method: 'POST',
  path: `${path}/{dataset_id}/imports/from-playground`,
  tag,
  access: 'write',
  errorShape,
  status: 202,
  summary: 'Import conversations',
  params: ofDataset,
  body: z.object({ conversation_ids: z.array(z.string().max(200)).max(10_000) }),
  response: datasetImportTask,
  errors: ['DATASET_NOT_FOUND'],
})

export const importFromDataset = operation({
  id: 'importFromDataset',
  method: 'POST',
  path: `${path}/{dataset_id}/imports/from-dataset`,
  tag,
  access: 'write',
  errorShape,
  status: 202,
  summary: 'Copy records of other datasets',
  params: ofDataset,
  body: z.object({ dataset_record_ids: z.array(id).min(1).max(10_000) }),
  response: datasetImportTask,
  errors: ['DATASET_NOT_FOUND'],
})

export const exportDataset = operation({
  id: 'exportDataset',
  method: 'GET',
  path: `${path}/{dataset_id}/exports/to-jsonl`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Write the records into a JSONL file of the Files API, and give a link to it that needs no key',
  params: ofDataset,
  response: z.object({ file_url: z.string() }),
  errors: ['DATASET_NOT_FOUND'],
})

export const getDatasetTask = operation({
  id: 'getDatasetTask',
  method: 'GET',
  path: `${path}/{dataset_id}/tasks/{task_id}`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Read how far an import is',
  params: ofDataset.extend({ task_id: z.string() }),
  response: datasetImportTask,
  errors: ['DATASET_NOT_FOUND', 'DATASET_TASK_NOT_FOUND'],
})

export const listDatasetTasks = operation({
  id: 'listDatasetTasks',
  method: 'GET',
  path: `${path}/{dataset_id}/tasks`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: "List a dataset's imports, newest first",
  params: ofDataset,
  query: pageQuery,
  response: z.object({ tasks: paginated(datasetImportTask) }),
  errors: ['DATASET_NOT_FOUND'],
})

export const getDatasetRecord = operation({
  id: 'getDatasetRecord',
  method: 'GET',
  path: recordPath,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Read a record',
  params: ofRecord,
  response: datasetRecord,
  errors: ['DATASET_RECORD_NOT_FOUND'],
})

export const deleteDatasetRecord = operation({
  id: 'deleteDatasetRecord',
  method: 'DELETE',
  path: recordPath,
  tag,
  access: 'write',
  errorShape,
  status: 204,
  summary: 'Delete a record',
  params: ofRecord,
  errors: ['DATASET_RECORD_NOT_FOUND'],
})

export const deleteDatasetRecords = operation({
  id: 'deleteDatasetRecords',
  method: 'POST',
  path: '/v1/observability/dataset-records/bulk-delete',
  tag,
  access: 'write',
  errorShape,
  status: 204,
  summary: 'Delete up to 500 records, all or none',
  body: z.object({ dataset_record_ids: z.array(id).min(1).max(500) }),
  errors: ['DATASET_RECORD_NOT_FOUND'],
})

export const judgeDatasetRecord = operation({
  id: 'judgeDatasetRecord',
  method: 'POST',
  path: `${recordPath}/live-judging`,
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Judge a record at once with a judge that need not be saved',
  params: ofRecord,
  body: z.object({ judge_definition: judgeDefinition }),
  response: judgeOutput,
  errors: ['DATASET_RECORD_NOT_FOUND', ...judgingErrors],
})

export const replaceDatasetRecordPayload = operation({
  id: 'replaceDatasetRecordPayload',
  method: 'PUT',
  path: `${recordPath}/payload`,
  tag,
  access: 'write',
  errorShape,
  status: 204,
  summary: "Replace a record's conversation",
  params: ofRecord,
  body: z.object({ payload: conversationPayload }),
  bodyLimit: MAX_RECORD_BYTES,
  errors: ['DATASET_RECORD_NOT_FOUND'],
})

export const replaceDatasetRecordProperties = operation({
  id: 'replaceDatasetRecordProperties',
  method: 'PUT',
  path: `${recordPath}/properties`,
  tag,
  access: 'write',
  errorShape,
  status: 204,
  summary: "Replace a record's properties",
  params: ofRecord,
  body: z.object({ properties: jsonObject }),
  bodyLimit: MAX_RECORD_BYTES,
  errors: ['DATASET_RECORD_NOT_FOUND'],
})
