import { Readable } from 'node:stream'
import { countEventVolume, exportEvents, listEventAnnotations } from '@tramontane/contract/event-analysis'
import type { FastifyInstance } from 'fastify'
import { route } from '../../platform/http/route.ts'
import type { EventExport } from './event-export.ts'
import type { EventVolumes } from './event-volume.ts'
import type { Explorer } from './explorer.ts'

export function eventAnalysisRoutes(
  app: FastifyInstance,
  { explorer, volumes, exports }: { explorer: Explorer; volumes: EventVolumes; exports: EventExport },
): void {
  route(app, countEventVolume, async ({ caller, body }) =>
    volumes.count(caller.workspaceId, body.search_params.filters, {
      from: body.from,
      to: body.to,
      maxBuckets: body.max_buckets,
    }),
  )

  route(app, listEventAnnotations, async ({ caller, params }) => ({
    annotations: await explorer.annotations(caller.workspaceId, params.event_id),
  }))

  route(app, exportEvents, async ({ caller, body, reply }) => {
    const { workspaceId } = caller
    const lines = body.completion_event_ids
      ? exports.withIds(workspaceId, body.completion_event_ids)
      : await exports.matching(workspaceId, body.search_params?.filters ?? null, body.max_nb_events)
    reply
      .header('content-type', 'application/x-ndjson; charset=utf-8')
      .header('content-disposition', 'attachment; filename="events.jsonl"')
      .send(Readable.from(lines))
  })
}
