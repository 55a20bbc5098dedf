import {
  countFieldOptions,
  getEvent,
  importEvents,
  listEventFields,
  listFieldOptions,
  searchEventIds,
  searchEvents,
  similarEvents,
} from '@tramontane/contract/events'
import type { FastifyInstance } from 'fastify'
import { route } from '../../platform/http/route.ts'
import type { EventImport } from './event-import.ts'
import type { Explorer } from './explorer.ts'
import { ImportGate } from './import-gate.ts'

/** @param publicUrl what the link to the next page begins with */
export function eventRoutes(
  app: FastifyInstance,
  { explorer, imports, publicUrl }: { explorer: Explorer; imports: EventImport; publicUrl: () => string },
): void {
  route(app, searchEvents, async ({ caller, query, body }) => {
    const { results, cursor } = await explorer.search(caller.workspaceId, body.search_params.filters, {
      size: query.page_size,
      cursor: query.cursor,
      fields: body.extra_fields,
    })
    const next = cursor && `${publicUrl()}${searchEvents.path}?page_size=${query.page_size}&cursor=${cursor}`
    return { completion_events: { results, next, cursor } }
  })

  route(app, searchEventIds, async ({ caller, body }) => ({
    completion_event_ids: await explorer.searchIds(caller.workspaceId, body.search_params.filters),
  }))

  route(app, getEvent, async ({ caller, params }) => explorer.get(caller.workspaceId, params.event_id))

  route(app, similarEvents, async ({ caller, params }) => ({
    completion_events: {
      results: await explorer.similar(caller.workspaceId, params.event_id),
      next: null,
      cursor: null,
    },
  }))

  route(app, listEventFields, async ({ caller }) => {
    const { definitions, groups } = await explorer.fields(caller.workspaceId)
    return { field_definitions: [...definitions], field_groups: [...groups] }
  })

  route(app, listFieldOptions, async ({ caller, params, query }) => ({
    options: await explorer.options(caller.workspaceId, params.field_name, query.operator),
  }))

  route(app, countFieldOptions, async ({ caller, params, body }) => ({
    counts: await explorer.optionCounts(
      caller.workspaceId,
      params.field_name,
      body.filter_params?.filters ?? null,
    ),
  }))

  app.register(async (part) => {
    const gate = new ImportGate()
    part.addHook('onRequest', async (request, reply) => gate.enter(request, reply))
    route(part, importEvents, async ({ caller, body }) => imports.import(caller.workspaceId, body.events))
  })
}
