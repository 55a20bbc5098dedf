import { DefaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common'

const standard = new DefaultPayloadConverter()
const text = (bytes: Uint8Array | null | undefined) => new TextDecoder().decode(bytes ?? new Uint8Array())

/** Reads what the server sends, `json/wf_v1`; writes what a plain Temporal worker writes. */
class TestPayloads implements PayloadConverter {
  toPayload<T>(value: T): Payload {
    return standard.toPayload(value)
  }

  fromPayload<T>(payload: Payload): T {
    if (text(payload.metadata?.encoding) !== 'json/wf_v1') return standard.fromPayload(payload)
    return JSON.parse(text(payload.data)) as T
  }
}

export const payloadConverter = new TestPayloads()
