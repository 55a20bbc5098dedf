import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { LoadMore } from '../components/load-more.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { say } from '../components/toasts.tsx'
import { counted } from '../formats/numbers.ts'
import { conversationPages } from '../playground/conversation-pages.ts'

/** Imports conversations of the playground, or of the conversations API. */
export function ConversationImportDialog({ datasetId, onClose }: { datasetId: string; onClose: () => void }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const list = useInfiniteQuery(conversationPages)
  const begin = useMutation({
    mutationFn: () =>
      call('importFromPlayground', {
        params: { dataset_id: datasetId },
        body: { conversation_ids: [...chosen] },
      }),
    onSuccess: async () => {
      await refresh('listDatasetTasks')
      say('The import has begun.')
      onClose()
    },
  })
  const conversations = list.data?.pages.flat() ?? []
  const toggle = (id: string) => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    setChosen(next)
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Import conversations"
      description="Of the Playground and of the conversations API, the newest first. Each becomes a record."
    >
      {list.isPending && <Loading />}
      {list.error && <Failure error={list.error} onRetry={() => list.refetch()} />}
      {list.data && conversations.length === 0 && (
        <Empty title="There are no conversations yet">
          Have one in the Playground; it is kept by itself.
        </Empty>
      )}
      {conversations.length > 0 && (
        <ul className="max-h-96 overflow-y-auto rounded-md border border-line">
          {conversations.map(({ id, name, model, created_at }) => (
            <li key={id} className="border-b border-line last:border-b-0">
              <label className="flex cursor-pointer items-center gap-3 px-3 py-1.5 hover:bg-sunken has-checked:bg-accent-soft">
                <input
                  type="checkbox"
                  className="size-4 shrink-0 accent-accent"
                  checked={chosen.has(id)}
                  onChange={() => toggle(id)}
                />
                <span className="min-w-0 flex-1">
                  <span className="block truncate font-medium">{name ?? 'Without a name'}</span>
                  <span className="block truncate text-xs text-muted">{model}</span>
                </span>
                <span className="text-xs text-muted">
                  <Time value={created_at} relative />
                </span>
              </label>
            </li>
          ))}
        </ul>
      )}
      <LoadMore list={list} words="Show older ones" />
      {begin.error && <Failure error={begin.error} />}
      <DialogActions>
        <Button onClick={onClose}>Go back</Button>
        <Button
          variant="primary"
          disabled={chosen.size === 0 || begin.isPending}
          onClick={() => begin.mutate()}
        >
          {chosen.size === 0 ? 'Import' : `Import ${counted(chosen.size, 'conversation')}`}
        </Button>
      </DialogActions>
    </Dialog>
  )
}
