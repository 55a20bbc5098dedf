import { call } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import { useConfirm } from '../components/confirm.tsx'
import { complain, say } from '../components/toasts.tsx'
import { counted } from '../formats/numbers.ts'
import type { Dataset } from './dataset-dialog.tsx'

/** Deletes a dataset after a question. The function that it gives says whether it was deleted. */
export function useDeleteDataset(): (dataset: Dataset) => Promise<boolean> {
  const confirm = useConfirm()
  return async ({ id, name, record_count: records }) => {
    const isMeant = await confirm({
      title: `Delete the dataset “${name}”?`,
      text: `Its ${counted(records, 'record')} and the history of its imports go with it. This cannot be undone; an export keeps a copy.`,
      action: 'Delete',
    })
    if (!isMeant) return false
    try {
      await call('deleteDataset', { params: { dataset_id: id } })
    } catch (error) {
      complain(error)
      return false
    }
    say(`“${name}” was deleted.`)
    await refresh('listDatasets')
    return true
  }
}
