import type { FilterOperator } from './filter.ts'

export const fieldTypes = ['ENUM', 'TEXT', 'INT', 'FLOAT', 'BOOL', 'TIMESTAMP', 'ARRAY'] as const
export type FieldType = (typeof fieldTypes)[number]

/** A field of an event that can be shown and filtered on. Its schema is in `events.ts`: the studio does without schemas. */
export interface FieldDefinition {
  name: string
  label: string
  type: FieldType
  group: string | null
  supported_operators: FilterOperator[]
}

const equality: FilterOperator[] = ['eq', 'neq', 'isnull']
const order: FilterOperator[] = ['lt', 'lte', 'gt', 'gte']
const text: FilterOperator[] = [
  'startswith',
  'istartswith',
  'endswith',
  'iendswith',
  'contains',
  'icontains',
  'notcontains',
  'inotcontains',
  'matches',
]

/** Which operators each type of field can carry. */
const operatorsOf: Readonly<Record<FieldType, readonly FilterOperator[]>> = {
  ENUM: [...equality, ...text],
  TEXT: [...equality, ...text],
  INT: [...equality, ...order],
  FLOAT: [...equality, ...order],
  BOOL: equality,
  TIMESTAMP: [...equality, ...order],
  ARRAY: ['includes', 'excludes', 'len_eq', 'isnull'],
}

function field(name: string, label: string, type: FieldType, group: string): FieldDefinition {
  return { name, label, type, group, supported_operators: [...operatorsOf[type]] }
}

export const fieldGroups = [
  { name: 'request', label: 'Request' },
  { name: 'response', label: 'Response' },
  { name: 'usage', label: 'Usage' },
  { name: 'metadata', label: 'Metadata' },
  { name: 'judges', label: 'Judges' },
] as const

/** The fields that every workspace has; beside them `metadata.<key>` (TEXT) and one `__judge_<id>` for each judge that has annotated. */
export const eventFields: readonly FieldDefinition[] = [
  field('timestamp', 'Time', 'TIMESTAMP', 'request'),
  field('model_name', 'Model', 'ENUM', 'request'),
  field('last_user_message_preview', 'Last user message', 'TEXT', 'request'),
  field('first_system_message', 'System message', 'TEXT', 'request'),
  field('api_agent_id', 'Agent', 'TEXT', 'request'),
  field('event_id', 'Event id', 'TEXT', 'request'),
  field('correlation_id', 'Correlation id', 'TEXT', 'request'),
  field('source', 'Came in by', 'ENUM', 'request'),
  field('response_messages_preview', 'Answer', 'TEXT', 'response'),
  field('invoked_tools', 'Invoked tools', 'ARRAY', 'response'),
  field('status', 'Status', 'ENUM', 'response'),
  field('error', 'Error', 'TEXT', 'response'),
  field('total_time_elapsed', 'Duration (s)', 'FLOAT', 'usage'),
  field('input_tokens', 'Input tokens', 'INT', 'usage'),
  field('output_tokens', 'Output tokens', 'INT', 'usage'),
]

/** The field of a metadata key: `metadata.<key>`. */
export function metadataField(key: string): FieldDefinition {
  return field(`metadata.${key}`, key, 'TEXT', 'metadata')
}

/** The field that carries a judge's newest answer. */
export function judgeField(judgeId: string, label: string, type: 'ENUM' | 'FLOAT'): FieldDefinition {
  return field(`__judge_${judgeId.replaceAll('-', '')}`, label, type, 'judges')
}
