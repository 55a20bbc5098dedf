import { z } from 'zod'

/** The operators of the wire. The `i…` ones ignore case; `matches` is a regular expression. */
export const filterOperators = [
  'lt',
  'lte',
  'gt',
  'gte',
  'startswith',
  'istartswith',
  'endswith',
  'iendswith',
  'contains',
  'icontains',
  'matches',
  'notcontains',
  'inotcontains',
  'eq',
  'neq',
  'isnull',
  'includes',
  'excludes',
  'len_eq',
] as const
export type FilterOperator = (typeof filterOperators)[number]

/** One comparison. `value` is checked against the field's type where the filter is used. */
export interface FilterCondition {
  field: string
  op: FilterOperator
  value?: unknown
}

/** All of `AND` and any of `OR` must hold; an absent, null or empty list asks nothing. */
export interface FilterGroup {
  AND?: Filter[] | null
  OR?: Filter[] | null
}

export type Filter = FilterCondition | FilterGroup

export const filterCondition: z.ZodType<FilterCondition> = z.strictObject({
  field: z.string().min(1).max(300),
  op: z.enum(filterOperators),
  value: z.unknown(),
})

const GROUP_KEYS: readonly string[] = ['AND', 'OR']

export const filterGroup: z.ZodType<FilterGroup> = z
  .lazy(() =>
    z
      .looseObject({
        AND: z.array(filter).max(1_000).nullish(),
        OR: z.array(filter).max(1_000).nullish(),
      })
      // Not a strict object: that a condition has keys which are none of a group's would hide what is wrong with it.
      .refine((group) => Object.keys(group).every((key) => GROUP_KEYS.includes(key)), {
        error: 'Neither a condition {field, op, value} nor a group of AND and OR',
        abort: true,
      })
      .meta({ additionalProperties: false }),
  )
  .meta({ id: 'FilterGroup' })

/** A condition has a `field`; what has none is a group. */
export const filter: z.ZodType<Filter> = z
  .lazy(() => z.union([filterCondition, filterGroup]))
  .meta({ id: 'Filter' })

/** `search_params`: null selects every event. */
export const filterPayload = z.object({ filters: filter.nullable() })
export type FilterPayload = z.output<typeof filterPayload>
