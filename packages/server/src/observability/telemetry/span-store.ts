import { storableText } from '@tramontane/contract/filter-check'
import { type Kysely, sql } from 'kysely'
import type { Database } from '../../platform/database/connection.ts'
import { storableJson } from '../../platform/database/storable-json.ts'
import type { Attributes, AttributeValue } from '../../platform/otlp/attributes.ts'
import type { Span } from './span.ts'

type JsonAttributes = Record<string, AttributeValue>

// An alias, not an interface: `withTables` wants a type that fits an index signature.
type SpanTable = {
  spans: {
    workspace_id: string
    trace_id: Buffer
    span_id: Buffer
    parent_span_id: Buffer | null
    start_nanos: string
    end_nanos: string
    kind: number
    status_code: number
    status_message: string
    name: string
    trace_state: string
    attributes: JsonAttributes
    events: { name: string; time_nanos: string; attributes: JsonAttributes }[]
    links: { trace_id: string; span_id: string; attributes: JsonAttributes }[]
    resource: JsonAttributes
    scope: { name: string; version: string; attributes: JsonAttributes }
  }
}

const DELETED_AT_ONCE = 5_000

function toRow(span: Span, resource: JsonAttributes, scope: SpanTable['spans']['scope']) {
  return {
    trace_id: `\\x${span.traceId}`,
    span_id: `\\x${span.spanId}`,
    parent_span_id: span.parentSpanId === null ? null : `\\x${span.parentSpanId}`,
    start_nanos: String(span.startNanos),
    end_nanos: String(span.endNanos),
    kind: span.kind,
    status_code: span.status.code,
    status_message: storableText(span.status.message),
    name: storableText(span.name),
    trace_state: storableText(span.traceState),
    attributes: storableAttributes(span.attributes),
    events: span.events.map((event) => ({
      name: storableText(event.name),
      time_nanos: String(event.timeNanos),
      attributes: storableAttributes(event.attributes),
    })),
    links: span.links.map((link) => ({
      trace_id: link.traceId,
      span_id: link.spanId,
      attributes: storableAttributes(link.attributes),
    })),
    resource,
    scope,
  }
}

/** As an object for `jsonb`. */
function storableAttributes(attributes: Attributes): JsonAttributes {
  return storableJson(Object.fromEntries(attributes))
}

/** Resource and scope are shared by the spans of an export: each is made storable once. */
function toRows(spans: readonly Span[]) {
  const resources = new Map<Attributes, JsonAttributes>()
  const scopes = new Map<Span['scope'], SpanTable['spans']['scope']>()
  return spans.map((span) => {
    const resource = resources.get(span.resource) ?? storableAttributes(span.resource)
    resources.set(span.resource, resource)
    const scope = scopes.get(span.scope) ?? {
      name: storableText(span.scope.name),
      version: storableText(span.scope.version),
      attributes: storableAttributes(span.scope.attributes),
    }
    scopes.set(span.scope, scope)
    return toRow(span, resource, scope)
  })
}

function toAttributes(stored: JsonAttributes): Attributes {
  return new Map(Object.entries(stored))
}

function toSpan(row: SpanTable['spans']): Span {
  return {
    traceId: row.trace_id.toString('hex'),
    spanId: row.span_id.toString('hex'),
    parentSpanId: row.parent_span_id?.toString('hex') ?? null,
    traceState: row.trace_state,
    name: row.name,
    kind: row.kind,
    startNanos: BigInt(row.start_nanos),
    endNanos: BigInt(row.end_nanos),
    status: { code: row.status_code, message: row.status_message },
    attributes: toAttributes(row.attributes),
    events: row.events.map((event) => ({
      name: event.name,
      timeNanos: BigInt(event.time_nanos),
      attributes: toAttributes(event.attributes),
    })),
    links: row.links.map((link) => ({
      traceId: link.trace_id,
      spanId: link.span_id,
      attributes: toAttributes(link.attributes),
    })),
    resource: toAttributes(row.resource),
    scope: {
      name: row.scope.name,
      version: row.scope.version,
      attributes: toAttributes(row.scope.attributes),
    },
  }
}

/** Spans in SQL. */
export class SpanStore {
  readonly #database: Kysely<SpanTable>

