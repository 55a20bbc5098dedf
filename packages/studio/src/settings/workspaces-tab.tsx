import { useMutation, useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { call } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Input } from '../components/input.tsx'
import { SimpleTable } from '../components/simple-table.tsx'
import { Loaded } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { say } from '../components/toasts.tsx'
import { useSession } from '../session/session.ts'
import { KeyMaker } from './key-maker.tsx'

/** All workspaces, for admins of the default one. */
export function WorkspacesTab() {
  const session = useSession()
  const workspaces = useQuery(query('listWorkspaces'))
  const [isMaking, setMaking] = useState(false)
  const [keyFor, setKeyFor] = useState<{ id: string; name: string }>()
  return (
    <section className="flex flex-col gap-3">
      <div className="flex items-center justify-between gap-4">
        <h2 className="text-base font-semibold">Workspaces</h2>
        <Button variant="primary" onClick={() => setMaking(true)}>
          <Plus aria-hidden /> Make a workspace
        </Button>
      </div>
      <p className="max-w-prose text-muted">
        Events, judges, datasets, workflows and keys belong to one workspace each, and nothing of another is
        ever seen. To look into one, make a key for it and log in with that.
      </p>
      <Loaded result={workspaces}>
        {({ workspaces: all }) => (
          <SimpleTable label="Workspaces" head={['Name', 'Id', 'Made', { hidden: 'Actions' }]}>
            {all.map((workspace) => (
              <tr key={workspace.id}>
                <td className="max-w-96 break-words">
                  {workspace.name}{' '}
                  {workspace.id === session.workspace.id && <Badge tone="accent">yours</Badge>}
                </td>
                <td className="font-mono text-xs">{workspace.id}</td>
                <td>
                  <Time value={workspace.created_at} />
                </td>
                <td className="text-right">
                  <Button
                    size="small"
                    aria-label={`Make a key for ${workspace.name}`}
                    onClick={() => setKeyFor(workspace)}
                  >
                    Make a key
                  </Button>
                </td>
              </tr>
            ))}
          </SimpleTable>
        )}
      </Loaded>
      <WorkspaceMaker open={isMaking} onOpenChange={setMaking} />
      <KeyMaker
        open={keyFor !== undefined}
        onOpenChange={(open) => !open && setKeyFor(undefined)}
        proposedRole="admin"
        workspace={keyFor}
      />
    </section>
  )
}

function WorkspaceMaker({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const [name, setName] = useState('')
  const making = useMutation({
    mutationFn: () => call('createWorkspace', { body: { name: name.trim() } }),
    onSuccess: async (workspace) => {
      say(`The workspace “${workspace.name}” is made. Make a key for it next.`)
      setName('')
      onOpenChange(false)
      await refresh('listWorkspaces')
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    making.mutate()
  }
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Make a workspace">
      <form onSubmit={submit} className="flex flex-col gap-3">
        <Field label="Name" hint="Of a team or an application." error={making.error?.message}>
          <Input value={name} onChange={(event) => setName(event.target.value)} maxLength={100} required />
        </Field>
        <DialogActions>
          <Button onClick={() => onOpenChange(false)}>Go back</Button>
          <Button type="submit" variant="primary" disabled={making.isPending}>
            {making.isPending ? 'Making…' : 'Make the workspace'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
