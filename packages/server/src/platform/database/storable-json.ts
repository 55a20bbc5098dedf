import { storableText } from '@tramontane/contract/filter-check'

/** A JSON value as `jsonb` takes it: NUL and lone surrogates in texts and keys become U+FFFD. */
export function storableJson<T>(value: T): T {
  return storable(value) as T
}

function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value)
  if (Array.isArray(value)) return value.map(storable)
  if (value === null || typeof value !== 'object') return value
  // From entries, so that a sender's `__proto__` stays a key like any other.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), storable(item)]))
}
