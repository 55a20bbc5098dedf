import type { EventPreview } from '@tramontane/contract/events'
import type { FieldDefinition } from '@tramontane/contract/fields'
import type { Column } from './table.ts'

/** The columns of events in a table; judges' annotations have one each. */
export function eventColumns(
  events: readonly EventPreview[],
  fields: readonly FieldDefinition[],
): Column<EventPreview>[] {
  const isThere = new Set(events.flatMap(({ extra_fields }) => Object.keys(extra_fields)))
  const annotations = fields.filter(({ name }) => name.startsWith('__judge_') && isThere.has(name))
  const text = (name: string) => (event: EventPreview) => event.extra_fields[name]?.toString()
  return [
    { title: 'ID', value: ({ event_id }) => event_id },
    { title: 'TIME', value: ({ created_at }) => created_at.slice(0, 19).replace('T', ' '), spare: 1 },
    { title: 'MODEL', value: text('model_name'), spare: 4 },
    { title: 'STATUS', value: text('status'), spare: 2 },
    { title: 'IN', value: ({ nb_input_tokens }) => nb_input_tokens, align: 'right', spare: 6 },
    { title: 'OUT', value: ({ nb_output_tokens }) => nb_output_tokens, align: 'right', spare: 7 },
    {
      title: 'SECONDS',
      value: ({ extra_fields: { total_time_elapsed: seconds } }) =>
        typeof seconds === 'number' ? seconds.toFixed(2) : null,
      align: 'right',
      spare: 5,
    },
    { title: 'QUESTION', value: text('last_user_message_preview'), fill: true },
    { title: 'ANSWER', value: text('response_messages_preview'), fill: true, spare: 3 },
    ...annotations.map(({ name, label }) => ({ title: label, value: text(name), fill: true as const })),
  ]
}
