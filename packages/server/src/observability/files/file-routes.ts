import type { Readable } from 'node:stream'
import multipart from '@fastify/multipart'
import {
  deleteFile,
  downloadSignedFile,
  fileContent,
  fileSignedUrl,
  listFiles,
  retrieveFile,
  uploadFile,
} from '@tramontane/contract/files'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { route } from '../../platform/http/route.ts'
import { attachment } from './file-name.ts'
import type { FileService } from './file-service.ts'
import type { StoredFile } from './file-store.ts'
import { readUpload } from './file-upload.ts'

const seconds = (time: Date) => Math.floor(time.getTime() / 1000)

function toWire(file: StoredFile) {
  return {
    id: file.id,
    object: 'file',
    bytes: file.bytes,
    created_at: seconds(file.created_at),
    filename: file.filename,
    purpose: file.purpose,
    sample_type: file.sample_type,
    num_lines: file.num_lines,
    mimetype: file.mimetype,
    source: file.source,
    signature: null,
    expires_at: file.expires_at && seconds(file.expires_at),
    visibility: file.visibility,
  }
}

/** Sends a file so that no browser shows or runs it, whatever its name and bytes say. */
function send(reply: FastifyReply, { file, content }: { file: StoredFile; content: Readable }): void {
  reply
    .type('application/octet-stream')
    .header('content-length', file.bytes)
    .header('content-disposition', attachment(file.filename))
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('cache-control', 'private, no-store')
    .send(content)
}

async function routes(app: FastifyInstance, files: FileService): Promise<void> {
  await app.register(multipart, {
    throwFileSizeLimit: false,
    // The size of the file is limited by `receive`.
    limits: { fileSize: Number.POSITIVE_INFINITY, files: 2, fields: 20, fieldSize: 10_000, parts: 22 },
  })

  route(app, uploadFile, async ({ caller, request }) => {
    const { received, mimetype, fields } = await readUpload(request, caller.workspaceId, files)
    const { expiry, ...rest } = fields
    return toWire(
      await files.keep(received, { ...rest, expiry, mimetype, owner_id: caller.keyId, source: 'upload' }),
    )
  })

  route(app, listFiles, async ({ caller, query }) => {
    const filter = {
      sampleTypes: query.sample_type,
      sources: query.source,
      search: query.search,
      purpose: query.purpose,
      mimetypes: query.mimetypes,
    }
    const page = { limit: query.page_size, offset: query.page * query.page_size }
    const data = (await files.list(caller, filter, page)).map(toWire)
    return { data, object: 'list', total: query.include_total ? await files.count(caller, filter) : null }
  })

  route(app, retrieveFile, async ({ caller, params }) => ({
    ...toWire(await files.get(caller, params.file_id)),
    deleted: false,
  }))

  route(app, deleteFile, async ({ caller, params }) => {
    await files.delete(caller, params.file_id)
    return { id: params.file_id, object: 'file', deleted: true }
  })

  route(app, fileContent, async ({ caller, params, reply }) =>
    send(reply, await files.open(caller, params.file_id)),
  )

  route(app, fileSignedUrl, async ({ caller, params, query }) => ({
    url: await files.link(caller, params.file_id, query.expiry),
  }))

  route(app, downloadSignedFile, async ({ params, query, reply }) =>
    send(reply, await files.openLinked(params.file_id, query)),
  )
}

/** The Files API, in a scope of its own: only here are multipart bodies read. */
export function fileRoutes(app: FastifyInstance, files: FileService): void {
  app.register((scope) => routes(scope, files))
}
