import { eventFields, type FieldDefinition, metadataField } from '@tramontane/contract/fields'
import type { FilterCondition, FilterOperator } from '@tramontane/contract/filter'
import { definitionFinder } from '@tramontane/contract/filter-check'
import { compileFilter } from '@tramontane/server/observability/events/filter-compiler'

export type Rarity = 'common' | 'rare' | 'absent'

/** One search of the set. */
export interface Query {
  readonly field: FieldDefinition
  readonly rarity: Rarity
  readonly condition: FilterCondition
  /** Whether an index finds the events, as the compiler of filters says. */
  readonly isServed: boolean
}

/** For each field a common, a rare and an absent value, as `variedEvents` makes them. */
const VALUES: Readonly<Record<string, readonly [unknown, unknown, unknown]>> = {
  model_name: ['mistral-medium-latest', 'rare-model', 'no-such-model'],
  last_user_message_preview: [' ba', 'xylophonic', 'nowhere-to-be-found'],
  first_system_message: [' ba', 'xylophonic', 'nowhere-to-be-found'],
  api_agent_id: ['agent-0', 'rare-agent', 'no-such-agent'],
  correlation_id: ['call-', 'rare-', 'no-such-call'],
  source: ['import', 'gateway', 'telemetry'],
  response_messages_preview: [' ba', 'xylophonic', 'nowhere-to-be-found'],
  invoked_tools: ['web_search', 'rare_tool', 'no_such_tool'],
  status: ['ok', 'error', 'cancelled'],
  error: ['429', 'xylophonic', 'nowhere-to-be-found'],
  total_time_elapsed: [0.5, 900, 1e6],
  input_tokens: [500, 900_000, 2_000_000],
  output_tokens: [200, 900_000, 2_000_000],
  'metadata.tenant': ['t0', 'rare', 'no-such-tenant'],
  'metadata.env': ['prod', 'dev', 'no-such-env'],
}

function valuesOf(
  field: FieldDefinition,
  sample: { first: string; middle: string; id: string },
): readonly [unknown, unknown, unknown] {
  if (field.name === 'timestamp') return [sample.middle, sample.first, '1999-01-01T00:00:00Z']
  if (field.name === 'event_id')
    return [sample.id.slice(0, 4), sample.id, '00000000-0000-7000-8000-000000000000']
  return VALUES[field.name]!
}

function conditionValue(op: FilterOperator, value: unknown, rarity: Rarity): unknown {
  if (op === 'isnull') return rarity === 'common'
  if (op === 'len_eq') return rarity === 'common' ? 0 : rarity === 'rare' ? 1 : 40
  return value
}

/** Every operator on every field that can carry it, with a common, a rare and an absent value. */
export function everyQuery(sample: { first: string; middle: string; id: string }): Query[] {
  const rarities: readonly Rarity[] = ['common', 'rare', 'absent']
  const definitions = [...eventFields, metadataField('tenant'), metadataField('env')]
  const fields = {
    definitions,
    groups: [],
    definitionOf: definitionFinder(definitions),
    judges: [],
    judgeOf: () => undefined,
    mayHaveMetadata: () => true,
  }
  return definitions.flatMap((field) =>
    field.supported_operators.flatMap((op) =>
      rarities.map((rarity, index) => {
        const value = conditionValue(op, valuesOf(field, sample)[index], rarity)
        const condition: FilterCondition = { field: field.name, op, value }
        const { parts } = compileFilter(condition, { workspaceId: '', fields, fittingValues: () => [] })
        const isServed = parts.every(({ indexed, ordered }) => indexed || ordered)
        return { field, rarity, condition, isServed }
      }),
    ),
  )
}
