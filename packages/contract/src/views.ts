import { z } from 'zod'
import { operation } from './operation.ts'
import { id, instant, jsonObject, wellFormedText } from './scalars.ts'

/** More views of one kind a workspace cannot have. */
export const MAX_VIEWS = 500

/** Which list a view is of: chat completion events, or executions of workflows. */
export const viewKind = z.enum(['events', 'executions'])
export type ViewKind = z.output<typeof viewKind>

/** A way to look at a list, with a name, that the whole workspace shares. */
export const savedView = z.object({
  id,
  kind: viewKind,
  name: z.string(),
  /** What the studio's address carries for the list: filter, range, columns, sorting. The server does not look into it. */
  state: jsonObject,
  owner_id: id,
  created_at: instant,
  updated_at: instant,
})
export type SavedView = z.output<typeof savedView>

const tag = 'Saved views'
const errorShape = 'observability'
const path = '/v1/views'
const params = z.object({ view_id: z.string() })
const name = wellFormedText(1, 100)
const bodyLimit = 64 * 1024

export const listViews = operation({
  id: 'listViews',
  method: 'GET',
  path,
  tag,
  access: 'read',
  errorShape,
  status: 200,
  summary: 'List the saved views of a kind by name',
  query: z.object({ kind: viewKind }),
  response: z.object({ views: z.array(savedView) }),
})

export const createView = operation({
  id: 'createView',
  method: 'POST',
  path,
  tag,
  access: 'write',
  errorShape,
  status: 201,
  summary: 'Save a view under a name that no other view of its kind has',
  body: z.strictObject({ kind: viewKind, name, state: jsonObject }),
  bodyLimit,
  response: savedView,
  errors: ['VIEW_ALREADY_EXISTS', 'TOO_MANY_VIEWS', 'PAYLOAD_TOO_LARGE'],
})

export const updateView = operation({
  id: 'updateView',
  method: 'PATCH',
  path: `${path}/{view_id}`,
  tag,
  access: 'write',
  errorShape,
  status: 200,
  summary: 'Change the name of a view, or what it shows; what is absent stays',
  params,
  body: z.strictObject({ name: name.optional(), state: jsonObject.optional() }),
  bodyLimit,
  response: savedView,
  errors: ['VIEW_NOT_FOUND', 'VIEW_ALREADY_EXISTS', 'PAYLOAD_TOO_LARGE'],
})

export const deleteView = operation({
  id: 'deleteView',
  method: 'DELETE',
  path: `${path}/{view_id}`,
  tag,
  access: 'write',
  errorShape,
  status: 204,
  summary: 'Delete a saved view',
  params,
  errors: ['VIEW_NOT_FOUND'],
})
