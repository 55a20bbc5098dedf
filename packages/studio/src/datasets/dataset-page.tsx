import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Download, FileUp, MoreHorizontal, Pencil, Plus, Trash2, Upload } from 'lucide-react'
import { type ReactNode, useRef, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { query } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { Menu, MenuItem } from '../components/menu.tsx'
import { Page } from '../components/page.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { Tabs } from '../components/tabs.tsx'
import { say } from '../components/toasts.tsx'
import { count } from '../formats/numbers.ts'
import { useMay } from '../session/session.ts'
import { ConversationImportDialog } from './conversation-import-dialog.tsx'
import { type Dataset, DatasetDialog } from './dataset-dialog.tsx'
import { useDeleteDataset } from './delete-dataset.ts'
import { DropZone } from './drop-zone.tsx'
import { ExportDialog } from './export-dialog.tsx'
import { FileImportDialog } from './file-import-dialog.tsx'
import { CampaignImportDialog, DatasetImportDialog } from './import-dialogs.tsx'
import { ImportHistory, RunningImports, useImportTasks } from './import-tasks.tsx'
import { NewRecordDialog } from './new-record-dialog.tsx'
import { RecordsTab } from './records-tab.tsx'

const route = getRouteApi('/shell/datasets/$datasetId')

/** A dataset: its records, and what goes in and out of it. */
export function DatasetPage() {
  const { datasetId } = route.useParams()
  return <OneDataset key={datasetId} datasetId={datasetId} />
}

function OneDataset({ datasetId }: { datasetId: string }) {
  const navigate = route.useNavigate()
  const imports = useImportTasks(datasetId)
  const dataset = useQuery({
    ...query('getDataset', { params: { dataset_id: datasetId } }),
    // So it has the records of all imports that are listed as ended.
    enabled: !imports.tasks.isPending,
  })
  if (dataset.data) return <Content dataset={dataset.data} imports={imports} />
  return (
    <Page title="Dataset">
      {dataset.error instanceof ApiError && dataset.error.status === 404 ? (
        <Empty title="There is no such dataset">
          <p>It was deleted, or the address is mistyped.</p>
          <Button className="mt-3" onClick={() => navigate({ to: '/datasets' })}>
            All datasets
          </Button>
        </Empty>
      ) : dataset.error ? (
        <Failure error={dataset.error} onRetry={() => dataset.refetch()} />
      ) : (
        <Loading />
      )}
    </Page>
  )
}

type Open =
  | { readonly what: 'record' | 'campaign' | 'dataset' | 'conversations' | 'export' | 'rename' }
  | { readonly what: 'file'; readonly file: File }

function Content({
  dataset,
  imports: { tasks, running },
}: {
  dataset: Dataset
  imports: ReturnType<typeof useImportTasks>
}) {
  const { id, name, description, record_count: total } = dataset
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const mayWrite = useMay('write')
  const deleteDataset = useDeleteDataset()
  const [open, setOpen] = useState<Open>()
  const input = useRef<HTMLInputElement>(null)
  /** Only the dialog that asks for it: what it has begun may be done when another one is open. */
  const close = () => setOpen((now) => (now === open ? undefined : now))
  const chooseFile = () => input.current?.click()

  const actions: ReactNode = (
    <>
      {mayWrite && (
        <>
          <Menu
            trigger={
              <Button>
                <Upload aria-hidden /> Import
              </Button>
            }
          >
            <MenuItem onSelect={chooseFile}>
              <FileUp aria-hidden /> A JSONL file…
            </MenuItem>
            <MenuItem onSelect={() => void navigate({ to: '/explorer' as string })}>
              From the Explorer: select events there
            </MenuItem>
            <MenuItem onSelect={() => setOpen({ what: 'campaign' })}>From a campaign…</MenuItem>
            <MenuItem onSelect={() => setOpen({ what: 'dataset' })}>From another dataset…</MenuItem>
            <MenuItem onSelect={() => setOpen({ what: 'conversations' })}>
              Conversations of the Playground…
            </MenuItem>
          </Menu>
          <Button onClick={() => setOpen({ what: 'record' })}>
            <Plus aria-hidden /> New record
          </Button>
        </>
      )}
      <Button onClick={() => setOpen({ what: 'export' })}>
        <Download aria-hidden /> Export
      </Button>
      {mayWrite && (
        <Menu
          trigger={
            <Button variant="quiet" size="icon" aria-label="Actions for the dataset">
              <MoreHorizontal />
            </Button>
          }
        >
          <MenuItem onSelect={() => setOpen({ what: 'rename' })}>
            <Pencil aria-hidden /> Rename…
          </MenuItem>
          <MenuItem
            danger
            onSelect={async () => {
              if (await deleteDataset(dataset)) void navigate({ to: '/datasets' })
            }}
          >
            <Trash2 aria-hidden /> Delete…
          </MenuItem>
        </Menu>
      )}
    </>
  )

  return (
    <Page title={name} actions={actions} fill>
      <DropZone onFile={mayWrite ? (file) => setOpen({ what: 'file', file }) : undefined}>
        {description && <p className="border-b border-line bg-surface px-6 py-2 text-muted">{description}</p>}
        <RunningImports running={running} />
        <Tabs
          label="Parts of the dataset"
          value={tab ?? 'records'}
          onValueChange={(value) => navigate({ search: value === 'imports' ? { tab: 'imports' } : {} })}
          tabs={[
            {
              value: 'records',
              label: `Records ${count(total)}`,
              content: (
                <RecordsTab
                  dataset={dataset}
                  isImporting={running.length > 0}
                  onChooseFile={chooseFile}
                  onNewRecord={() => setOpen({ what: 'record' })}
                />
              ),
            },
            { value: 'imports', label: 'Imports', content: <ImportHistory tasks={tasks} /> },
          ]}
        />
      </DropZone>
      <input
        ref={input}
        type="file"
        accept=".jsonl,.ndjson,.json,application/jsonl,application/x-ndjson"
        aria-label="JSONL file"
        tabIndex={-1}
        className="hidden"
        onChange={({ target }) => {
          const [file] = target.files ?? []
          // The same file, mended, may be chosen again.
          target.value = ''
          if (file) setOpen({ what: 'file', file })
        }}
      />
      {open?.what === 'file' && <FileImportDialog datasetId={id} file={open.file} onClose={close} />}
      {open?.what === 'campaign' && <CampaignImportDialog datasetId={id} onClose={close} />}
      {open?.what === 'dataset' && <DatasetImportDialog datasetId={id} onClose={close} />}
      {open?.what === 'conversations' && <ConversationImportDialog datasetId={id} onClose={close} />}
      {open?.what === 'record' && <NewRecordDialog datasetId={id} onClose={close} />}
      {open?.what === 'export' && <ExportDialog dataset={dataset} onClose={close} />}
      {open?.what === 'rename' && (
        <DatasetDialog
          dataset={dataset}
          onClose={close}
          onDone={() => {
            say('The dataset was changed.')
            close()
          }}
        />
      )}
    </Page>
  )
}
