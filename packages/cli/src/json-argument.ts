import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { CliError } from './cli-error.ts'

/**
 * Reads the JSON object of an option: written out, in a file (`@input.json`), or from standard input (`-`).
 * @param option its name, for messages
 * @returns undefined if the option was not given
 * @throws CliError if it cannot be read or is no JSON object
 */
export async function readJsonObject(
  option: string,
  given: string | undefined,
): Promise<Record<string, unknown> | undefined> {
  if (given === undefined) return undefined
  const content = await contentOf(given).catch((cause: Error) => {
    throw new CliError(`${option}: ${cause.message}`, { exitCode: 2, cause })
  })
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch (cause) {
    throw new CliError(`${option} is no JSON: ${(cause as Error).message}`, { exitCode: 2, cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CliError(`${option} must be a JSON object such as '{"name": "Ada"}'`, { exitCode: 2 })
  return value as Record<string, unknown>
}

function contentOf(given: string): Promise<string> {
  if (given === '-') return text(process.stdin)
  return given.startsWith('@') ? readFile(given.slice(1), 'utf8') : Promise.resolve(given)
}
