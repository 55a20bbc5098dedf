import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { MoreHorizontal, Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { query } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { Menu, MenuItem } from '../components/menu.tsx'
import { Page } from '../components/page.tsx'
import { SearchInput } from '../components/search-input.tsx'
import { SimpleTable } from '../components/simple-table.tsx'
import { Empty, Loaded, Loading } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { say } from '../components/toasts.tsx'
import { count, counted } from '../formats/numbers.ts'
import { useMay } from '../session/session.ts'
import { type Dataset, DatasetDialog } from './dataset-dialog.tsx'
import { useDeleteDataset } from './delete-dataset.ts'

const route = getRouteApi('/shell/datasets')
const PAGE_SIZE = 50

/** All datasets of the workspace. */
export function DatasetsPage() {
  const { q, page = 1 } = route.useSearch()
  const navigate = route.useNavigate()
  const mayWrite = useMay('write')
  const [isNew, setNew] = useState(false)
  const [renamed, setRenamed] = useState<Dataset>()
  const list = useQuery({
    ...query('listDatasets', { query: { page, page_size: PAGE_SIZE, q } }),
    placeholderData: keepPreviousData,
  })
  const newButton = mayWrite && (
    <Button variant="primary" onClick={() => setNew(true)}>
      <Plus aria-hidden /> New dataset
    </Button>
  )
  return (
    <Page title="Datasets" actions={newButton}>
      <div className="flex flex-col gap-4">
        <SearchInput
          label="Search by name"
          value={q ?? ''}
          onChange={(text) => navigate({ search: text === '' ? {} : { q: text }, replace: true })}
        />
        <Loaded result={list}>
          {({ datasets: { results, count: total } }) =>
            results.length === 0 ? (
              <div className="rounded-lg border border-line bg-surface">
                {q !== undefined || page > 1 ? (
                  <Empty title="No dataset has such a name">
                    <Button onClick={() => navigate({ search: {} })}>Show all datasets</Button>
                  </Empty>
                ) : list.isPlaceholderData ? (
                  <Loading />
                ) : (
                  <Empty title="There are no datasets yet">
                    <p>
                      A dataset gathers conversations: uploaded as JSONL, chosen in the Explorer, judged by a
                      campaign, or from the Playground. They can be edited, judged and exported.
                    </p>
                    {mayWrite && (
                      <Button className="mt-3" onClick={() => setNew(true)}>
                        Make the first one
                      </Button>
                    )}
                  </Empty>
                )}
              </div>
            ) : (
              <>
                <SimpleTable
                  label="Datasets"
                  head={['Name', 'Records', 'Created', ...(mayWrite ? [{ hidden: 'Actions' }] : [])]}
                >
                  {results.map((dataset) => (
                    <DatasetRow key={dataset.id} dataset={dataset} onRename={() => setRenamed(dataset)} />
                  ))}
                </SimpleTable>
                <div className="flex items-center justify-between gap-3 text-muted">
                  <p>{counted(total, 'dataset')}</p>
                  {total > PAGE_SIZE && (
                    <nav aria-label="Pages" className="flex items-center gap-2">
                      <Button
                        size="small"
                        disabled={page === 1}
                        onClick={() => navigate({ search: { ...(q ? { q } : {}), page: page - 1 } })}
                      >
                        Newer
                      </Button>
                      <span>
                        Page {count(page)} of {count(Math.ceil(total / PAGE_SIZE))}
                      </span>
                      <Button
                        size="small"
                        disabled={page * PAGE_SIZE >= total}
                        onClick={() => navigate({ search: { ...(q ? { q } : {}), page: page + 1 } })}
                      >
                        Older
                      </Button>
                    </nav>
                  )}
                </div>
              </>
            )
          }
        </Loaded>
      </div>
      {isNew && (
        <DatasetDialog
          onClose={() => setNew(false)}
          onDone={({ id, name }) => {
            say(`“${name}” was made.`)
            void navigate({ to: '/datasets/$datasetId', params: { datasetId: id } })
          }}
        />
      )}
      {renamed && (
        <DatasetDialog
          dataset={renamed}
          onClose={() => setRenamed(undefined)}
          onDone={() => setRenamed(undefined)}
        />
      )}
    </Page>
  )
}

function DatasetRow({ dataset, onRename }: { dataset: Dataset; onRename: () => void }) {
  const mayWrite = useMay('write')
  const deleteDataset = useDeleteDataset()
  const { id, name, description, record_count: records } = dataset
  return (
    <tr className="hover:bg-sunken">
      <td className="w-full max-w-0">
        <Link
          to="/datasets/$datasetId"
          params={{ datasetId: id }}
          className="block truncate font-medium text-accent hover:underline"
        >
          {name}
        </Link>
        {description && <p className="truncate text-muted">{description}</p>}
      </td>
      <td className="text-right tabular-nums">{count(records)}</td>
      <td>
        <Time value={dataset.created_at} />
      </td>
      {mayWrite && (
        <td className="!py-1">
          <Menu
            trigger={
              <Button variant="quiet" size="icon" aria-label={`Actions for ${name}`}>
                <MoreHorizontal />
              </Button>
            }
          >
            <MenuItem onSelect={onRename}>
              <Pencil aria-hidden /> Rename…
            </MenuItem>
            <MenuItem danger onSelect={() => void deleteDataset(dataset)}>
              <Trash2 aria-hidden /> Delete…
            </MenuItem>
          </Menu>
        </td>
      )}
    </tr>
  )
}
