import type { EventPreview } from '@tramontane/contract/events'
import type { Filter } from '@tramontane/contract/filter'
import { type CheckedCondition, checkFilter, conditionsOf } from '@tramontane/contract/filter-check'
import { ApiError } from '../../platform/http/errors.ts'
import type { AnnotationReader } from '../annotations/annotation-reader.ts'
import { type EventFields, readFields } from './event-fields.ts'
import { toPreview } from './event-preview.ts'
import type { EventReadStore } from './event-read-store.ts'
import type { EventSearchStore, Selection } from './event-search-store.ts'
import { type CompiledFilter, checked, compileFilter } from './filter-compiler.ts'
import type { MetadataKeys } from './metadata-keys.ts'

/** What answers a request stays below a second. */
export const SEARCH_LIMIT_MS = 950

/** What a search is made of. */
export interface SearchParts {
  readonly search: EventSearchStore
  readonly events: EventReadStore
  readonly annotations: AnnotationReader
  readonly metadataKeys: MetadataKeys
}

/** Finding events by filters: the one way for Explorer, campaigns and everything else that selects events. */
export class EventSearch {
  readonly #parts: SearchParts

  constructor(parts: SearchParts) {
    this.#parts = parts
  }

  /** The fields that the workspace's events have now. */
  fields(workspaceId: string): Promise<EventFields> {
    return readFields(workspaceId, this.#parts)
  }

  /**
   * Checks a filter and puts it into SQL.
   * @throws ApiError FIELDS_NOT_FOUND, FIELDS_BAD_REQUEST or SEARCH_BAD_REQUEST naming the condition
   */
  async compile(workspaceId: string, filter: Filter | null, fields: EventFields): Promise<CompiledFilter> {
    const problem = checkFilter(filter, fields.definitionOf)
    if (problem) throw new ApiError(problem.code, problem.message)
    const conditions = [...conditionsOf(filter)].map((condition) => checked(condition, fields))
    await this.#checkPatterns(conditions)
    const fitting = await this.#fittingValues(workspaceId, conditions, fields)
    return compileFilter(filter, {
      workspaceId,
      fields,
      fittingValues: (condition) => fitting.get(keyOf(condition)) ?? null,
    })
  }

  /** The ids of the newest events that a filter selects, newest first. @throws as `compile` */
  async select(
    workspaceId: string,
    filter: Filter | null,
    options: Pick<Selection, 'limit' | 'before' | 'timeLimitMs'>,
  ): Promise<string[]> {
    const fields = await this.fields(workspaceId)
    const compiled = await this.compile(workspaceId, filter, fields)
    return this.#parts.search.select({ workspaceId, filter: compiled, ...options })
  }

  /**
   * Events as they stand in lists, in the order of their ids.
   * @param names the fields to show; all if undefined
   */
  async previews(
    workspaceId: string,
    ids: readonly string[],
    fields: EventFields,
    names?: readonly string[],
  ): Promise<EventPreview[]> {
    if (ids.length === 0) return []
    const [rows, answers] = await Promise.all([
      this.#parts.events.rows(workspaceId, ids),
      this.#parts.annotations.valuesOf(workspaceId, ids, fields.judges),
    ])
    const byId = new Map(rows.map((row) => [row.event_id, row]))
    return ids.flatMap((id) => {
      const row = byId.get(id)
      return row ? [toPreview(row, answers.get(id), names)] : []
    })
  }

  async #checkPatterns(conditions: readonly CheckedCondition[]): Promise<void> {
    const patterns = new Set(
      conditions.filter(({ op }) => op === 'matches').map(({ value }) => String(value)),
    )
    for (const pattern of patterns) {
      const problem = await this.#parts.search.patternProblem(pattern)
      if (problem)
        throw new ApiError(
          'SEARCH_BAD_REQUEST',
          `${JSON.stringify(pattern)} is no regular expression that PostgreSQL takes: ${problem}.`,
        )
    }
  }

  async #fittingValues(
    workspaceId: string,
    conditions: readonly CheckedCondition[],
    fields: EventFields,
  ): Promise<Map<string, readonly string[] | null>> {
    const found = new Map<string, readonly string[] | null>()
    for (const condition of conditions) {
      const { op, field } = condition
      const isAsked = field.type === 'ENUM' && op !== 'eq' && op !== 'isnull' && !fields.judgeOf(field.name)
      if (isAsked && !found.has(keyOf(condition)))
        found.set(keyOf(condition), await this.#parts.search.fittingValues(workspaceId, condition))
    }
    return found
  }
}

function keyOf({ field, op, value }: CheckedCondition): string {
  return JSON.stringify([field.name, op, value])
}
