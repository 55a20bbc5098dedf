import type { Filter, FilterCondition } from '@tramontane/contract/filter'
import { type CheckedCondition, checkCondition, storableText } from '@tramontane/contract/filter-check'
import { isCondition } from '@tramontane/contract/filter-node'
import { type RawBuilder, sql } from 'kysely'
import { ApiError } from '../../platform/http/errors.ts'
import { annotatedEvents, type JudgeField } from '../annotations/annotation-reader.ts'
import {
  always,
  denied,
  hasTrigrams,
  listCondition,
  never,
  numberCondition,
  PASSED_BY_NULL,
  someValueFits,
  startsLike,
  textCondition,
  textFits,
  timeCondition,
} from './condition-sql.ts'
import type { EventFields } from './event-fields.ts'

type Condition = RawBuilder<boolean>

/** A part of a filter in SQL, on the table `events` named `e`, with what is known of the way to find its events. */
export interface Compiled {
  readonly sql: Condition
  /** An index that finds events by this condition yields them in the order of time. */
  readonly ordered: boolean
  /** The index is one of this condition's column: a second such condition cannot be read from the same one. */
  readonly fixes?: boolean
  /** An index finds the events that fit, so that few of them are found without reading many others. */
  readonly indexed: boolean
  /** The condition reads what judges have said. */
  readonly judged?: boolean
}

/** A filter in SQL: all of `parts` must hold. */
export interface CompiledFilter {
  readonly parts: readonly Compiled[]
}

/** What compiling needs to know of a workspace. */
export interface CompilerContext {
  readonly workspaceId: string
  readonly fields: EventFields
  /**
   * The values of an ENUM field that fit a condition, so that few values are compared instead of every event's; null
   * if the field has too many.
   */
  readonly fittingValues: (condition: CheckedCondition) => readonly string[] | null
}

const column = (name: string) => sql.ref(`e.${name}`)
/** Text columns with a trigram index. */
const TRIGRAMS: ReadonlySet<string> = new Set([
  'last_user_message_preview',
  'response_messages_preview',
  'first_system_message',
])
/** Text columns with an index of how they start. */
const STARTS: ReadonlySet<string> = new Set(['last_user_message_preview', 'response_messages_preview'])
/** Text columns with an index of their values. */
const VALUES: ReadonlySet<string> = new Set(['api_agent_id', 'correlation_id'])
/** Text columns that always have a value. */
const NEVER_NULL: ReadonlySet<string> = new Set(['correlation_id'])

/** Checks one condition. @throws ApiError FIELDS_NOT_FOUND, FIELDS_BAD_REQUEST or SEARCH_BAD_REQUEST */
export function checked(condition: FilterCondition, fields: EventFields): CheckedCondition {
  const result = checkCondition(condition, fields.definitionOf(condition.field))
  if (result.kind === 'problem') throw new ApiError(result.code, result.message)
  return result
}

/** Compiles a filter that has been checked. */
export function compileFilter(filter: Filter | null, context: CompilerContext): CompiledFilter {
  return { parts: filter === null ? [] : conjuncts(filter, context) }
}

/** The parts of which all must hold; a group within a group is taken apart too. */
function conjuncts(filter: Filter, context: CompilerContext): Compiled[] {
  if (isCondition(filter)) return [compileCondition(checked(filter, context.fields), context)]
  const parts = (filter.AND ?? []).flatMap((part) => conjuncts(part, context))
  if (filter.OR && filter.OR.length > 0)
    parts.push(anyOf(filter.OR.map((part) => allOf(conjuncts(part, context)))))
  return parts
}

function allOf(parts: readonly Compiled[]): Compiled {
  if (parts.length === 1) return parts[0]!
  return {
    sql:
      parts.length === 0
        ? always
        : sql<boolean>`(${sql.join(
            parts.map((part) => part.sql),
            sql` and `,
          )})`,
    ordered: false,
    indexed: parts.some(({ indexed }) => indexed),
    judged: parts.some(({ judged }) => judged),
  }
}

function anyOf(parts: readonly Compiled[]): Compiled {
  if (parts.length === 1) return parts[0]!
  return {
    sql: sql<boolean>`(${sql.join(
      parts.map((part) => part.sql),
      sql` or `,
    )})`,
    ordered: false,
    indexed: parts.every(({ indexed }) => indexed),
    judged: parts.some(({ judged }) => judged),
  }
}

const constant = (value: boolean): Compiled => ({ sql: value ? always : never, ordered: true, indexed: true })

function compileCondition(condition: CheckedCondition, context: CompilerContext): Compiled {
  const { name, type, group } = condition.field
  const judge = context.fields.judgeOf(name)
  if (judge) return judgeCondition(condition, judge, context.workspaceId)
  if (group === 'metadata') return metadataCondition(condition, context.fields)
  if (name === 'event_id') return idCondition(condition)
  switch (type) {
    case 'TIMESTAMP':
      return { sql: timeCondition(column('event_id'), condition), ordered: true, indexed: true }
    case 'ENUM':
      return enumCondition(condition, context)
    case 'INT':
    case 'FLOAT':
      return {
        sql: numberCondition(column(name), condition),
        ordered: condition.op === 'eq' || condition.op === 'isnull',
        fixes: condition.op === 'eq',
        indexed: true,
      }
    case 'ARRAY':
      return {
        sql: listCondition(column(name), condition),
        ordered: condition.op === 'len_eq' || condition.op === 'isnull',
        fixes: condition.op === 'len_eq',
        indexed: condition.op !== 'excludes',
      }
    default:
      return plainTextCondition(condition)
  }
}

