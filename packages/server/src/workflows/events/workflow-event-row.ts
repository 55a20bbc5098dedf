import type { WorkflowEvent } from '@tramontane/contract/workflow-events'
import { memberText, onOneLine, readMembers } from '../../platform/json-text.ts'
import { identityOf } from './event-identity.ts'

/** An event on its way into the table, with the texts that the sender wrote. */
export interface NewEventRow {
  readonly event: WorkflowEvent
  readonly identity: string | null
  readonly task_id: string
  readonly activity_name: string | null
  /** What the filter `stream` selects on. */
  readonly stream: string
  /** JSON text. */
  readonly attributes: string
  /** Members that the contract does not name: JSON text of an object; null if there are none. */
  readonly further: string | null
  /** About the length of the event on the wire. */
  readonly bytes: number
}

/** Members with columns of their own. */
const NAMED: ReadonlySet<string> = new Set([
  'event_id',
  'event_timestamp',
  'event_type',
  'workflow_name',
  'workflow_exec_id',
  'workflow_run_id',
  'root_workflow_exec_id',
  'parent_workflow_exec_id',
  'continued_run_id',
  'first_execution_run_id',
  'schedule_id',
  'attributes',
])

const ENVELOPE_BYTES = 600

/** The topic of an event: the type of its custom task, or what kind of thing it is about. */
export function streamOf(event: WorkflowEvent): string {
  if ('custom_task_type' in event.attributes) return event.attributes.custom_task_type
  return event.event_type.startsWith('ACTIVITY_') ? 'activity' : 'workflow'
}

function toRow(event: WorkflowEvent, attributes: string, further: string | null): NewEventRow {
  return {
    event,
    identity: identityOf(event),
    task_id:
      'custom_task_id' in event.attributes ? event.attributes.custom_task_id : event.attributes.task_id,
    activity_name: 'activity_name' in event.attributes ? event.attributes.activity_name : null,
    stream: streamOf(event),
    attributes,
    further,
    bytes:
      Buffer.byteLength(attributes) + (further === null ? 0 : Buffer.byteLength(further)) + ENVELOPE_BYTES,
  }
}

/** The row of an event that the server itself has made. */
export function rowOfEvent(event: WorkflowEvent): NewEventRow {
  return toRow(event, JSON.stringify(event.attributes), null)
}

/**
 * The row of an event that a worker has sent: payloads stay as they were written, digit by digit.
 * @param event the text, parsed and checked
 * @param text a JSON object
 */
export function rowOfText(event: WorkflowEvent, text: string): NewEventRow {
  const { members } = readMembers(text)
  const attributes = onOneLine(memberText(text, members, 'attributes')!)
  const unnamed = members.filter(({ name }) => !NAMED.has(name))
  const further = unnamed.map(({ from, to }) => text.slice(from, to)).join(',')
  return toRow(event, attributes, unnamed.length > 0 ? onOneLine(`{${further}}`) : null)
}
