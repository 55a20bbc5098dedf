import { DefaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common'
import { decodePayload, encodePayload, isOurPayload } from '@tramontane/contract/workflow-payload'
import { isOwned, OwnedValue } from './owned-value.ts'

const standard = new DefaultPayloadConverter()

/**
 * Writes values that have a context as `json/wf_v1`, all others as Temporal does (`json/plain`); reads both. Runs in the
 * worker's process and inside the workflow sandbox, so it must do the same every time and use nothing of Node.
 */
class WorkflowPayloadConverter implements PayloadConverter {
  toPayload<T>(value: T): Payload {
    if (!isOwned(value)) return standard.toPayload(value)
    return encodePayload(value.isEmpty ? undefined : (value.value ?? null), value.context)
  }

  fromPayload<T>(payload: Payload): T {
    if (!isOurPayload(payload)) return standard.fromPayload(payload)
    const decoded = decodePayload(payload)
    const context = decoded.context!
    const owned =
      decoded.kind === 'value'
        ? new OwnedValue(decoded.value, context, { isEmpty: decoded.isEmpty })
        : new OwnedValue(undefined, context, {
            isEmpty: decoded.isEmpty,
            unreadable: decoded.encodingOptions,
          })
    return owned as T
  }
}

/** Where Temporal looks for it, by this name. */
export const payloadConverter: PayloadConverter = new WorkflowPayloadConverter()
