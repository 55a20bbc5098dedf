/** What the address of a dataset's page carries. */
export interface DatasetSearch {
  readonly tab?: 'imports'
  /** The record whose panel is open, and which of its sides. */
  readonly record?: string
  readonly side?: 'edit' | 'judge'
  /** Of a very long list, the place of the first record that is shown. */
  readonly from?: number
}

/** Reads the address of a dataset's page; what makes no sense is left out. */
export function validateDatasetSearch(search: Record<string, unknown>): DatasetSearch {
  const { tab, record, side, from } = search
  return {
    ...(tab === 'imports' ? { tab } : {}),
    ...(typeof record === 'string' && record !== '' ? { record } : {}),
    ...(side === 'edit' || side === 'judge' ? { side } : {}),
    ...(Number.isSafeInteger(from) && (from as number) > 0 ? { from: from as number } : {}),
  }
}

/** What the address of the list of datasets carries. */
export interface DatasetsSearch {
  readonly q?: string
  readonly page?: number
}

/** Reads the address of the list of datasets. */
export function validateDatasetsSearch({ q, page }: Record<string, unknown>): DatasetsSearch {
  return {
    ...(typeof q === 'string' && q !== '' ? { q } : typeof q === 'number' ? { q: String(q) } : {}),
    ...(Number.isSafeInteger(page) && (page as number) > 1 ? { page: page as number } : {}),
  }
}
