import { z } from 'zod'
import { conversationSource } from './datasets.ts'
import { operation } from './operation.ts'
import { pageQuery } from './paging.ts'
import { id, instant, wholeNumber } from './scalars.ts'

/** A record as it stands in lists: what it is about, without its conversation, which may have megabytes. */
export const datasetRecordPreview = z.object({
  id,
  created_at: instant,
  updated_at: instant,
  source: conversationSource,
  nb_messages: z.int(),
  /** Of payload and properties together, as JSON. */
  bytes: z.int(),
  /** The beginning of what the user said last; null if no message of a user has text. */
  last_user_text: z.string().nullable(),
  /** The beginning of the last message's text if it is an answer; null for an answer without text, such as calls of tools. */
  answer_text: z.string().nullable(),
  /** Names of the tools that are called. */
  invoked_tools: z.array(z.string()),
  /** The beginning of the properties, as JSON on one line; `{}` if there are none. */
  properties_text: z.string(),
})
export type DatasetRecordPreview = z.output<typeof datasetRecordPreview>

const tag = 'Datasets'
const errorShape = 'observability'
const params = z.object({ dataset_id: z.string() })
const path = '/v1/observability/datasets/{dataset_id}'

/** An addition of this project: lists of records that stay small however large the records are. */
export const listDatasetRecordPreviews = operation({
  id: 'listDatasetRecordPreviews',
  method: 'GET',
  path: `${path}/record-previews`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'A page of records in the order in which they were added, each with the beginning of its texts',
  params,
  query: pageQuery,
  response: z.object({ previews: z.array(datasetRecordPreview), count: z.int() }),
  errors: ['DATASET_NOT_FOUND'],
})

/** An addition of this project: what the operations on many records are called with. */
export const listDatasetRecordIds = operation({
  id: 'listDatasetRecordIds',
  method: 'GET',
  path: `${path}/record-ids`,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'The ids of records in the order in which they were added, up to 10,000 at a time',
  params,
  query: z.object({
    /** The id after which to go on. */
    after: id.optional(),
    limit: wholeNumber({ min: 1, max: 10_000 }).default(10_000),
  }),
  response: z.object({ dataset_record_ids: z.array(id) }),
  errors: ['DATASET_NOT_FOUND'],
})
