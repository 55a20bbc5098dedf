/** What current browsers have and TypeScript's library does not know yet. */
interface ExactJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { source: string }) => unknown): unknown
  readonly rawJSON?: (text: string) => object
  readonly isRawJSON?: (value: unknown) => boolean
}
const json = JSON as unknown as ExactJson

/** A number that this browser would change. The sentence goes to the user. */
export class RoundedNumberError extends SyntaxError {
  override readonly name = 'RoundedNumberError'
}

/** Strings, of which those before a colon are names, and numbers. */
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d[\d.eE+-]*/g

/** A whole number of so many digits that it may be beyond 2^53. */
const LONG = /^-?\d{16,}$/

/** The first number that a browser without `JSON.rawJSON` may change, and the name under which it stands. */
function roundedIn(text: string): { number: string; field: string | undefined } | undefined {
  let field: string | undefined
  for (const [token, string, colon] of text.matchAll(TOKENS)) {
    if (colon) field = JSON.parse(string!)
    // Up to 15 digits come back as they were written.
    else if (!string && String(Number(token)) !== token && (/e/i.test(token) || token.length > 15))
      return { number: token, field }
  }
  return undefined
}

/**
 * Reads JSON so that `JSON.stringify` gives every number back as it was written: `JSON.parse` alone rounds whole numbers beyond
 * 2^53. What would change is an object of `JSON.rawJSON` instead of a number; a copy of its members is none, so
 * TanStack's structural sharing must be off for what holds one.
 * @throws SyntaxError; RoundedNumberError in a browser that has not learnt this (before 2025) for numbers that it would change
 */
export function parseExact(text: string): unknown {
  const { rawJSON } = json
  if (rawJSON)
    return json.parse(text, (_, value, { source }) =>
      typeof value === 'number' && String(value) !== source ? rawJSON(source) : value,
    )
  const value: unknown = JSON.parse(text)
  const rounded = roundedIn(text)
  if (rounded)
    throw new RoundedNumberError(
      `This browser would change the number ${rounded.number}${rounded.field === undefined ? '' : ` of “${rounded.field}”`}, so it saves nothing here. Use a newer browser, the API, or the import of a file.`,
    )
  return value
}

/** Reads JSON to be shown: exactly if this browser can. @returns `rounding`: why nothing of it may be written back */
export function readExact(text: string): { value: unknown; rounding: Error | undefined } {
  try {
    return { value: parseExact(text), rounding: undefined }
  } catch (error) {
    if (!(error instanceof RoundedNumberError)) throw error
    return { value: JSON.parse(text), rounding: error }
  }
}

/** Whether JSON has whole numbers that `JSON.parse` changes, since they are beyond 2^53. */
export function isRoundedByParsing(text: string): boolean {
  return [...text.matchAll(TOKENS)].some(([token, string]) => {
    if (string || !LONG.test(token)) return false
    const number = Number(token)
    return !Number.isFinite(number) || BigInt(number) !== BigInt(token)
  })
}

/** Whether a value stands for a number that is kept as it was written; `typeof` calls it an object. */
export function isExactNumber(value: unknown): boolean {
  return json.isRawJSON?.(value) ?? false
}
