import { useInfiniteQuery } from '@tanstack/react-query'
import { clsx } from 'clsx'
import { Trash2 } from 'lucide-react'
import { call } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { LoadMore } from '../components/load-more.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { complain, say } from '../components/toasts.tsx'
import { useMay } from '../session/session.ts'
import { type Conversation, conversationPages } from './conversation-pages.ts'

/** Earlier conversations, the newest first. */
export function ConversationList({
  open,
  onOpen,
  onDeleted,
}: {
  open: readonly (string | undefined)[]
  onOpen: (conversation: Conversation) => void
  onDeleted: (id: string) => void
}) {
  const mayWrite = useMay('write')
  const confirm = useConfirm()
  const list = useInfiniteQuery(conversationPages)
  const conversations = list.data?.pages.flat() ?? []
  const remove = async ({ id, name }: Conversation) => {
    const isMeant = await confirm({
      title: `Delete the conversation “${name ?? 'without a name'}”?`,
      text: 'Its messages are lost; the events of its calls stay in the Explorer. This cannot be undone.',
      action: 'Delete',
    })
    if (!isMeant) return
    try {
      await call('deleteConversation', { params: { conversation_id: id } })
      onDeleted(id)
      say('The conversation was deleted.')
      await refresh('listConversations')
    } catch (error) {
      complain(error)
    }
  }
  return (
    <aside
      aria-label="Earlier conversations"
      className="flex w-60 shrink-0 flex-col border-r border-line bg-surface"
    >
      <h2 className="border-b border-line px-4 py-2.5 font-semibold">Earlier conversations</h2>
      {list.isPending && <Loading />}
      {list.error && <Failure error={list.error} onRetry={() => list.refetch()} />}
      {list.data && conversations.length === 0 && (
        <Empty title="None yet">They are kept by themselves.</Empty>
      )}
      <ul className="min-h-0 flex-1 overflow-y-auto">
        {conversations.map((conversation) => (
          <li
            key={conversation.id}
            className={clsx(
              'group relative border-b border-line',
              open.includes(conversation.id) ? 'bg-accent-soft' : 'hover:bg-sunken',
            )}
          >
            <button
              type="button"
              className="block w-full px-4 py-2 pr-9 text-left -outline-offset-2"
              aria-current={open.includes(conversation.id)}
              onClick={() => onOpen(conversation)}
            >
              <span className="block truncate">{conversation.name ?? 'Without a name'}</span>
              <span className="block truncate text-xs text-muted">{conversation.model}</span>
            </button>
            <span className="block truncate px-4 pb-2 text-xs text-muted">
              <Time value={conversation.updated_at} relative />
            </span>
            {mayWrite && (
              <Button
                variant="quiet"
                size="icon"
                className="absolute top-1 right-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100"
                aria-label={`Delete ${conversation.name ?? 'the conversation without a name'}`}
                onClick={() => void remove(conversation)}
              >
                <Trash2 />
              </Button>
            )}
          </li>
        ))}
      </ul>
      <LoadMore list={list} words="Show older ones" />
    </aside>
  )
}
