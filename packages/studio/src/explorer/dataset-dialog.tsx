import { useMutation, useQueries, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { call } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import { Choice } from '../choices/choice.tsx'
import { datasets, type NamedThing } from '../choices/named-things.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Input } from '../components/input.tsx'
import { Progress } from '../components/progress.tsx'
import { Loading } from '../components/states.tsx'
import { counted } from '../formats/numbers.ts'
import { type Chosen, importInto } from './chosen-events.ts'

const POLL_MS = 700

/** Puts events into a dataset, one that is there or a new one, and shows how far it is. */
export function DatasetDialog({
  chosen,
  label,
  onClose,
}: {
  chosen: Chosen
  label: string
  onClose: () => void
}) {
  const newest = useQuery(query('listDatasets', { query: { page_size: 1 } }))
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Put ${label} into a dataset`}
      description="Conversations are copied. The newest 10,000 at most."
    >
      {newest.isPending ? (
        <Loading />
      ) : (
        <Import events={chosen} proposed={newest.data?.datasets.results[0]} onClose={onClose} />
      )}
    </Dialog>
  )
}

/** @param proposed into which, to begin with; a new one unless given */
function Import({
  events,
  proposed,
  onClose,
}: {
  events: Chosen
  proposed: NamedThing | undefined
  onClose: () => void
}) {
  const [target, setTarget] = useState(proposed)
  const work = useMutation({
    mutationFn: async (name: string) => {
      const dataset = target ?? (await call('createDataset', { body: { name, description: '' } }))
      // It is there, whatever becomes of the import: to try again is to import into it.
      setTarget(dataset)
      return { dataset, ...(await importInto(dataset.id, events)) }
    },
    onSettled: () => refresh('listDatasets'),
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    work.mutate(String(new FormData(event.currentTarget).get('name') ?? '').trim())
  }
  if (work.data)
    return (
      <ImportProgress
        datasetId={work.data.dataset.id}
        name={work.data.dataset.name}
        tasks={work.data.tasks}
        count={work.data.count}
        onClose={onClose}
      />
    )
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field label="Dataset" error={target && work.error?.message}>
        <Choice things={datasets()} words="A new dataset…" mayBeNone chosen={target} onChoose={setTarget} />
      </Field>
      {!target && (
        <Field label="Name" hint="5 to 50 characters" error={work.error?.message}>
          <Input name="name" required minLength={5} maxLength={50} autoComplete="off" />
        </Field>
      )}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={work.isPending}>
          {work.isPending ? 'Beginning…' : 'Import'}
        </Button>
      </DialogActions>
    </form>
  )
}

function ImportProgress({
  datasetId,
  name,
  tasks,
  count,
  onClose,
}: {
  datasetId: string
  name: string
  tasks: readonly string[]
  count: number
  onClose: () => void
}) {
  const results = useQueries({
    queries: tasks.map((task_id) => ({
      ...query('getDatasetTask', { params: { dataset_id: datasetId, task_id } }),
      refetchInterval: ({ state }: { state: { data?: { status: string } | undefined } }) =>
        state.data && state.data.status !== 'RUNNING' ? (false as const) : POLL_MS,
    })),
  })
  const states = results.map(({ data }) => data)
  const failed = states.find((state) => state?.status === 'FAILED')
  const isDone = states.every((state) => state?.status === 'COMPLETED')
  const share =
    states.reduce((sum, state) => sum + (state?.status === 'COMPLETED' ? 100 : (state?.progress ?? 0)), 0) /
    Math.max(1, tasks.length * 100)
  return (
    <div className="flex flex-col gap-3">
      <Progress value={isDone ? 1 : share} label={`Import into ${name}`} />
      <p role="status">
        {failed
          ? `An import failed: ${failed.message ?? 'no reason was told'}`
          : isDone
            ? `${counted(count, 'event')} in “${name}”.`
            : `Importing ${counted(count, 'event')} into “${name}”. It goes on when this is closed.`}
      </p>
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
        <Button asChild variant="primary">
          <a href={`/datasets/${encodeURIComponent(datasetId)}`}>Open the dataset</a>
        </Button>
      </DialogActions>
    </div>
  )
}
