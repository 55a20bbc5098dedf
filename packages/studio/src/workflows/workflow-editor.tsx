import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Input, Textarea } from '../components/input.tsx'
import { say } from '../components/toasts.tsx'
import type { Workflow } from './workflow.ts'

/** What a workflow is called; its name in the API stays as its code says. */
export function WorkflowEditor({ workflow, onClose }: { workflow: Workflow; onClose: () => void }) {
  const [name, setName] = useState(workflow.display_name)
  const [description, setDescription] = useState(workflow.description ?? '')
  const [tags, setTags] = useState(workflow.tags.join(', '))
  const save = useMutation({
    mutationFn: () =>
      call('updateWorkflow', {
        params: { workflow_identifier: workflow.name },
        body: {
          display_name: name,
          description,
          tags: tags
            .split(',')
            .map((tag) => tag.trim())
            .filter(Boolean),
        },
      }),
    onSuccess: async () => {
      say('Saved.')
      onClose()
      await refresh('getWorkflow', 'listWorkflows')
    },
  })
  const issues = save.error instanceof ApiError ? save.error.issues : []
  const issueOf = (member: string) => issues.find(({ loc }) => loc.includes(member))?.msg
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={`Change “${workflow.display_name}”`}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <Field label="Name" hint="Empty: as the code has it." error={issueOf('display_name')}>
          <Input value={name} maxLength={128} onChange={({ target }) => setName(target.value)} />
        </Field>
        <Field label="Description" hint="Empty: as the code has it." error={issueOf('description')}>
          <Textarea value={description} onChange={({ target }) => setDescription(target.value)} />
        </Field>
        <Field label="Tags" hint="Separated by commas." error={issueOf('tags')}>
          <Input value={tags} onChange={({ target }) => setTags(target.value)} />
        </Field>
        {save.error && issues.length === 0 && (
          <p role="alert" className="text-bad">
            {save.error.message}
          </p>
        )}
        <DialogActions>
          <Button onClick={onClose}>Go back</Button>
          <Button type="submit" variant="primary" disabled={save.isPending}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
