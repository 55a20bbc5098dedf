import { useMutation } from '@tanstack/react-query'
import { ChevronDown, Database } from 'lucide-react'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { Button } from '../components/button.tsx'
import { Menu, MenuItem } from '../components/menu.tsx'
import { complain, say } from '../components/toasts.tsx'
import { AddToDatasetDialog, taskEnd } from '../datasets/add-to-dataset-dialog.tsx'
import { counted } from '../formats/numbers.ts'

const NAME = 'tramontane-playground-dataset'

interface Target {
  readonly id: string
  readonly name: string
}

function lastTarget(): Target | undefined {
  try {
    const { id, name } = JSON.parse(localStorage.getItem(NAME) ?? '{}')
    return typeof id === 'string' && typeof name === 'string' ? { id, name } : undefined
  } catch {
    return undefined
  }
}

/** Puts conversations into a dataset: with one click into the one that was used last. */
export function KeepInDataset({ conversationIds }: { conversationIds: readonly string[] }) {
  const [target, setTarget] = useState(lastTarget)
  const [isChoosing, setChoosing] = useState(false)
  const start = (datasetId: string) =>
    call('importFromPlayground', {
      params: { dataset_id: datasetId },
      body: { conversation_ids: [...conversationIds] },
    })
  const add = useMutation({
    mutationFn: async ({ id }: Target) => taskEnd(await start(id), AbortSignal.timeout(60_000)),
    onSuccess: (_, { name }) => say(`${counted(conversationIds.length, 'conversation')} added to “${name}”.`),
    onError: (error) => {
      // Such as when it was deleted: another one is to be chosen.
      setTarget(undefined)
      complain(error)
    },
  })
  const isEmpty = conversationIds.length === 0
  return (
    <>
      {target ? (
        <span className="flex">
          <Button
            className="max-w-64 rounded-r-none"
            disabled={isEmpty || add.isPending}
            onClick={() => add.mutate(target)}
          >
            <Database aria-hidden /> <span className="truncate">Add to “{target.name}”</span>
          </Button>
          <Menu
            trigger={
              <Button
                size="icon"
                className="rounded-l-none border-l-0"
                aria-label="Other datasets"
                disabled={isEmpty}
              >
                <ChevronDown />
              </Button>
            }
          >
            <MenuItem onSelect={() => setChoosing(true)}>Another dataset…</MenuItem>
          </Menu>
        </span>
      ) : (
        <Button disabled={isEmpty} onClick={() => setChoosing(true)}>
          <Database aria-hidden /> Add to a dataset…
        </Button>
      )}
      {isChoosing && (
        <AddToDatasetDialog
          title={`Add ${counted(conversationIds.length, 'conversation')} to a dataset`}
          start={async (id) => [await start(id)]}
          onStarted={(chosen) => {
            localStorage.setItem(NAME, JSON.stringify({ id: chosen.id, name: chosen.name }))
            setTarget({ id: chosen.id, name: chosen.name })
          }}
          onClose={() => setChoosing(false)}
        />
      )}
    </>
  )
}
