/** What the address of the playground carries. */
export interface PlaygroundSearch {
  /** The conversations in the first and the second pane. */
  readonly left?: string
  readonly right?: string
  /** Whether there are two panes. */
  readonly compare?: true
}

/** Reads the address of the playground; what makes no sense is left out. */
export function validatePlaygroundSearch(search: Record<string, unknown>): PlaygroundSearch {
  const { left, right, compare } = search
  return {
    ...(typeof left === 'string' && left !== '' ? { left } : {}),
    ...(typeof right === 'string' && right !== '' ? { right, compare: true as const } : {}),
    ...(compare === true ? { compare } : {}),
  }
}
