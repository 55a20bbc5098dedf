import { Readable } from 'node:stream'
import { listDatasetRecordIds, listDatasetRecordPreviews } from '@tramontane/contract/dataset-previews'
import {
  createDatasetRecord,
  deleteDatasetRecord,
  deleteDatasetRecords,
  getDatasetRecord,
  judgeDatasetRecord,
  listDatasetRecords,
  replaceDatasetRecordPayload,
  replaceDatasetRecordProperties,
} from '@tramontane/contract/datasets'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readJsonBodies } from '../../platform/http/json-bodies.ts'
import { pageLinks } from '../../platform/http/links.ts'
import { route } from '../../platform/http/route.ts'
import type { DatasetService } from './dataset-service.ts'
import { previewOf } from './record-preview.ts'
import type { StoredRecord } from './record-store.ts'
import { bodyText } from './record-text.ts'

/** A record on the wire, as text: payload and properties are sent as the user wrote them. */
function toJson(record: StoredRecord): string {
  const head = JSON.stringify({
    id: record.id,
    created_at: record.created_at,
    updated_at: record.updated_at,
    deleted_at: null,
    dataset_id: record.dataset_id,
    source: record.source,
  })
  return `${head.slice(0, -1)},"payload":${record.payload},"properties":${record.properties}}`
}

function sendJson(reply: FastifyReply, status: number, json: string | Readable): void {
  reply.status(status).type('application/json; charset=utf-8').send(json)
}

/** The text of a page, piece by piece. */
async function* pageJson(
  page: { count: number; next: string | null; previous: string | null },
  records: AsyncIterable<StoredRecord[]>,
): AsyncGenerator<string> {
  yield `{"records":${JSON.stringify(page).slice(0, -1)},"results":[`
  let separator = ''
  for await (const some of records) {
    for (const record of some) {
      yield separator + toJson(record)
      separator = ','
    }
  }
  yield ']}}'
}

function routes(app: FastifyInstance, datasets: DatasetService, publicUrl: () => string): void {
  const bodies = new WeakMap<FastifyRequest, string>()
  readJsonBodies(app, (request, text) => bodies.set(request, text))
  const textOf = (request: FastifyRequest, key: 'payload' | 'properties') =>
    bodyText(bodies.get(request)!, key)

  route(app, listDatasetRecords, async ({ caller, params, query, request, reply }) => {
    const { count, records } = await datasets.listRecords(caller, params.dataset_id, query)
    const page = { count, ...pageLinks(publicUrl(), request.url, query, count) }
    sendJson(reply, 200, Readable.from(pageJson(page, records), { objectMode: false }))
  })

  route(app, listDatasetRecordPreviews, async ({ caller, params, query }) => {
    const { count, records } = await datasets.listRecords(caller, params.dataset_id, query)
    const previews = []
    for await (const some of records) previews.push(...some.map(previewOf))
    return { previews, count }
  })

  route(app, listDatasetRecordIds, async ({ caller, params, query }) => ({
    dataset_record_ids: await datasets.listRecordIds(caller, params.dataset_id, query),
  }))

  route(app, createDatasetRecord, async ({ caller, params, body, request, reply }) => {
    const record = await datasets.createRecord(caller, params.dataset_id, {
      payload: textOf(request, 'payload'),
      properties: textOf(request, 'properties'),
      payloadHasProperties: Object.hasOwn(body.payload, 'properties'),
    })
    sendJson(reply, 201, toJson(record))
  })

  route(app, getDatasetRecord, async ({ caller, params, reply }) =>
    sendJson(reply, 200, toJson(await datasets.getRecord(caller, params.dataset_record_id))),
  )

  route(app, deleteDatasetRecord, async ({ caller, params }) =>
    datasets.deleteRecords(caller, [params.dataset_record_id]),
  )

  route(app, deleteDatasetRecords, async ({ caller, body }) =>
    datasets.deleteRecords(caller, body.dataset_record_ids),
  )

  route(app, judgeDatasetRecord, async ({ caller, params, body, signal }) =>
    datasets.judge(caller, params.dataset_record_id, body.judge_definition, signal),
  )

  route(app, replaceDatasetRecordPayload, async ({ caller, params, body, request }) =>
    datasets.replacePayload(caller, params.dataset_record_id, {
      payload: textOf(request, 'payload'),
      payloadHasProperties: Object.hasOwn(body.payload, 'properties'),
    }),
  )

  route(app, replaceDatasetRecordProperties, async ({ caller, params, request }) =>
    datasets.replaceProperties(caller, params.dataset_record_id, textOf(request, 'properties')),
  )
}

/** Records of datasets, in a scope of their own: here the text of a body is kept beside what was parsed. */
export function recordRoutes(app: FastifyInstance, datasets: DatasetService, publicUrl: () => string): void {
  app.register(async (scope) => routes(scope, datasets, publicUrl))
}
