import { type Command, InvalidArgumentError } from 'commander'

/** A page of a list that pages by number, as the API answers it. */
export interface Page<T> {
  readonly results: readonly T[]
  readonly next: string | null
}

export interface ListOptions {
  readonly limit: number
  readonly all?: boolean
}

const LARGEST_PAGE = 100

/** Reads a whole number from 1 of the command line. */
export function countArgument(text: string): number {
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.')
  return count
}

/** Adds `--limit` and `--all` to a command that lists. */
export function withListOptions(command: Command, limit: number): Command {
  return command
    .option('-n, --limit <count>', 'how many at most', countArgument, limit)
    .option('--all', 'all of them, however many')
}

/**
 * Reads pages one after the other until there are enough.
 * @param fetchPage gives a page; pages count from 1
 */
export async function collect<T>(
  { limit, all }: ListOptions,
  fetchPage: (query: { page: number; page_size: number }) => Promise<Page<T>>,
): Promise<T[]> {
  const wanted = all ? Number.POSITIVE_INFINITY : limit
  const page_size = Math.min(wanted, LARGEST_PAGE)
  const found: T[] = []
  for (let page = 1; found.length < wanted; page++) {
    const { results, next } = await fetchPage({ page, page_size })
    found.push(...results)
    if (next === null || results.length === 0) break
  }
  return found.slice(0, wanted)
}
