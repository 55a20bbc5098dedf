interface Patch {
  readonly op: string
  readonly path: string
  readonly value: unknown
}

/**
 * The state of a custom task with the patches of a `json_patch` payload applied, in place: a text that is streamed must
 * not be copied with each token. What cannot be followed (it is encrypted, or meant for another state) leaves the state
 * as it is.
 */
export function patchTaskState(state: unknown, patches: unknown): unknown {
  if (!Array.isArray(patches)) return state
  const root: Record<string, unknown> = Object.assign(Object.create(null), { '': state })
  for (const patch of patches as Patch[]) applyPatch(root, patch)
  return root['']
}

function applyPatch(root: Record<string, unknown>, { op, path, value }: Patch): void {
  const steps = String(path)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = steps.pop()!
  let parent: unknown = root
  for (const step of steps)
    parent = isContainer(parent) && Object.hasOwn(parent, step) ? parent[step] : undefined
  if (!isContainer(parent)) return
  if (op === 'remove') {
    if (Array.isArray(parent)) parent.splice(Number(last), 1)
    else delete parent[last]
  } else if (op === 'append') {
    if (Object.hasOwn(parent, last) && typeof parent[last] === 'string' && typeof value === 'string')
      parent[last] += value
  } else if (Array.isArray(parent) && op === 'add')
    parent.splice(last === '-' ? parent.length : Number(last), 0, value)
  // Not by assignment: a worker may name a member `__proto__`.
  else Object.defineProperty(parent, last, { value, enumerable: true, writable: true, configurable: true })
}

/** Whether a value has members: an object or a list. */
export function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
