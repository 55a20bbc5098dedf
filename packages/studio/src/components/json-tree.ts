import { isExactNumber } from '../api/exact-json.ts'

/** A line of a JSON tree: a value, or the closing of one that is open. */
export interface JsonRow {
  /** A JSON pointer; of a closing line, that of what it closes with `)` behind it. */
  readonly id: string
  readonly depth: number
  /** Under which the value stands in what holds it; null for the root and on closing lines. */
  readonly name: string | number | null
  readonly value: unknown
  readonly kind: 'value' | 'open' | 'closed' | 'end'
  /** Of how many the value's holder has, whether it is the last. */
  readonly isLast: boolean
}

/** What of a tree is unfolded, by JSON pointer. */
export type Unfolded = ReadonlySet<string>

/** Lines that a tree may have when it is first shown. */
const FIRST_ROWS = 60

export function isContainer(value: unknown): value is Record<string, unknown> | readonly unknown[] {
  return typeof value === 'object' && value !== null && !isExactNumber(value)
}

/** How many members an object or a list has. */
export function sizeOf(value: Record<string, unknown> | readonly unknown[]): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length
}

function pointer(parent: string, name: string | number): string {
  return `${parent}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** The members of a value with their pointers. */
function membersOf(
  value: Record<string, unknown> | readonly unknown[],
): readonly (readonly [string | number, unknown])[] {
  return Array.isArray(value) ? value.map((item, index) => [index, item] as const) : Object.entries(value)
}

/** The lines of a tree as it is unfolded. */
export function jsonRows(root: unknown, unfolded: Unfolded): JsonRow[] {
  const rows: JsonRow[] = []
  // With a list of what is still to come instead of recursion: a value may be nested deeper than the stack.
  const left: JsonRow[] = [
    { id: '', depth: 0, name: null, value: root, kind: kindOf(root, '', unfolded), isLast: true },
  ]
  for (let row = left.pop(); row; row = left.pop()) {
    rows.push(row)
    if (row.kind !== 'open' || !isContainer(row.value)) continue
    const { id, depth, value, isLast } = row
    left.push({ id: `${id})`, depth, name: null, value, kind: 'end', isLast })
    const members = membersOf(value)
    for (let at = members.length - 1; at >= 0; at--) {
      const [name, member] = members[at]!
      const child = pointer(id, name)
      left.push({
        id: child,
        depth: depth + 1,
        name,
        value: member,
        kind: kindOf(member, child, unfolded),
        isLast: at === members.length - 1,
      })
    }
  }
  return rows
}

function kindOf(value: unknown, id: string, unfolded: Unfolded): JsonRow['kind'] {
  if (!isContainer(value) || sizeOf(value) === 0) return 'value'
  return unfolded.has(id) ? 'open' : 'closed'
}

/** What is unfolded at first: level by level, as much as fits into some lines. */
export function firstUnfolded(root: unknown, maxRows = FIRST_ROWS): Unfolded {
  const unfolded = new Set<string>()
  let rows = 1
  let level: { id: string; value: unknown }[] = [{ id: '', value: root }]
  while (level.length > 0) {
    const next: typeof level = []
    for (const { id, value } of level) {
      if (!isContainer(value)) continue
      const size = sizeOf(value)
      if (size === 0 || rows + size + 1 > maxRows) continue
      rows += size + 1
      unfolded.add(id)
      for (const [name, member] of membersOf(value)) next.push({ id: pointer(id, name), value: member })
    }
    level = next
  }
  return unfolded
}

/** A value in one line, cut where it gets long. */
export function jsonPreview(value: unknown, length = 80): string {
  if (!isContainer(value)) return cut(JSON.stringify(value) ?? String(value), length)
  const isList = Array.isArray(value)
  let text = ''
  for (const [name, member] of membersOf(value)) {
    if (text.length > length) break
    const shown = isContainer(member)
      ? Array.isArray(member)
        ? '[…]'
        : '{…}'
      : cut(JSON.stringify(member) ?? String(member), 40)
    text += `${text === '' ? '' : ', '}${isList ? shown : `${name}: ${shown}`}`
  }
  text = cut(text, length)
  return isList ? `[${text}]` : `{${text}}`
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`
}
