import { z } from 'zod'
import { jsonObject } from './scalars.ts'

/**
 * One LLM call, the way it comes in: the body of the batch import, a line of `tramontane events import`, and what the
 * gateway, telemetry and conversations hand to the event store. Everything but the model and the messages may be
 * left out. `event_id` makes sending the record again harmless.
 */
export const eventRecord = z.strictObject({
  event_id: z.string().min(1).max(200).optional(),
  /** When the request was made; now, if absent. */
  timestamp: z.iso.datetime({ offset: true }).optional(),
  correlation_id: z.string().min(1).max(200).optional(),
  model_name: z.string().max(500),
  request_messages: z.array(jsonObject).max(10_000),
  response_messages: z.array(jsonObject).max(1_000).default([]),
  enabled_tools: z.array(jsonObject).max(1_000).default([]),
  /** Names of the tools that the model called; read from `response_messages` if absent. */
  invoked_tools: z.array(z.string().max(500)).max(1_000).optional(),
  input_tokens: z.int().min(0).max(2_147_483_647).default(0),
  output_tokens: z.int().min(0).max(2_147_483_647).default(0),
  /** Seconds. */
  total_time_elapsed: z.number().min(0).max(1e9).default(0),
  api_agent_id: z.string().max(500).nullable().default(null),
  metadata: z.record(z.string().min(1).max(200), z.string().max(10_000)).default({}),
  /** `ok`; `error`: the call failed, see `error`; `cancelled`: the caller hung up, the answer is partial. */
  status: z.enum(['ok', 'error', 'cancelled']).default('ok'),
  /** What went wrong, in the provider's words. */
  error: z.string().max(10_000).nullable().default(null),
  /** The provider's id of the answer (`gen_ai.response.id`); joins a span to the gateway's event of the same call. */
  response_id: z.string().max(500).nullable().default(null),
})

/** A record as a caller writes it. */
export type EventRecordInput = z.input<typeof eventRecord>
/** A record with its defaults filled in. */
export type EventRecord = z.output<typeof eventRecord>
