import { useIsFetching, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { query } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/states.tsx'
import { complain } from '../components/toasts.tsx'
import { count } from '../formats/numbers.ts'
import { useMay } from '../session/session.ts'
import { BulkBar } from './bulk-bar.tsx'
import type { Dataset } from './dataset-dialog.tsx'
import { allRecordIds } from './import-ids.ts'
import { PAGE_SIZE } from './record-pages.ts'
import { RecordPanel } from './record-panel.tsx'
import { PartPager, RecordTable } from './record-table.tsx'

const route = getRouteApi('/shell/datasets/$datasetId')

/** The records of a dataset, with the panel of one of them, and what can be done with the selected ones. */
export function RecordsTab({
  dataset,
  isImporting,
  onChooseFile,
  onNewRecord,
}: {
  dataset: Dataset
  isImporting: boolean
  onChooseFile: () => void
  onNewRecord: () => void
}) {
  const { id, record_count: total } = dataset
  const { record, side, from = 0 } = route.useSearch()
  const navigate = route.useNavigate()
  const mayWrite = useMay('write')
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const neighbours = useNeighbours(id, total, record)
  const start = from < total ? from : 0

  const select = (ids: readonly string[], isSelected: boolean) =>
    setSelected((before) => (isSelected ? before.union(new Set(ids)) : before.difference(new Set(ids))))
  const selectAll = async (isSelected: boolean) => {
    if (!isSelected) return setSelected(new Set())
    try {
      setSelected(new Set(await allRecordIds(id)))
    } catch (error) {
      complain(error)
    }
  }
  const open = (opened: string) => navigate({ search: (before) => ({ ...before, record: opened }) })
  const close = () => navigate({ search: ({ record: _, side: __, ...before }) => before })

  const panel = record !== undefined && (
    <RecordPanel
      recordId={record}
      side={side}
      onSide={(next) =>
        navigate({
          search: ({ side: _, ...before }) => (next ? { ...before, side: next } : before),
          replace: true,
        })
      }
      onClose={close}
      onDeleted={() => {
        select([record], false)
        close()
      }}
      onPrevious={neighbours.previous === undefined ? undefined : () => open(neighbours.previous!)}
      onNext={neighbours.next === undefined ? undefined : () => open(neighbours.next!)}
    />
  )
  if (total === 0)
    return (
      <>
        {isImporting ? (
          <Empty title="Records are being imported">
            They appear all at once when the import is complete.
          </Empty>
        ) : (
          <Empty title="This dataset has no records yet">
            {mayWrite ? (
              <>
                <p>
                  Drop a JSONL file here: a JSON object with <code className="font-mono">messages</code> on
                  each line. Or import from a campaign, another dataset or a conversation, or select events in
                  the Explorer.
                </p>
                <div className="mt-3 flex justify-center gap-2">
                  <Button variant="primary" onClick={onChooseFile}>
                    Choose a file
                  </Button>
                  <Button onClick={onNewRecord}>Write a record</Button>
                </div>
              </>
            ) : (
              'A key that may write can add some.'
            )}
          </Empty>
        )}
        {panel}
      </>
    )
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex min-h-11 items-center justify-between gap-3 border-b border-line px-4">
        {selected.size > 0 && mayWrite ? (
          <BulkBar datasetId={id} selected={selected} onClear={() => setSelected(new Set())} />
        ) : (
          <p className="text-muted">
            {selected.size > 0 ? `${count(selected.size)} selected` : 'Click a record to read it'}
            {mayWrite && selected.size === 0 && ', edit it or have it judged'}
          </p>
        )}
        <PartPager
          total={total}
          from={start}
          onMove={(to) => navigate({ search: to > 0 ? { from: to } : {} })}
        />
      </div>
      <RecordTable
        datasetId={id}
        total={total}
        from={start}
        selected={selected}
        onSelect={select}
        onSelectAll={selectAll}
        open={record}
        onOpen={open}
      />
      {panel}
    </div>
  )
}

/** The records before and after one, as far as the lists that were loaded know them. */
function useNeighbours(
  datasetId: string,
  total: number,
  recordId: string | undefined,
): { previous?: string; next?: string } {
  const client = useQueryClient()
  // Has it looked again when a list has come.
  useIsFetching({ queryKey: ['listDatasetRecordPreviews'] })
  if (recordId === undefined) return {}
  const pageOf = (page: number) =>
    client.getQueryData(
      query('listDatasetRecordPreviews', {
        params: { dataset_id: datasetId },
        query: { page, page_size: PAGE_SIZE },
      }).queryKey,
    )?.previews
  for (let page = 1; page <= Math.ceil(total / PAGE_SIZE); page++) {
    const at = pageOf(page)?.findIndex(({ id }) => id === recordId) ?? -1
    if (at < 0) continue
    const previous = at > 0 ? pageOf(page)![at - 1] : pageOf(page - 1)?.at(-1)
    const next = pageOf(page)![at + 1] ?? pageOf(page + 1)?.[0]
    return { ...(previous ? { previous: previous.id } : {}), ...(next ? { next: next.id } : {}) }
  }
  return {}
}