function plainTextCondition(condition: CheckedCondition): Compiled {
  const { op, value, field } = condition
  const { name } = field
  if (op === 'isnull') {
    if (NEVER_NULL.has(name)) return constant(!value)
    return { sql: textCondition(column(name), condition), ordered: true, fixes: true, indexed: true }
  }
  if (op === 'eq' && VALUES.has(name))
    return { sql: textCondition(column(name), condition), ordered: true, fixes: true, indexed: true }
  const found = (sql: Condition, indexed: boolean): Compiled => ({ sql, ordered: false, indexed })
  if (STARTS.has(name) && (op === 'eq' || op === 'startswith' || op === 'istartswith') && value !== '')
    return found(
      sql<boolean>`(${startsLike(column(name), String(value), op === 'eq')} and ${textCondition(column(name), condition)})`,
      true,
    )
  if (!TRIGRAMS.has(name)) return found(textCondition(column(name), condition), false)
  if (hasTrigrams(op, String(value))) return found(textCondition(column(name), condition), true)
  // A pattern without trigrams would have the whole index read, and nothing could interrupt that.
  return found(textCondition(sql`(${column(name)} || '')`, condition), false)
}

/** The events of few values, rather than the text of every event. */
function enumCondition(condition: CheckedCondition, context: CompilerContext): Compiled {
  const { op, value, field } = condition
  if (op === 'isnull') return constant(!value)
  if (op === 'eq')
    return { sql: textCondition(column(field.name), condition), ordered: true, fixes: true, indexed: true }
  const values = context.fittingValues(condition)
  if (values === null)
    return { sql: textCondition(column(field.name), condition), ordered: false, indexed: false }
  if (values.length === 0) return constant(false)
  return {
    sql:
      values.length === 1
        ? sql<boolean>`${column(field.name)} = ${values[0]}`
        : sql<boolean>`${column(field.name)} = any(${values}::text[])`,
    ordered: values.length === 1,
    fixes: true,
    indexed: true,
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

function idCondition(condition: CheckedCondition): Compiled {
  const { op, value } = condition
  if (op === 'isnull') return constant(!value)
  if (op === 'eq' || op === 'neq') {
    if (!UUID.test(String(value))) return constant(op === 'neq')
    const compare = sql.raw(op === 'eq' ? '=' : '<>')
    return {
      sql: sql<boolean>`e.event_id ${compare} ${value}::uuid`,
      ordered: op === 'eq',
      indexed: op === 'eq',
    }
  }
  return { sql: textCondition(sql`e.event_id::text`, condition), ordered: false, indexed: false }
}

function metadataCondition(condition: CheckedCondition, fields: EventFields): Compiled {
  const { op, value } = condition
  const key = storableText(condition.field.name.slice('metadata.'.length))
  if (!fields.mayHaveMetadata(key)) return constant(op === 'isnull' ? value === true : PASSED_BY_NULL.has(op))
  const has = sql<boolean>`e.metadata ? ${key}`
  if (op === 'isnull')
    return value
      ? { sql: sql<boolean>`not (${has})`, ordered: false, indexed: false }
      : { sql: has, ordered: false, indexed: true }
  const equal = sql<boolean>`e.metadata @> ${JSON.stringify({ [key]: value })}::jsonb`
  if (op === 'eq') return { sql: equal, ordered: false, indexed: true }
  if (op === 'neq') return { sql: sql<boolean>`not (${equal})`, ordered: false, indexed: false }
  const fits = textCondition(sql`(e.metadata ->> ${key})`, condition)
  if (op === 'matches' || !hasTrigrams(op, String(value)))
    return { sql: fits, ordered: false, indexed: false }
  return {
    sql: sql<boolean>`(${someValueFits(sql`e.metadata::text`, condition)} and ${fits})`,
    ordered: false,
    indexed: true,
  }
}

/** The newest answer of a judge; an event without one has no value. */
function judgeCondition(condition: CheckedCondition, judge: JudgeField, workspaceId: string): Compiled {
  const { op, value } = condition
  const isDenied = PASSED_BY_NULL.has(op) || (op === 'isnull' && value === true)
  const fits = (answer: RawBuilder<unknown>): Condition => {
    if (op === 'isnull') return always
    return condition.field.type === 'ENUM'
      ? textFits(answer, denied(op), String(value))
      : numberCondition(answer, { ...condition, op: denied(op) })
  }
  const answered = annotatedEvents(workspaceId, judge, fits)
  return {
    // Denied, it is asked for each event: `not in` would be lost when the answers do not fit into memory.
    sql: isDenied
      ? sql<boolean>`not exists (select from ${answered} j where j.event_id = e.event_id)`
      : sql<boolean>`e.event_id in ${answered}`,
    ordered: false,
    indexed: !isDenied,
    judged: true,
  }
}
