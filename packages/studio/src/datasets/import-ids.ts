import { call, type Output } from '../api/call.ts'

/** Ids that one task takes. */
const PER_TASK = 10_000

export type Task = Output<'getDatasetTask'>

function pieces<T>(list: readonly T[], size: number): T[][] {
  const found: T[][] = []
  for (let at = 0; at < list.length; at += size) found.push(list.slice(at, at + size))
  return found
}

/** Copies records into a dataset, in as many tasks as are needed. @throws ApiError */
export async function copyRecords(datasetId: string, ids: readonly string[]): Promise<Task[]> {
  const tasks: Task[] = []
  for (const dataset_record_ids of pieces(ids, PER_TASK))
    tasks.push(
      await call('importFromDataset', { params: { dataset_id: datasetId }, body: { dataset_record_ids } }),
    )
  return tasks
}

/**
 * The ids of all records of a dataset, in order.
 * @throws ApiError, or the signal's reason
 */
export async function allRecordIds(datasetId: string, signal?: AbortSignal): Promise<string[]> {
  const ids: string[] = []
  for (;;) {
    const { dataset_record_ids: more } = await call(
      'listDatasetRecordIds',
      { params: { dataset_id: datasetId }, query: { after: ids.at(-1), limit: PER_TASK } },
      signal ? { signal } : {},
    )
    ids.push(...more)
    if (more.length < PER_TASK) return ids
  }
}

/**
 * Deletes records, some at a time.
 * @param onProgress how many are gone
 * @throws ApiError; what was deleted until then stays deleted
 */
export async function deleteRecords(
  ids: readonly string[],
  onProgress: (deleted: number) => void,
): Promise<void> {
  let deleted = 0
  for (const dataset_record_ids of pieces(ids, 500)) {
    await call('deleteDatasetRecords', { body: { dataset_record_ids } })
    deleted += dataset_record_ids.length
    onProgress(deleted)
  }
}