  constructor(database: Database) {
    this.#database = database.withTables<SpanTable>()
  }

  /** Stores spans, all or none; those that are there already stay as they are. */
  async add(workspaceId: string, spans: readonly Span[]): Promise<void> {
    if (spans.length === 0) return
    // In the order of the key: two exports with the same spans then wait for each other instead of deadlocking.
    const rows = toRows(spans.toSorted((a, b) => (a.traceId + a.spanId < b.traceId + b.spanId ? -1 : 1)))
    await sql`
      insert into spans (workspace_id, trace_id, span_id, parent_span_id, start_nanos, end_nanos, kind, status_code,
        status_message, name, trace_state, attributes, events, links, resource, scope)
      select ${workspaceId}::uuid, r.* from json_to_recordset(${JSON.stringify(rows)}::json) as r (
        trace_id bytea, span_id bytea, parent_span_id bytea, start_nanos bigint, end_nanos bigint, kind integer,
        status_code integer, status_message text, name text, trace_state text, attributes jsonb, events jsonb,
        links jsonb, resource jsonb, scope jsonb)
      on conflict do nothing`.execute(this.#database)
  }

  /**
   * The spans of a trace, by start time.
   * @param traceId 32 hexadecimal digits
   */
  async trace(workspaceId: string, traceId: string, limit: number): Promise<Span[]> {
    const rows = await this.#spansOf(workspaceId, traceId).limit(limit).execute()
    return rows.map(toSpan)
  }

  /** Whether the workspace has spans of a trace. @param traceId 32 hexadecimal digits */
  async has(workspaceId: string, traceId: string): Promise<boolean> {
    const row = await this.#database
      .selectFrom('spans')
      .select('span_id')
      .where('workspace_id', '=', workspaceId)
      .where('trace_id', '=', Buffer.from(traceId, 'hex'))
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /**
   * The first spans of a trace, by start time: so many, and until their attributes and events have so many bytes.
   * @param traceId 32 hexadecimal digits
   * @returns isCut: there are more
   */
  async beginning(
    workspaceId: string,
    traceId: string,
    { spans, bytes }: { spans: number; bytes: number },
  ): Promise<{ spans: Span[]; isCut: boolean }> {
    // The sizes first, which the database counts: what is too much does not get here.
    const { rows } = await sql<{ span_id: Buffer; bytes: number }>`
      select span_id, octet_length(attributes::text) + octet_length(events::text) as bytes
      from spans where workspace_id = ${workspaceId} and trace_id = ${Buffer.from(traceId, 'hex')}
      order by start_nanos, span_id limit ${spans + 1}`.execute(this.#database)
    const kept: Buffer[] = []
    let taken = 0
    for (const row of rows) {
      if (kept.length === spans || taken >= bytes) break
      kept.push(row.span_id)
      taken += row.bytes
    }
    if (kept.length === 0) return { spans: [], isCut: false }
    const found = await this.#spansOf(workspaceId, traceId)
      .where(sql<boolean>`span_id = any(${kept}::bytea[])`)
      .execute()
    return { spans: found.map(toSpan), isCut: rows.length > kept.length }
  }

  /** Deletes some of the spans that began before an instant; returns how many, 0 when none is left. */
  async deleteSomeBefore(nanos: bigint): Promise<number> {
    const deleted = await sql`
      delete from spans where ctid = any(array(
        select ctid from spans where start_nanos < ${String(nanos)} limit ${DELETED_AT_ONCE}
      ))`.execute(this.#database)
    return Number(deleted.numAffectedRows ?? 0n)
  }

  /** The spans of a trace, by start time. */
  #spansOf(workspaceId: string, traceId: string) {
    return (
      this.#database
        .selectFrom('spans')
        .selectAll()
        // As text: the driver reads a bigint as a number, which these do not fit into.
        .select([
          sql<string>`start_nanos::text`.as('start_nanos'),
          sql<string>`end_nanos::text`.as('end_nanos'),
        ])
        .where('workspace_id', '=', workspaceId)
        .where('trace_id', '=', Buffer.from(traceId, 'hex'))
        .orderBy('spans.start_nanos')
        .orderBy('span_id')
    )
  }
}
