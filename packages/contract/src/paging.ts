import { z } from 'zod'
import { wellFormedText, wholeNumber } from './scalars.ts'

/** Query of lists that page by number. A page too deep to count (page × page_size past 2^31) is refused. */
export const pageQuery = z.object({
  page_size: wholeNumber({ min: 0, max: 100 }).default(50),
  page: wholeNumber({ min: 1, max: 20_000_000 }).default(1),
})

/** Query of lists that page by number and can be searched by name. */
export const searchablePageQuery = pageQuery.extend({ q: wellFormedText(0, 500).optional() })

/** A page: `count` counts all, `next` and `previous` are URLs, null at the ends (clients stop when `next` is null). */
export function paginated<T extends z.ZodType>(item: T) {
  return z.object({
    results: z.array(item),
    count: z.int(),
    next: z.string().nullable(),
    previous: z.string().nullable(),
  })
}
