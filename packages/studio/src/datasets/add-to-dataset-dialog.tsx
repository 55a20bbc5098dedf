import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { call } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import { Choice } from '../choices/choice.tsx'
import { datasets } from '../choices/named-things.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Failure } from '../components/states.tsx'
import { DatasetDialog } from './dataset-dialog.tsx'
import type { Task } from './import-ids.ts'
import { TaskLine, useEndedImports } from './import-tasks.tsx'

const EVERY_MS = 500

/**
 * Chooses a dataset, or makes one, begins an import into it and shows how far it is.
 * @param except a dataset that is not offered
 * @param start begins the import
 * @param onStarted is told into which dataset
 */
export function AddToDatasetDialog({
  title,
  except,
  start,
  onStarted,
  onClose,
}: {
  title: string
  except?: string
  start: (datasetId: string) => Promise<readonly Task[]>
  onStarted?: (dataset: { id: string; name: string }) => void
  onClose: () => void
}) {
  const [chosen, setChosen] = useState<{ id: string; name: string }>()
  const [isNew, setNew] = useState(false)
  const begin = useMutation({
    mutationFn: (dataset: { id: string; name: string }) => start(dataset.id),
    onSuccess: (_, dataset) => onStarted?.(dataset),
  })
  if (isNew)
    return (
      <DatasetDialog
        onClose={() => setNew(false)}
        onDone={({ id, name }) => {
          setNew(false)
          setChosen({ id, name })
          begin.mutate({ id, name })
        }}
      />
    )
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={title}>
      {begin.data && chosen ? (
        <>
          <TaskProgress tasks={begin.data} />
          <DialogActions>
            <Button onClick={onClose}>Close</Button>
            <Button asChild variant="primary">
              <Link to="/datasets/$datasetId" params={{ datasetId: chosen.id }}>
                Open “{chosen.name}”
              </Link>
            </Button>
          </DialogActions>
        </>
      ) : (
        <>
          <Field label="Dataset">
            <Choice
              things={datasets(except)}
              words="Choose a dataset"
              chosen={chosen}
              onChoose={setChosen}
              empty="Make one for what is to be added."
            />
          </Field>
          {begin.error && <Failure error={begin.error} />}
          <DialogActions>
            <Button onClick={() => setNew(true)}>New dataset…</Button>
            <Button
              variant="primary"
              disabled={!chosen || begin.isPending}
              onClick={() => chosen && begin.mutate(chosen)}
            >
              {begin.isPending ? 'Beginning…' : 'Add'}
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  )
}

function TaskProgress({ tasks }: { tasks: readonly Task[] }) {
  return (
    <div className="flex flex-col gap-1">
      {tasks.map((task) => (
        <FollowedTask key={task.id} task={task} />
      ))}
    </div>
  )
}

function FollowedTask({ task }: { task: Task }) {
  const { data = task } = useQuery({
    ...query('getDatasetTask', { params: { dataset_id: task.dataset_id, task_id: task.id } }),
    refetchInterval: ({ state }) =>
      state.data === undefined || state.data.status === 'RUNNING' ? EVERY_MS : false,
  })
  useEndedImports(useMemo(() => [data], [data]))
  return <TaskLine task={data} />
}

/** Waits until an import has ended. @throws an Error with its message if it failed; the signal's reason */
export async function taskEnd(task: Task, signal: AbortSignal): Promise<Task> {
  for (;;) {
    const now = await call(
      'getDatasetTask',
      { params: { dataset_id: task.dataset_id, task_id: task.id } },
      { signal },
    )
    if (now.status === 'COMPLETED') {
      await refresh('getDataset', 'listDatasets', 'listDatasetRecordPreviews', 'listDatasetTasks')
      return now
    }
    if (now.status !== 'RUNNING') throw new Error(now.message ?? 'The import has failed.')
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    signal.throwIfAborted()
  }
}
