/** One change of a JSON value: RFC 6902, and `append`, which lengthens a text. */
export type PatchOperation =
  | { op: 'add' | 'replace'; path: string; value: unknown }
  | { op: 'remove'; path: string; value: null }
  | { op: 'append'; path: string; value: string }

/**
 * What turns one JSON value into another, in order. A text that only grew is appended to; lists are compared place by place, and
 * get longer or shorter at their end.
 */
export function jsonDiff(before: unknown, after: unknown): PatchOperation[] {
  const operations: PatchOperation[] = []
  compare(before, after, '', operations)
  return operations
}

/** A copy of a value as JSON has it: without `undefined` and functions, with dates as text. Texts are shared. */
export function jsonCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return isJson(value) ? value : null
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function')
    return jsonCopy((value as { toJSON(): unknown }).toJSON())
  if (Array.isArray(value)) return value.map(jsonCopy)
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => typeof member !== 'function' && member !== undefined)
      .map(([key, member]) => [key, jsonCopy(member)]),
  )
}

function isJson(value: unknown): boolean {
  return (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  )
}

function compare(before: unknown, after: unknown, path: string, operations: PatchOperation[]): void {
  if (before === after) return
  if (typeof before === 'string' && typeof after === 'string' && after.startsWith(before))
    operations.push({ op: 'append', path, value: after.slice(before.length) })
  else if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, operations)
  else if (isObject(before) && isObject(after)) compareObjects(before, after, path, operations)
  else operations.push({ op: 'replace', path, value: after })
}

function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  operations: PatchOperation[],
): void {
  const common = Math.min(before.length, after.length)
  for (let i = 0; i < common; i++) compare(before[i], after[i], `${path}/${i}`, operations)
  for (let i = common; i < after.length; i++)
    operations.push({ op: 'add', path: `${path}/${i}`, value: after[i] })
  for (let i = before.length - 1; i >= common; i--)
    operations.push({ op: 'remove', path: `${path}/${i}`, value: null })
}

function compareObjects(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  path: string,
  operations: PatchOperation[],
): void {
  for (const key of Object.keys(before))
    if (!Object.hasOwn(after, key)) operations.push({ op: 'remove', path: at(path, key), value: null })
  for (const key of Object.keys(after))
    if (Object.hasOwn(before, key)) compare(before[key], after[key], at(path, key), operations)
    else operations.push({ op: 'add', path: at(path, key), value: after[key] })
}

function at(path: string, key: string): string {
  return `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
