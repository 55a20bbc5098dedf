/**
 * Makes the `next` and `previous` of a numbered page.
 * @param base the public URL, never the Host header, which the caller chooses
 */
export function pageLinks(
  base: string,
  url: string,
  page: { page: number; page_size: number },
  count: number,
): { next: string | null; previous: string | null } {
  const link = (number: number): string => {
    const target = new URL(url, base)
    target.searchParams.set('page', String(number))
    target.searchParams.set('page_size', String(page.page_size))
    return `${base}${target.pathname}${target.search}`
  }
  return {
    next: page.page_size > 0 && page.page * page.page_size < count ? link(page.page + 1) : null,
    previous: page.page > 1 ? link(page.page - 1) : null,
  }
}
