import { useMutation, useQuery } from '@tanstack/react-query'
import type { ViewKind } from '@tramontane/contract/views'
import { Bookmark, Check, Pencil, Plus, Save, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { call, type Output } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Input } from '../components/input.tsx'
import { Menu, MenuItem } from '../components/menu.tsx'
import { complain, say } from '../components/toasts.tsx'
import { useMay } from '../session/session.ts'

type View = Output<'listViews'>['views'][number]
type State = Record<string, unknown>

const MAX_NAME = 100

/** A list of which the workspace saves views, and what its address says of it. */
export interface ViewedList {
  readonly kind: ViewKind
  /** What a view keeps of the address as it is now; what is not set is left out. */
  readonly state: State
  /** Which view it began with. */
  readonly view: string | undefined
}

/**
 * The views that the workspace has saved of a list: to open, and to save, rename and delete.
 * @param keeps what of the list a view keeps, for people
 * @param stateOf brings what was saved into the form of `list.state`
 * @param onOpen puts a view's state into the address, with the view's id
 * @param onView is told which view the list is now, when one was saved or deleted
 */
export function ViewsMenu({
  list,
  keeps,
  size = 'normal',
  stateOf,
  onOpen,
  onView,
}: {
  list: ViewedList
  keeps: string
  size?: 'normal' | 'small'
  stateOf: (saved: State) => object
  onOpen: (state: State, view: string) => void
  onView: (view: string | undefined) => void
}) {
  const mayWrite = useMay('write')
  const confirm = useConfirm()
  const [naming, setNaming] = useState<'new' | View>()
  const { data } = useQuery(query('listViews', { query: { kind: list.kind } }))
  const views = data?.views ?? []
  const current = views.find(({ id }) => id === list.view)
  const isChanged = current && JSON.stringify(stateOf(current.state)) !== JSON.stringify(stateOf(list.state))
  const change = useMutation({
    mutationFn: async ({ work }: { work: () => Promise<unknown>; done: string }) => work(),
    onSuccess: (_, { done }) => {
      say(done)
      return refresh('listViews')
    },
    onError: complain,
  })
  return (
    <>
      <Menu
        trigger={
          <Button size={size}>
            <Bookmark aria-hidden />
            <span className="max-w-48 truncate">{current ? current.name : 'Views'}</span>
            {isChanged && <span className="text-muted">(changed)</span>}
          </Button>
        }
      >
        {views.length === 0 && <p className="px-2 py-1.5 text-muted">No view was saved yet.</p>}
        <div className="max-h-80 overflow-y-auto">
          {views.map((view) => (
            <MenuItem key={view.id} onSelect={() => onOpen(view.state, view.id)}>
              {view.id === list.view ? <Check aria-hidden /> : <span className="size-4" />}
              <span className="max-w-72 truncate">{view.name}</span>
            </MenuItem>
          ))}
        </div>
        {mayWrite && (
          <div className="mt-1 border-t border-line pt-1">
            {isChanged && (
              <MenuItem
                onSelect={() =>
                  change.mutate({
                    work: () =>
                      call('updateView', {
                        params: { view_id: current.id },
                        body: { state: list.state },
                      }),
                    done: `“${current.name}” shows this now.`,
                  })
                }
              >
                <Save aria-hidden /> Save changes to “{current.name}”
              </MenuItem>
            )}
            <MenuItem onSelect={() => setNaming('new')}>
              <Plus aria-hidden /> Save as a new view…
            </MenuItem>
            {current && (
              <>
                <MenuItem onSelect={() => setNaming(current)}>
                  <Pencil aria-hidden /> Rename “{current.name}”…
                </MenuItem>
                <MenuItem
                  danger
                  onSelect={async () => {
                    const isSure = await confirm({
                      title: `Delete the view “${current.name}”?`,
                      text: 'It is gone for the whole workspace. What it shows stays.',
                      action: 'Delete',
                    })
                    if (!isSure) return
                    change.mutate(
                      {
                        work: () => call('deleteView', { params: { view_id: current.id } }),
                        done: 'Deleted.',
                      },
                      { onSuccess: () => onView(undefined) },
                    )
                  }}
                >
                  <Trash2 aria-hidden /> Delete “{current.name}”…
                </MenuItem>
              </>
            )}
          </div>
        )}
      </Menu>
      {naming && (
        <NameDialog
          view={naming === 'new' ? undefined : naming}
          list={list}
          keeps={keeps}
          onClose={() => setNaming(undefined)}
          onSaved={(view) => {
            setNaming(undefined)
            onView(view.id)
          }}
        />
      )}
    </>
  )
}

function NameDialog({
  view,
  list,
  keeps,
  onClose,
  onSaved,
}: {
  view: View | undefined
  list: ViewedList
  keeps: string
  onClose: () => void
  onSaved: (view: View) => void
}) {
  const [name, setName] = useState(view?.name ?? '')
  const save = useMutation({
    mutationFn: () =>
      view
        ? call('updateView', { params: { view_id: view.id }, body: { name } })
        : call('createView', { body: { kind: list.kind, name, state: list.state } }),
    onSuccess: () => refresh('listViews'),
  })
  const { error } = save
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={view ? `Rename “${view.name}”` : 'Save this view'}
      description={view ? undefined : `${keeps}, for everybody in the workspace.`}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          // Unless one has left by then.
          save.mutate(undefined, { onSuccess: onSaved })
        }}
      >
        <Field label="Name" error={error?.message}>
          <Input
            required
            value={name}
            maxLength={MAX_NAME}
            onChange={({ target }) => setName(target.value)}
          />
        </Field>
        <DialogActions>
          <Button onClick={onClose}>Go back</Button>
          <Button type="submit" variant="primary" disabled={save.isPending || name.trim() === ''}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
