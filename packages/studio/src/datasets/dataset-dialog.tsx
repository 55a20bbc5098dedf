import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { call, type Output } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Input, Textarea } from '../components/input.tsx'

export type Dataset = Output<'getDataset'>

/**
 * Makes a dataset, or changes the name and description of one.
 * @param onDone is not called when the dialog was closed meanwhile
 */
export function DatasetDialog({
  dataset,
  onClose,
  onDone,
}: {
  dataset?: Dataset
  onClose: () => void
  onDone: (dataset: Dataset) => void
}) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={dataset ? 'Rename the dataset' : 'New dataset'}
    >
      <DatasetForm dataset={dataset} onClose={onClose} onDone={onDone} />
    </Dialog>
  )
}

function DatasetForm({
  dataset,
  onClose,
  onDone,
}: {
  dataset: Dataset | undefined
  onClose: () => void
  onDone: (dataset: Dataset) => void
}) {
  const [name, setName] = useState(dataset?.name ?? '')
  const [description, setDescription] = useState(dataset?.description ?? '')
  const save = useMutation({
    mutationFn: (body: { name: string; description: string }) =>
      dataset
        ? call('updateDataset', { params: { dataset_id: dataset.id }, body })
        : call('createDataset', { body }),
    onSuccess: () => refresh('listDatasets', 'getDataset'),
  })
  const issueOf = (field: string) =>
    save.error instanceof ApiError
      ? save.error.issues.find(({ loc }) => loc.at(-1) === field)?.msg
      : undefined
  const general = save.error && !issueOf('name') && !issueOf('description') ? save.error.message : undefined
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate({ name: name.trim(), description: description.trim() }, { onSuccess: onDone })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field label="Name" hint="5 to 50 characters" error={issueOf('name') ?? general}>
        <Input
          value={name}
          onChange={(event) => setName(event.target.value)}
          minLength={5}
          maxLength={50}
          required
        />
      </Field>
      <Field label="Description" hint="Up to 200 characters; may be empty" error={issueOf('description')}>
        <Textarea
          value={description}
          onChange={(event) => setDescription(event.target.value)}
          maxLength={200}
        />
      </Field>
      <DialogActions>
        <Button onClick={onClose}>Go back</Button>
        <Button type="submit" variant="primary" disabled={save.isPending}>
          {dataset ? 'Save' : 'Create'}
        </Button>
      </DialogActions>
    </form>
  )
}
