import {
  streamWorkflowEvents as operation,
  type streamWorkflowEvents,
} from '@tramontane/contract/workflow-events'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { ApiError } from '../../platform/http/errors.ts'
import type { JsonObject } from '../../platform/json-object.ts'
import type { EventFilter } from './event-filter.ts'

type StreamQuery = z.output<typeof streamWorkflowEvents.query>

const NAMED: ReadonlySet<string> = new Set(Object.keys(operation.query.shape))

/** Entries of `metadata_filters`, as an object and as the official clients spell them: parameters of their own. */
function metadataFilters(query: StreamQuery): JsonObject {
  const others = Object.entries(query).filter(([name]) => !NAMED.has(name))
  return Object.fromEntries([...Object.entries(query.metadata_filters ?? {}), ...others])
}

/** Which events the caller of a stream wants. */
export function filterOf(query: StreamQuery): EventFilter {
  const exact: [keyof EventFilter, string][] = [
    ['scope', query.scope],
    ['activityName', query.activity_name],
    ['activityId', query.activity_id],
    ['workflowName', query.workflow_name],
    ['executionId', query.workflow_exec_id],
    ['rootExecutionId', query.root_workflow_exec_id],
    ['parentExecutionId', query.parent_workflow_exec_id],
    ['stream', query.stream],
  ]
  const types = query.workflow_event_types
  return {
    ...Object.fromEntries(exact.filter(([, value]) => value !== '*')),
    ...(types === undefined ? {} : { types }),
    metadata: metadataFilters(query),
  }
}

/**
 * The last sequence that the caller has. `start_seq` is the first that it wants; the id of the last event it has comes
 * with a reconnection, whose URL still says where the first connection began.
 * @throws ApiError VALIDATION_ERROR
 */
export function positionOf(
  request: FastifyRequest,
  startSeq: number,
  lastEventId: number | undefined,
): number {
  const header = request.headers['last-event-id']
  if (header !== undefined && !/^\d{0,15}$/.test(String(header))) {
    const msg = 'must be the `id` of an event of this stream'
    throw new ApiError('VALIDATION_ERROR', `last-event-id: ${msg}`, {
      issues: [{ loc: ['header', 'last-event-id'], msg, type: 'value_error' }],
    })
  }
  return Math.max(startSeq - 1, lastEventId ?? 0, Number(header ?? 0), 0)
}
