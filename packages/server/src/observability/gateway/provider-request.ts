import { isObject, type JsonObject } from '../../platform/json-object.ts'
import { unpacked } from './unpacked.ts'

const MAX_UNPACKED_BYTES = 64 * 1024 * 1024

/**
 * What a request says, read once: to choose the provider and for the event. Bytes that are no JSON object give an
 * empty one: they are passed on all the same, and the provider says what is wrong with them.
 */
export function readRequest(body: Buffer | undefined, encoding: string | undefined): JsonObject {
  const bytes = body && unpacked(body, encoding, MAX_UNPACKED_BYTES)
  if (!bytes || bytes.length === 0) return {}
  try {
    // As a byte order mark is no JSON, and providers read over it.
    const parsed: unknown = JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, ''))
    return isObject(parsed) ? parsed : {}
  } catch {
    return {}
  }
}

/** The field `model` of a multipart form. */
export function modelOfForm(body: Buffer): string | undefined {
  const field = body.indexOf('name="model"')
  const start = field < 0 ? -1 : body.indexOf('\r\n\r\n', field)
  const end = start < 0 ? -1 : body.indexOf('\r\n', start + 4)
  return end < 0 || end - start > 1_000 ? undefined : body.toString('utf8', start + 4, end)
}
