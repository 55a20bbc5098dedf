import { useMutation, useQuery } from '@tanstack/react-query'
import type { ViewKind } from '@tramontane/contract/views'
import { Bookmark, Trash2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { call, type Output } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { Field } from '../components/field.tsx'
import { Input } from '../components/input.tsx'
import { Popover } from '../components/popover.tsx'
import { complain, say } from '../components/toasts.tsx'
import { useMay } from '../session/session.ts'

type View = Output<'listViews'>['views'][number]

/**
 * The views that the workspace has saved of a list: to open, save over, delete, and to save what is seen as a new one.
 * @param state what the address carries now
 * @param onOpen puts a view's state into the address
 */
export function ViewsMenu({
  kind,
  state,
  onOpen,
}: {
  kind: ViewKind
  state: object
  onOpen: (state: Record<string, unknown>) => void
}) {
  const [open, setOpen] = useState(false)
  const mayWrite = useMay('write')
  const confirm = useConfirm()
  const views = useQuery(query('listViews', { query: { kind } }))
  const saved = state as Record<string, unknown>
  const save = useMutation({
    mutationFn: (name: string) => call('createView', { body: { kind, name, state: saved } }),
    onSuccess: ({ name }) => {
      say(`Saved the view “${name}”.`)
      setOpen(false)
      return refresh('listViews')
    },
  })
  const overwrite = useMutation({
    mutationFn: (view: View) => call('updateView', { params: { view_id: view.id }, body: { state: saved } }),
    onSuccess: ({ name }) => {
      say(`“${name}” now shows what you see.`)
      return refresh('listViews')
    },
    onError: complain,
  })
  const remove = async (view: View) => {
    setOpen(false)
    const title = `Delete the view “${view.name}”?`
    const text = 'Everyone in the workspace loses it. What it shows is not touched.'
    if (!(await confirm({ title, text, action: 'Delete' }))) return
    try {
      await call('deleteView', { params: { view_id: view.id } })
      say(`Deleted the view “${view.name}”.`)
      await refresh('listViews')
    } catch (error) {
      complain(error)
    }
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    save.mutate(String(new FormData(event.currentTarget).get('name')).trim())
  }
  const list = views.data?.views ?? []
  return (
    <Popover
      label="Saved views"
      align="end"
      open={open}
      onOpenChange={(isOpen) => {
        setOpen(isOpen)
        save.reset()
      }}
      trigger={
        <Button>
          <Bookmark aria-hidden /> Views
        </Button>
      }
    >
      <div className="flex w-80 flex-col gap-3">
        {list.length === 0 ? (
          <p className="text-muted">
            No views are saved yet. A view keeps what the address has, for everyone here.
          </p>
        ) : (
          <ul aria-label="Saved views" className="flex max-h-72 flex-col overflow-y-auto">
            {list.map((view) => (
              <li key={view.id} className="flex items-center gap-1 rounded hover:bg-sunken">
                <button
                  type="button"
                  className="min-w-0 flex-1 truncate px-2 py-1.5 text-left"
                  onClick={() => {
                    setOpen(false)
                    onOpen(view.state)
                  }}
                >
                  {view.name}
                </button>
                {mayWrite && (
                  <>
                    <Button
                      variant="quiet"
                      size="small"
                      aria-label={`Save what is seen as ${view.name}`}
                      onClick={() => overwrite.mutate(view)}
                    >
                      Update
                    </Button>
                    <Button
                      variant="quiet"
                      size="icon"
                      aria-label={`Delete ${view.name}`}
                      onClick={() => remove(view)}
                    >
                      <Trash2 />
                    </Button>
                  </>
                )}
              </li>
            ))}
          </ul>
        )}
        {mayWrite && (
          <form onSubmit={submit} className="flex flex-col gap-2 border-t border-line pt-3">
            <Field label="Save what is seen as" error={save.error?.message}>
              <Input
                name="name"
                required
                maxLength={100}
                autoComplete="off"
                placeholder="Slow calls of the shop"
              />
            </Field>
            <Button type="submit" disabled={save.isPending}>
              Save view
            </Button>
          </form>
        )}
      </div>
    </Popover>
  )
}
