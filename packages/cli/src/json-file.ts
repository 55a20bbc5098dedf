import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { mistakeWords } from '@tramontane/contract/mistake-words'
import type { z } from 'zod'
import { CliError } from './cli-error.ts'

/**
 * Reads a JSON file that a command takes; `-` is standard input.
 * @throws CliError if it cannot be read, is no JSON or does not fit the schema
 */
export async function readJsonFile<S extends z.ZodType>(file: string, schema: S): Promise<z.input<S>> {
  const name = file === '-' ? 'the standard input' : file
  const content = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch(
    (cause: Error) => {
      throw new CliError(`${name} cannot be read: ${cause.message}`, { exitCode: 2, cause })
    },
  )
  let value: unknown
  try {
    value = JSON.parse(content.replace(/^\ufeff/, ''))
  } catch (cause) {
    throw new CliError(`${name} is no JSON: ${(cause as Error).message}`, { exitCode: 2, cause })
  }
  const checked = schema.safeParse(value, { error: mistakeWords })
  if (checked.success) return value as z.input<S>
  const issues = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
  throw new CliError(`${name} does not fit: ${issues.slice(0, 5).join('; ')}`, { exitCode: 2 })
}
