/** What an address may carry; everything else in it is passed over. An address is typed by people, and made by others. */

/** A text; numbers and such, as which the router reads some texts, are texts again. */
export function textParam(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

export function flagParam(value: unknown): true | undefined {
  return value === true || value === 'true' || value === 1 ? true : undefined
}

/** One of some words. */
export function choiceParam<T extends string>(value: unknown, choices: readonly T[]): T | undefined {
  return choices.find((choice) => choice === value)
}

/** Some of some words; undefined if it is none of them. */
export function choicesParam<T extends string>(value: unknown, choices: readonly T[]): T[] | undefined {
  const given = Array.isArray(value) ? value : [value]
  const chosen = choices.filter((choice) => given.includes(choice))
  return chosen.length === 0 ? undefined : chosen
}

/** An instant as ISO 8601; undefined if it is none. */
export function instantParam(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
