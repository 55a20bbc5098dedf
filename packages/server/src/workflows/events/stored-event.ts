import type { WorkflowEventType } from '@tramontane/contract/workflow-events'
import { type InstantUnit, instantLiteral } from '../../platform/http/nanoseconds.ts'
import { isObject, type JsonObject } from '../../platform/json-object.ts'

/** An event as it lies in the table. Texts of JSON stay texts: they go over the wire as they came. */
export interface StoredEvent {
  /** `broker_sequence` on the wire. */
  readonly sequence: number
  readonly event_id: string
  readonly recorded_at: Date
  readonly event_type: WorkflowEventType
  /** Digits. */
  readonly event_timestamp: string
  readonly workflow_name: string
  readonly workflow_exec_id: string
  readonly workflow_run_id: string
  readonly root_workflow_exec_id: string
  readonly parent_workflow_exec_id: string | null
  readonly continued_run_id: string | null
  readonly first_execution_run_id: string | null
  readonly schedule_id: string | null
  readonly task_id: string
  readonly activity_name: string | null
  readonly stream: string
  readonly attributes: string
  readonly further: string | null
  readonly bytes: number
}

/** The event as JSON text. */
export function eventText(event: StoredEvent, unit: InstantUnit): string {
  const envelope = JSON.stringify({
    event_id: event.event_id,
    root_workflow_exec_id: event.root_workflow_exec_id,
    parent_workflow_exec_id: event.parent_workflow_exec_id,
    continued_run_id: event.continued_run_id,
    first_execution_run_id: event.first_execution_run_id,
    schedule_id: event.schedule_id,
    workflow_exec_id: event.workflow_exec_id,
    workflow_run_id: event.workflow_run_id,
    workflow_name: event.workflow_name,
    event_type: event.event_type,
  })
  const timestamp = instantLiteral(BigInt(event.event_timestamp), unit)
  const further = event.further === null ? '' : `,${event.further.slice(1, -1)}`
  return `${envelope.slice(0, -1)},"event_timestamp":${timestamp},"attributes":${event.attributes}${further}}`
}

/** The event's member `metadata`, which is none of the contract's; empty if it has none. */
export function metadataOf({ further }: StoredEvent): JsonObject {
  if (further === null || !further.includes('"metadata"')) return {}
  const { metadata } = JSON.parse(further) as JsonObject
  return isObject(metadata) ? metadata : {}
}

/** An event as a frame of a stream, written once for all who read it. */
export class EventFrame {
  readonly event: StoredEvent
  readonly #namespace: string
  readonly #bytes = new Map<InstantUnit, Buffer>()

  /** @param namespace of Temporal, in which the workspace's executions run */
  constructor(event: StoredEvent, namespace: string) {
    this.event = event
    this.#namespace = namespace
  }

  bytes(unit: InstantUnit): Buffer {
    let bytes = this.#bytes.get(unit)
    if (!bytes) {
      bytes = Buffer.from(this.#text(unit))
      this.#bytes.set(unit, bytes)
    }
    return bytes
  }

  #text(unit: InstantUnit): string {
    const { event } = this
    const context = JSON.stringify({
      namespace: this.#namespace,
      workflow_name: event.workflow_name,
      workflow_exec_id: event.workflow_exec_id,
      parent_workflow_exec_id: event.parent_workflow_exec_id,
      root_workflow_exec_id: event.root_workflow_exec_id,
    })
    const data = [
      `"stream":${JSON.stringify(event.stream)}`,
      `"timestamp":"${event.recorded_at.toISOString()}"`,
      `"data":${eventText(event, unit)}`,
      `"workflow_context":${context}`,
      `"metadata":${JSON.stringify(metadataOf(event))}`,
      `"broker_sequence":${event.sequence}`,
    ]
    return `id: ${event.sequence}\ndata: {${data.join(',')}}\n\n`
  }
}
