import { ApiError } from '../../platform/http/errors.ts'
import { isUuid } from '../../platform/uuid.ts'

/** Where a page of a list ended: the values that the list is sorted by, the last row's id at the end. */
export type Place = readonly [...values: string[], id: string]

/** A place as a cursor: opaque, but a bare id where nothing but the id sorts, as older clients expect. */
export function encodeCursor(place: Place): string {
  return place.length === 1 ? place[0]! : Buffer.from(JSON.stringify(place)).toString('base64url')
}

/**
 * Reads a cursor that the same list has given out.
 * @param values how many values the list is sorted by, the id included
 * @throws ApiError VALIDATION_ERROR if it is none
 */
export function decodeCursor(cursor: string, values: number): Place {
  const place: unknown = values === 1 ? [cursor] : parsed(cursor)
  const isPlace =
    Array.isArray(place) &&
    place.length === values &&
    place.every((value) => typeof value === 'string' && value.length <= 1000 && !value.includes('\0')) &&
    isUuid(place.at(-1))
  if (!isPlace) throw badCursor()
  return place as unknown as Place
}

export function badCursor(): ApiError {
  return new ApiError(
    'VALIDATION_ERROR',
    'The cursor is none that this list has given out with the same order; leave it away to begin at the start.',
  )
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
