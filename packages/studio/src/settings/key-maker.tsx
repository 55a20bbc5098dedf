import { useMutation } from '@tanstack/react-query'
import type { Role } from '@tramontane/contract/identity'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { call } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { CodeBlock } from '../components/copy-button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Input, Select } from '../components/input.tsx'
import { say } from '../components/toasts.tsx'
import { roles } from './roles.ts'

interface KeyMakerProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  /** The role and the name that are proposed. */
  proposedRole?: Role
  proposedName?: string
  /** The workspace that the key is for; the reader's own if left out. */
  workspace?: { readonly name: string } | undefined
  onMade?: (key: string) => void
}

/** Asks for a name and a role, makes the key, and shows it: the only time that anybody sees it. */
export function KeyMaker({ open, onOpenChange, ...props }: KeyMakerProps) {
  const [key, setKey] = useState<string>()
  const close = (isOpen: boolean) => {
    onOpenChange(isOpen)
    if (!isOpen) setKey(undefined)
  }
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title={key ? 'The key' : props.workspace ? `Make a key for ${props.workspace.name}` : 'Make a key'}
      description={
        key
          ? 'Copy it now: it is shown only once, and only its hash is kept.'
          : 'Whoever has the key may do what its role says.'
      }
    >
      {key === undefined ? (
        <KeyForm
          {...props}
          onCancel={() => close(false)}
          onMade={(made) => {
            setKey(made)
            props.onMade?.(made)
          }}
        />
      ) : (
        <>
          <CodeBlock code={key} label="the key" />
          <DialogActions>
            <Button variant="primary" onClick={() => close(false)}>
              I have copied it
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  )
}

function KeyForm({
  proposedRole = 'member',
  proposedName = '',
  workspace,
  onMade,
  onCancel,
}: Omit<KeyMakerProps, 'open' | 'onOpenChange' | 'onMade'> & {
  onMade: (key: string) => void
  onCancel: () => void
}) {
  const [name, setName] = useState(proposedName)
  const [role, setRole] = useState<Role>(proposedRole)
  const isShown = useRef(true)
  useEffect(() => {
    isShown.current = true
    return () => {
      isShown.current = false
    }
  }, [])
  const making = useMutation({
    mutationFn: () =>
      call('createKey', {
        body: { name: name.trim(), role, ...(workspace && { workspace: workspace.name }) },
      }),
    onSuccess: async ({ key }) => {
      // A dialog that is opened again may be for another workspace.
      if (isShown.current) onMade(key)
      else say(`The key “${name.trim()}” was made, and nobody has seen it: it can be revoked.`)
      await refresh('listKeys')
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // The dialog may stand inside another form.
    event.stopPropagation()
    making.mutate()
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <Field label="Name" hint="Who or what uses it, to recognise it by." error={making.error?.message}>
        <Input value={name} onChange={(event) => setName(event.target.value)} maxLength={100} required />
      </Field>
      <Field label="Role" hint={`May: ${roles.find((one) => one.role === role)!.may}.`}>
        <Select value={role} onChange={(event) => setRole(event.target.value as Role)}>
          {roles.map((one) => (
            <option key={one.role} value={one.role}>
              {one.role}
            </option>
          ))}
        </Select>
      </Field>
      <DialogActions>
        <Button onClick={onCancel}>Go back</Button>
        <Button type="submit" variant="primary" disabled={making.isPending}>
          {making.isPending ? 'Making…' : 'Make the key'}
        </Button>
      </DialogActions>
    </form>
  )
}
