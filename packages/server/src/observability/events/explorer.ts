import type { listEventAnnotations } from '@tramontane/contract/event-analysis'
import type { EventPreview } from '@tramontane/contract/events'
import type { Filter, FilterOperator } from '@tramontane/contract/filter'
import { storableText } from '@tramontane/contract/filter-check'
import type { ResponseOf } from '@tramontane/contract/operation'
import { ApiError } from '../../platform/http/errors.ts'
import type { CountSource, EventCountStore } from './event-count-store.ts'
import type { EventFields } from './event-fields.ts'
import { isEventId } from './event-id.ts'
import { toCompletionEvent } from './event-preview.ts'
import { type EventSearch, SEARCH_LIMIT_MS, type SearchParts } from './event-search.ts'
import { features, likeness } from './likeness.ts'

const MAX_IDS = 10_000
const MAX_SIMILAR = 50
const MAX_OPTIONS = 100
const MAX_COUNTS = 1_000
const MAX_ANNOTATIONS = 100

/** A page of events; `cursor` asks for the next one, null at the end. */
export interface Page {
  readonly results: EventPreview[]
  readonly cursor: string | null
}

function encodeCursor(eventId: string): string {
  return Buffer.from(eventId.replaceAll('-', ''), 'hex').toString('base64url')
}

/** @throws ApiError SEARCH_BAD_REQUEST for what no search has given out */
function decodeCursor(cursor: string): string {
  const hex = Buffer.from(cursor, 'base64url').toString('hex')
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  if (!isEventId(id) || encodeCursor(id) !== cursor)
    throw new ApiError(
      'SEARCH_BAD_REQUEST',
      'The cursor is none that a search has given out; leave it away to begin with the newest events.',
    )
  return id
}

/** The operations of Explorer. */
export class Explorer {
  readonly #search: EventSearch
  readonly #counts: EventCountStore
  readonly #parts: SearchParts

  constructor(search: EventSearch, counts: EventCountStore, parts: SearchParts) {
    this.#search = search
    this.#counts = counts
    this.#parts = parts
  }

