import { useMutation } from '@tanstack/react-query'
import { Copy, Gavel, Trash2, X } from 'lucide-react'
import { useState } from 'react'
import { refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { Progress } from '../components/progress.tsx'
import { complain, say } from '../components/toasts.tsx'
import { count, counted } from '../formats/numbers.ts'
import { AddToDatasetDialog } from './add-to-dataset-dialog.tsx'
import { BulkJudgingDialog } from './bulk-judging-dialog.tsx'
import { copyRecords, deleteRecords } from './import-ids.ts'

/** What can be done with the selected records. */
export function BulkBar({
  datasetId,
  selected,
  onClear,
}: {
  datasetId: string
  selected: ReadonlySet<string>
  onClear: () => void
}) {
  const confirm = useConfirm()
  const [open, setOpen] = useState<'judge' | 'copy'>()
  const [deleted, setDeleted] = useState(0)
  const ids = [...selected]
  const removal = useMutation({
    mutationFn: () => deleteRecords(ids, setDeleted),
    onSuccess: () => {
      say(`${counted(ids.length, 'record')} deleted.`)
      onClear()
    },
    onError: complain,
    onSettled: () => refresh('getDataset', 'listDatasets', 'listDatasetRecordPreviews'),
  })
  const remove = async () => {
    const isMeant = await confirm({
      title: `Delete ${counted(ids.length, 'record')}?`,
      text: 'This cannot be undone; an export keeps a copy.',
      action: 'Delete',
    })
    if (!isMeant) return
    setDeleted(0)
    removal.mutate()
  }
  if (removal.isPending)
    return (
      <div role="status" className="flex items-center gap-3">
        Deleting: {count(deleted)} of {count(ids.length)}
        <span className="w-40">
          <Progress value={deleted / Math.max(1, ids.length)} label="Deleting" />
        </span>
      </div>
    )
  return (
    <div role="toolbar" aria-label="Selected records" className="flex items-center gap-2">
      <span className="font-medium whitespace-nowrap tabular-nums">{count(ids.length)} selected</span>
      <Button size="small" onClick={() => setOpen('judge')}>
        <Gavel aria-hidden /> Judge…
      </Button>
      <Button size="small" onClick={() => setOpen('copy')}>
        <Copy aria-hidden /> Copy to…
      </Button>
      <Button size="small" variant="danger" onClick={remove}>
        <Trash2 aria-hidden /> Delete…
      </Button>
      <Button size="small" variant="quiet" onClick={onClear}>
        <X aria-hidden /> Clear
      </Button>
      {open === 'judge' && <BulkJudgingDialog ids={ids} onClose={() => setOpen(undefined)} />}
      {open === 'copy' && (
        <AddToDatasetDialog
          title={`Copy ${counted(ids.length, 'record')} to a dataset`}
          except={datasetId}
          start={(to) => copyRecords(to, ids)}
          onClose={() => setOpen(undefined)}
        />
      )}
    </div>
  )
}
