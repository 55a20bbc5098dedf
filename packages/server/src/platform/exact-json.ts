/** What Node has and TypeScript's library does not know yet. */
interface ExactJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { source: string }) => unknown): unknown
  rawJSON(text: string): object
}
const { parse, rawJSON } = JSON as unknown as ExactJson

/** Numbers of fewer digits come back as they were. */
const LONG_NUMBER = /\d{16}/

/**
 * Reads JSON that is only passed on: `JSON.stringify` gives whole numbers beyond 2^53 back as they were written, which are objects
 * meanwhile.
 * @throws SyntaxError
 */
export function parseExact(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text)
  return parse(text, (_, value, { source }) =>
    typeof value === 'number' && String(value) !== source ? rawJSON(source) : value,
  )
}
