import type { Multipart } from '@fastify/multipart'
import { MAX_FILE_BYTES, uploadFields } from '@tramontane/contract/files'
import { mistakeWords } from '@tramontane/contract/mistake-words'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { ApiError } from '../../platform/http/errors.ts'
import { tooLarge } from './byte-meter.ts'
import type { FileService, ReceivedBytes } from './file-service.ts'

/** Room for the boundaries and the small fields around the file. */
const FORM_BYTES = 1024 * 1024

/** A multipart form whose file is in the storage already, not yet a file of the API. */
export interface Upload {
  readonly received: ReceivedBytes
  readonly mimetype: string
  readonly fields: z.output<typeof uploadFields>
}

function invalid(message: string): ApiError {
  return new ApiError('VALIDATION_ERROR', message)
}

/** The next part; what the multipart parser refuses is the caller's mistake. */
async function nextPart(parts: AsyncIterator<Multipart>): Promise<Multipart | undefined> {
  try {
    const next = await parts.next()
    return next.done ? undefined : next.value
  } catch (cause) {
    if ((cause as { statusCode?: number }).statusCode === 413)
      throw new ApiError('PAYLOAD_TOO_LARGE', 'The form has too many or too large fields.', { cause })
    throw new ApiError('VALIDATION_ERROR', `The form cannot be read: ${(cause as Error).message}`, { cause })
  }
}

/** The bytes of the file's part; a form that breaks off in it is the caller's mistake too. */
async function* bytesOf(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* file
  } catch (cause) {
    throw new ApiError('VALIDATION_ERROR', 'file: the form breaks off in the middle of the file.', { cause })
  }
}

function parseFields(values: Record<string, string>): Upload['fields'] {
  const parsed = uploadFields.safeParse(values, { error: mistakeWords })
  if (parsed.success) return parsed.data
  throw invalid(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
}

/** Reads an upload; its file goes straight into the storage, since the fields may come after it. */
export async function readUpload(
  request: FastifyRequest,
  workspaceId: string,
  files: FileService,
): Promise<Upload> {
  if (!request.isMultipart())
    throw new ApiError('UNSUPPORTED_MEDIA_TYPE', 'Send the file as multipart/form-data, in the field `file`.')
  if (Number(request.headers['content-length']) > MAX_FILE_BYTES + FORM_BYTES) throw tooLarge()
  const values: Record<string, string> = {}
  let received: ReceivedBytes | undefined
  let mimetype = ''
  try {
    const parts = request.parts()
    for (let part = await nextPart(parts); part; part = await nextPart(parts)) {
      if (part.type === 'field') {
        if (Object.hasOwn(uploadFields.shape, part.fieldname)) values[part.fieldname] = String(part.value)
      } else if (part.fieldname === 'file' && received === undefined) {
        mimetype = part.mimetype
        received = await files.receive(workspaceId, part.filename, bytesOf(part.file))
      } else {
        throw invalid(`${part.fieldname}: send one file, in the field \`file\``)
      }
    }
    if (!received) throw invalid('file: the form has no file in the field `file`')
    return { received, mimetype, fields: parseFields(values) }
  } catch (error) {
    if (received) await files.discard(received)
    throw error
  }
}
