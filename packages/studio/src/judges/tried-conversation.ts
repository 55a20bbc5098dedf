import { useQuery } from '@tanstack/react-query'
import { query } from '../api/query.ts'
import { recordQuery } from '../datasets/exact-record.ts'
import type { JudgeSearch } from './judge-search.ts'

type Message = Record<string, unknown>

/** The conversation on which a judge is tried. */
export interface Tried {
  /** Undefined until it is here. */
  readonly messages: readonly Message[] | undefined
  /** What the preview of the prompt is asked with. */
  readonly source: {
    readonly event_id?: string
    readonly messages?: Message[]
    readonly properties?: Message
    readonly tools?: Message[]
  }
  readonly error: Error | null
  readonly retry: () => void
}

/** Reads the conversation that the address names: an event's, or a record's. */
export function useTried({ event, record }: JudgeSearch): Tried {
  const ofEvent = useQuery({
    ...query('getEvent', { params: { event_id: event ?? '' } }),
    enabled: event !== undefined,
  })
  const ofRecord = useQuery({
    ...recordQuery(record ?? ''),
    enabled: event === undefined && record !== undefined,
  })
  if (event !== undefined)
    return {
      messages: ofEvent.data && [...ofEvent.data.request_messages, ...ofEvent.data.response_messages],
      source: { event_id: event },
      error: ofEvent.error,
      retry: ofEvent.refetch,
    }
  const payload = ofRecord.data?.record.payload as { messages: Message[]; tools?: unknown } | undefined
  const tools = Array.isArray(payload?.tools) ? payload.tools.filter(isObject) : []
  return {
    messages: payload?.messages,
    source: { messages: payload?.messages ?? [], properties: ofRecord.data?.record.properties ?? {}, tools },
    error: ofRecord.error,
    retry: ofRecord.refetch,
  }
}

function isObject(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
