import { isObject, type JsonObject } from '../../platform/json-object.ts'

const MAX_DEPTH = 100
const LONGEST_TEXTS = [65_536, 8_192, 512]

/** What an event keeps of a list of messages or tools, and whether it is less than there was. */
export interface Kept {
  readonly items: JsonObject[]
  readonly isTruncated: boolean
}

/**
 * Fits a list from a request or an answer into an event: objects only, at most `maxItems`, none nested so deeply that
 * code behind us runs out of stack, together about `maxCharacters` of JSON.
 */
export function keepMessages(list: unknown, limits: { maxItems: number; maxCharacters: number }): Kept {
  const all = Array.isArray(list) ? list : []
  let items = all.filter(isObject)
  let isTruncated = false
  if (items.length > limits.maxItems) {
    items = firstAndNewest(items, limits.maxItems)
    isTruncated = true
  }
  const flat = items.map((item) => (isDeep(item) ? tooDeep(item) : item))
  isTruncated ||= flat.some((item, index) => item !== items[index])
  const short = shorten(flat, limits.maxCharacters)
  return { items: short, isTruncated: isTruncated || short !== flat }
}

/** The first item, which tends to be the system's, and the newest ones. */
function firstAndNewest(items: JsonObject[], count: number): JsonObject[] {
  return [items[0]!, ...items.slice(items.length - count + 1)]
}

function isDeep(value: unknown, depth = 0): boolean {
  if (value === null || typeof value !== 'object') return false
  if (depth > MAX_DEPTH) return true
  for (const child of Array.isArray(value) ? value : Object.values(value)) {
    if (child !== null && typeof child === 'object' && isDeep(child, depth + 1)) return true
  }
  return false
}

function tooDeep({ role }: JsonObject): JsonObject {
  return {
    role: typeof role === 'string' ? role : 'user',
    content: `[nested deeper than ${MAX_DEPTH} levels: not kept]`,
  }
}

function shorten(items: JsonObject[], maxCharacters: number): JsonObject[] {
  let total = charactersOf(items)
  if (total <= maxCharacters) return items
  let short = items
  for (const longest of LONGEST_TEXTS) {
    short = short.map((item) => cutTexts(item, longest) as JsonObject)
    total = charactersOf(short)
    if (total <= maxCharacters) return short
  }
  const share = maxCharacters / total
  return firstAndNewest(short, Math.max(2, Math.floor(short.length * share)))
}

/** About the length of the JSON, without making it. */
function charactersOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2
  if (value === null || typeof value !== 'object') return 5
  let total = 2
  if (Array.isArray(value)) for (const item of value) total += charactersOf(item) + 1
  else for (const [key, child] of Object.entries(value)) total += key.length + 4 + charactersOf(child)
  return total
}

function cutTexts(value: unknown, longest: number): unknown {
  if (typeof value === 'string')
    return value.length <= longest
      ? value
      : `${value.slice(0, longest)}… [${value.length - longest} characters cut]`
  if (Array.isArray(value)) return value.map((item) => cutTexts(item, longest))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, cutTexts(child, longest)]))
}
