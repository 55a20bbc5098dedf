import { z } from 'zod'
import { operation } from './operation.ts'
import { id, queryBoolean, repeated, wellFormedText, wholeNumber } from './scalars.ts'

/** Largest file that may be uploaded, in bytes. */
export const MAX_FILE_BYTES = 512 * 1024 * 1024
/** Hours for which a file, or a link to it, may be valid at most. */
const MAX_HOURS = 8_760

/** What a file is for: `fine-tune`, `batch`, `ocr`, or another word such as `evaluation`. */
export const filePurpose = z.string().regex(/^[a-z][a-z0-9_-]{0,49}$/, {
  error: 'must be a word of up to 50 lower-case letters, digits, - and _, such as fine-tune or evaluation',
})
export const sampleType = z.enum(['pretrain', 'instruct', 'batch_request', 'batch_result', 'batch_error'])
/** `upload`: sent by a caller · `mistral`: made by the server, such as the export of a dataset. */
export const fileSource = z.enum(['upload', 'repository', 'mistral'])
/** `user`: only for the key that uploaded it, and for admins. */
export const fileVisibility = z.enum(['workspace', 'user'])

export const file = z.object({
  id,
  object: z.string(),
  bytes: z.int(),
  /** Seconds since 1970, as all times of files. */
  created_at: z.int(),
  filename: z.string(),
  purpose: filePurpose,
  sample_type: sampleType,
  /** Counted for files named `….jsonl`, null for others. */
  num_lines: z.int().nullable(),
  mimetype: z.string().nullable(),
  source: fileSource,
  signature: z.string().nullable(),
  expires_at: z.int().nullable(),
  visibility: fileVisibility.nullable(),
})

/** The fields of an upload beside the file itself. */
export const uploadFields = z.object({
  purpose: filePurpose.default('fine-tune'),
  visibility: fileVisibility.default('workspace'),
  /** Hours after which the file goes. */
  expiry: z.preprocess(
    (value) => (value === '' || value === 'null' ? undefined : value),
    wholeNumber({ min: 1, max: MAX_HOURS }).optional(),
  ),
})

const tag = 'Files'
const errorShape = 'observability'
const params = z.object({ file_id: z.string() })

export const uploadFile = operation({
  id: 'uploadFile',
  method: 'POST',
  path: '/v1/files',
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Upload a file of up to 512 MB: the multipart field `file`, and `purpose`, `visibility`, `expiry`',
  consumes: ['multipart/form-data'],
  response: file,
  errors: ['VALIDATION_ERROR', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
})

export const listFiles = operation({
  id: 'listFiles',
  method: 'GET',
  path: '/v1/files',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'List files, newest first; pages count from 0',
  query: z.object({
    page: wholeNumber({ min: 0, max: 2_000_000 }).default(0),
    page_size: wholeNumber({ min: 0, max: 1_000 }).default(100),
    include_total: queryBoolean.default(true),
    sample_type: repeated(sampleType),
    source: repeated(fileSource),
    /** Part of the file's name, in any case. */
    search: wellFormedText(0, 500).optional(),
    purpose: filePurpose.optional(),
    mimetypes: repeated(wellFormedText(0, 200)),
  }),
  response: z.object({ data: z.array(file), object: z.string(), total: z.int().nullable() }),
})

export const retrieveFile = operation({
  id: 'retrieveFile',
  method: 'GET',
  path: '/v1/files/{file_id}',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Read what is known of a file',
  params,
  response: file.extend({ deleted: z.boolean() }),
  errors: ['FILE_NOT_FOUND'],
})

export const deleteFile = operation({
  id: 'deleteFile',
  method: 'DELETE',
  path: '/v1/files/{file_id}',
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Delete a file; links to it end with it',
  params,
  response: z.object({ id, object: z.string(), deleted: z.boolean() }),
  errors: ['FILE_NOT_FOUND'],
})

export const fileContent = operation({
  id: 'fileContent',
  method: 'GET',
  path: '/v1/files/{file_id}/content',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Download a file',
  params,
  produces: ['application/octet-stream'],
  errors: ['FILE_NOT_FOUND'],
})

export const fileSignedUrl = operation({
  id: 'fileSignedUrl',
  method: 'GET',
  path: '/v1/files/{file_id}/url',
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'Make a link to a file that needs no key, for `expiry` hours',
  params,
  query: z.object({ expiry: wholeNumber({ min: 1, max: MAX_HOURS }).default(24) }),
  response: z.object({ url: z.string() }),
  errors: ['FILE_NOT_FOUND'],
})

/** Where signed links lead. Whatever is wrong with a link, the answer is the same: 404. */
export const downloadSignedFile = operation({
  id: 'downloadSignedFile',
  method: 'GET',
  path: '/v1/files/{file_id}/download',
  tag,
  access: 'public',
  errorShape,
  status: 200,
  summary: 'Download a file through a signed link, without a key',
  params,
  query: z.object({
    workspace: z.string().default(''),
    expires: z.string().default(''),
    signature: z.string().default(''),
  }),
  produces: ['application/octet-stream'],
  errors: ['FILE_NOT_FOUND'],
})
