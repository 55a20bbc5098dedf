import { sql } from 'kysely'
import type { Migration } from '../../platform/database/migrator.ts'

/**
 * Stores calls that the gateway or a conversation reports, in one round trip, in place of spans that told of
 * them before. A function, because each of its statements sees what was committed before it began: the locks must be
 * held before the look for spans. Its small pending lists make each of many calls wait for a little cleaning of the text indexes,
 * instead of one in a thousand for a tenth of a second (docs/decisions/006-gateway-writes.md).
 */
export const storedCallMigrations: readonly Migration[] = [
  {
    name: '0151-stored-calls',
    up: async (transaction) => {
      await sql`
        create index events_span_response on events (workspace_id, response_id)
          where source = 'telemetry' and response_id is not null`.execute(transaction)
      await sql`
        create function store_calls(locks int[], wanted json, since uuid, until uuid, searchable json, payloads json)
        returns setof uuid language plpgsql set gin_pending_list_limit = '64kB' as $$
        begin
          perform pg_advisory_xact_lock_shared(7444011, bucket) from unnest(locks) as l(bucket);
          with gone as (
            delete from events e using json_to_recordset(wanted) as r(workspace_id uuid, response_id text, event_id uuid)
            where e.source = 'telemetry' and e.workspace_id = r.workspace_id and e.response_id = r.response_id
              and e.event_id <> r.event_id and e.event_id >= since and e.event_id < until
            returning e.workspace_id, e.event_id
          ) delete from event_payloads p using gone where p.workspace_id = gone.workspace_id and p.event_id = gone.event_id;
          return query
            with stored as (
              insert into events (workspace_id, event_id, correlation_id, timestamp, source, status, error, model_name,
                api_agent_id, last_user_message_preview, response_messages_preview, first_system_message, invoked_tools,
                input_tokens, output_tokens, total_time_elapsed, metadata, response_id, nb_messages, likeness_1, likeness_2,
                likeness_3, likeness_4)
              select r.* from json_to_recordset(searchable) as r(workspace_id uuid, event_id uuid, correlation_id text,
                timestamp timestamptz, source text, status text, error text, model_name text, api_agent_id text,
                last_user_message_preview text, response_messages_preview text, first_system_message text,
                invoked_tools text[], input_tokens integer, output_tokens integer, total_time_elapsed double precision,
                metadata jsonb, response_id text, nb_messages integer, likeness_1 integer, likeness_2 integer,
                likeness_3 integer, likeness_4 integer)
              on conflict do nothing returning events.workspace_id, events.event_id
            ), kept as (
              insert into event_payloads
              select r.workspace_id, r.event_id, r.request_messages::json, r.response_messages::json, r.enabled_tools::json
              from json_to_recordset(payloads) as r(workspace_id uuid, event_id uuid, request_messages text,
                response_messages text, enabled_tools text)
              join stored s on s.workspace_id = r.workspace_id and s.event_id = r.event_id
              on conflict do nothing
            ) select s.event_id from stored s;
        end $$`.execute(transaction)
    },
  },
]
