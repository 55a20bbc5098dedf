/** A definition that cannot work. The message says what is wrong and what to do. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError'
}

/** Names that are paths of the API. */
const reservedWorkflowNames: ReadonlySet<string> = new Set([
  'executions',
  'schedules',
  'definitions',
  'deployments',
  'events',
  'internal',
  'registrations',
  'runs',
  'webhooks',
  'workers',
  'archive',
  'unarchive',
])

/** What names begin with that belong to the system. */
const RESERVED_PREFIX = '__'

/** @throws DefinitionError if a workflow cannot have this name */
export function checkWorkflowName(name: unknown): void {
  if (typeof name !== 'string' || !/^[a-zA-Z0-9_-]{1,128}$/.test(name))
    throw new DefinitionError(
      `A workflow cannot be named ${JSON.stringify(name)}: a name has letters, digits, "-" and "_", at most 128 of them.`,
    )
  if (reservedWorkflowNames.has(name) || name.startsWith(RESERVED_PREFIX))
    throw new DefinitionError(`The name "${name}" is reserved. Give the workflow another one.`)
}

/**
 * @param kinds the signals, queries and updates of one workflow
 * @throws DefinitionError for a name that is reserved, unusable or there twice
 */
export function checkHandlerNames(workflow: string, kinds: readonly (object | undefined)[]): void {
  const seen = new Set<string>()
  for (const name of kinds.flatMap((kind) => Object.keys(kind ?? {}))) {
    if (name.startsWith(RESERVED_PREFIX) || name.length === 0 || name.length > 255)
      throw new DefinitionError(
        `"${name}" in the workflow "${workflow}" cannot be used: names that begin with "${RESERVED_PREFIX}" are reserved, and a name has 1 to 255 characters.`,
      )
    if (seen.has(name))
      throw new DefinitionError(
        `The workflow "${workflow}" has two handlers named "${name}": give each signal, query and update a name of its own.`,
      )
    seen.add(name)
  }
}

/** Activities of the system, which do not show in events and traces. */
export const INTERNAL_ACTIVITY_PREFIX = '__internal__'

/** @throws DefinitionError if an activity cannot have this name */
export function checkActivityName(name: string): void {
  if (name.startsWith(RESERVED_PREFIX))
    throw new DefinitionError(
      `The activity "${name}" cannot be named so: names that begin with "${RESERVED_PREFIX}" are reserved.`,
    )
}