  /** A page of the events that a filter selects, newest first. */
  async search(
    workspaceId: string,
    filter: Filter | null,
    page: { size: number; cursor?: string | null; fields?: readonly string[] | null },
  ): Promise<Page> {
    const before = page.cursor ? decodeCursor(page.cursor) : undefined
    const fields = await this.#search.fields(workspaceId)
    const names = knownNames(page.fields, fields)
    const compiled = await this.#search.compile(workspaceId, filter, fields)
    const ids = await this.#parts.search.select({
      workspaceId,
      filter: compiled,
      before,
      limit: page.size === 0 ? 0 : page.size + 1,
      timeLimitMs: SEARCH_LIMIT_MS,
    })
    const shown = ids.slice(0, page.size)
    const results = await this.#search.previews(workspaceId, shown, fields, names)
    return { results, cursor: ids.length > page.size ? encodeCursor(shown.at(-1)!) : null }
  }

  /** The ids of the newest events that a filter selects. */
  searchIds(workspaceId: string, filter: Filter | null): Promise<string[]> {
    return this.#search.select(workspaceId, filter, { limit: MAX_IDS, timeLimitMs: SEARCH_LIMIT_MS })
  }

  /** @throws ApiError SEARCH_NOT_FOUND */
  async get(workspaceId: string, id: string): Promise<ReturnType<typeof toCompletionEvent>> {
    if (!isEventId(id)) throw notFound(id)
    const { events, annotations } = this.#parts
    const [[row], judges] = await Promise.all([
      events.full(workspaceId, [id]),
      annotations.judgeFields(workspaceId),
    ])
    if (!row) throw notFound(id)
    const answers = await annotations.valuesOf(workspaceId, [row.event_id], judges)
    return toCompletionEvent(row, answers.get(row.event_id))
  }

  /**
   * The events whose user's last message is most like this event's, the most alike first.
   * @throws ApiError SEARCH_NOT_FOUND
   */
  async similar(workspaceId: string, id: string): Promise<EventPreview[]> {
    const [event] = isEventId(id) ? await this.#parts.events.rows(workspaceId, [id]) : []
    if (!event) throw notFound(id)
    const text = event.last_user_message_preview
    if (text === null) return []
    const wanted = features(text)
    const candidates = await this.#counts.similarTexts(workspaceId, event.event_id, text)
    const ranked = candidates
      .map((candidate) => ({ id: candidate.event_id, likeness: likeness(wanted, features(candidate.text)) }))
      .sort((a, b) => b.likeness - a.likeness || (a.id < b.id ? 1 : -1))
      .slice(0, MAX_SIMILAR)
    const fields = await this.#search.fields(workspaceId)
    return this.#search.previews(
      workspaceId,
      ranked.map((candidate) => candidate.id),
      fields,
    )
  }

  /** What judges made of an event in campaigns, newest first. @throws ApiError SEARCH_NOT_FOUND */
  async annotations(
    workspaceId: string,
    id: string,
  ): Promise<ResponseOf<typeof listEventAnnotations>['annotations']> {
    const { events, annotations } = this.#parts
    const [event] = isEventId(id) ? await events.rows(workspaceId, [id]) : []
    if (!event) throw notFound(id)
    const results = await annotations.resultsAbout(workspaceId, event.event_id, MAX_ANNOTATIONS)
    return results.map((result) => ({
      campaign_id: result.campaignId,
      judge_id: result.judgeId,
      judge_revision: result.judgeRevision,
      judge_name: result.judgeName,
      output_type: result.outputType,
      answer: result.answer,
      analysis: result.analysis,
      error: result.error,
      input_tokens: result.inputTokens,
      output_tokens: result.outputTokens,
      duration_seconds: result.durationSeconds,
      created_at: result.createdAt.toISOString(),
    }))
  }

  fields(workspaceId: string): Promise<EventFields> {
    return this.#search.fields(workspaceId)
  }

  /**
   * Values to suggest for a field, the most frequent first; null where the operator takes free values.
   * @throws ApiError FIELDS_NOT_FOUND, FIELDS_BAD_REQUEST
   */
  async options(
    workspaceId: string,
    name: string,
    operator: FilterOperator,
  ): Promise<(string | boolean)[] | null> {
    const fields = await this.#search.fields(workspaceId)
    const definition = fields.definitionOf(name)
    if (!definition) throw fieldNotFound(name)
    if (!definition.supported_operators.includes(operator))
      throw new ApiError(
        'FIELDS_BAD_REQUEST',
        `The field \`${name}\` (${definition.type}) does not support \`${operator}\`, only ${definition.supported_operators.join(', ')}.`,
      )
    if (operator === 'isnull' || definition.type === 'BOOL') return [true, false]
    const source = countSource(name, fields)
    if (!source || operator === 'len_eq') return null
    const options = { limit: MAX_OPTIONS, timeLimitMs: SEARCH_LIMIT_MS }
    // Free texts seldom repeat, and a suggestion need not know them all.
    const counts =
      definition.type === 'ENUM'
        ? await this.#counts.count(workspaceId, source, null, options)
        : await this.#counts.countRecent(workspaceId, source, options)
    return counts.map(({ value }) => value)
  }

  /**
   * How many of the events that a filter selects have each value of a field, the most frequent first.
   * @throws ApiError FIELDS_NOT_FOUND; FIELDS_BAD_REQUEST for numbers and times; as a search for the filter
   */
  async optionCounts(
    workspaceId: string,
    name: string,
    filter: Filter | null,
  ): Promise<{ value: string; count: number }[]> {
    const fields = await this.#search.fields(workspaceId)
    const definition = fields.definitionOf(name)
    if (!definition) throw fieldNotFound(name)
    const source = countSource(name, fields)
    if (!source)
      throw new ApiError(
        'FIELDS_BAD_REQUEST',
        `The values of \`${name}\` (${definition.type}) are not counted one by one; count events with a filter such as ${name} > … instead.`,
      )
    const compiled = filter === null ? null : await this.#search.compile(workspaceId, filter, fields)
    return this.#counts.count(workspaceId, source, compiled, {
      limit: MAX_COUNTS,
      timeLimitMs: SEARCH_LIMIT_MS,
    })
  }
}

function notFound(id: string): ApiError {
  return new ApiError('SEARCH_NOT_FOUND', `There is no event with the id ${id}.`)
}

function fieldNotFound(name: string): ApiError {
  return new ApiError('FIELDS_NOT_FOUND', `There is no field ${JSON.stringify(name)}.`)
}

function knownNames(names: readonly string[] | null | undefined, fields: EventFields): string[] | undefined {
  if (!names) return undefined
  for (const name of names) if (!fields.definitionOf(name)) throw fieldNotFound(name)
  return names.map(storableText)
}

/** Where the values of a field are counted; undefined for numbers and times. */
function countSource(name: string, fields: EventFields): CountSource | undefined {
  const { type, group } = fields.definitionOf(name)!
  const judge = fields.judgeOf(name)
  if (judge) return judge.column === 'label' ? { kind: 'judge', judge } : undefined
  if (group === 'metadata') return { kind: 'metadata', key: storableText(name.slice('metadata.'.length)) }
  if (type === 'ARRAY') return { kind: 'list', column: name }
  if (type === 'ENUM' || type === 'TEXT') return { kind: 'column', column: name }
  return undefined
}
