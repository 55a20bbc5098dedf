/**
 * Whether a value is nested deeper than `levels`. Recursive code (schemas, JSON.stringify, SQL) runs out of stack on
 * what JSON.parse takes, so nesting is measured, without recursion, before it gets there.
 */
export function isDeeperThan(value: unknown, levels: number): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true
    const next: unknown[] = []
    for (const item of level) {
      if (item === null || typeof item !== 'object') continue
      for (const child of Array.isArray(item) ? item : Object.values(item)) {
        if (child !== null && typeof child === 'object') next.push(child)
      }
    }
    level = next
  }
  return false
}
