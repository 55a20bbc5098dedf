import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Columns2, Plus } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { Button } from '../components/button.tsx'
import { Page } from '../components/page.tsx'
import { complain } from '../components/toasts.tsx'
import { useMay } from '../session/session.ts'
import { ChatPane } from './chat-pane.tsx'
import { rememberModels } from './chat-settings.ts'
import { openCalls, type SentEntry } from './chat-turn.ts'
import { Composer, ResultComposer } from './composer.tsx'
import { ConversationList } from './conversation-list.tsx'
import type { Conversation } from './conversation-pages.ts'
import { KeepInDataset } from './keep-in-dataset.tsx'
import { chatModels } from './models.ts'
import type { PlaygroundSearch } from './playground-search.ts'
import { type Chat, useChat } from './use-chat.ts'

const route = getRouteApi('/shell/playground')

/** Talks to models, one or two at a time; what is said is kept as conversations. */
export function PlaygroundPage() {
  const { left, right, compare = false } = route.useSearch()
  const navigate = route.useNavigate()
  const mayWrite = useMay('write')
  const models = useQuery({ ...chatModels, enabled: mayWrite })
  // Two conversations may begin in the same moment: the address as it is then, not as it was drawn, gets each of them.
  const onBegun = useCallback(
    (began: { left: string } | { right: string }) =>
      void navigate({ search: (before) => ({ ...before, ...began }), replace: true }),
    [navigate],
  )
  const onLeft = useCallback((left: string) => onBegun({ left }), [onBegun])
  const onRight = useCallback((right: string) => onBegun({ right }), [onBegun])
  const first = useChat(0, left, onLeft)
  const second = useChat(1, right, onRight)
  const chats = compare ? [first, second] : [first]
  /** A comparison's two conversations share a word, so that they are found again together. */
  const [comparison, setComparison] = useState<string>(() => crypto.randomUUID())

  const { setSettings } = first
  const { setSettings: setSecond } = second
  useEffect(() => {
    const [known] = models.data ?? []
    if (known === undefined) return
    for (const set of [setSettings, setSecond])
      set((before) => (before.model === '' ? { ...before, model: known } : before))
  }, [models.data, setSettings, setSecond])

  const isRunning = chats.some(({ running }) => running !== undefined)
  const isReady = chats.every((chat) => chat.isReady)
  const waiting = chats.find((chat) => callsOf(chat).length > 0)
  const missing = models.error instanceof ApiError && models.error.code === 'PROVIDER_NOT_CONFIGURED'

  /** How often something else was wanted: what was asked for before is not shown any more when it comes. */
  const wishes = useRef(0)
  useEffect(() => () => void wishes.current++, [])
  const sendTo = (chat: Chat, inputs: readonly SentEntry[]) => {
    wishes.current++
    return chat.send(inputs, { app: 'playground', ...(compare ? { comparison } : {}) })
  }
  const send = async (text: string) => {
    rememberModels([first.settings.model, second.settings.model])
    const inputs = [{ type: 'message.input' as const, role: 'user' as const, content: text }]
    const taken = await Promise.all(chats.map((chat) => sendTo(chat, inputs)))
    return taken.some(Boolean)
  }
  /** At once, not when the address has changed: what is under way would change it again. */
  const goTo = (search: PlaygroundSearch) => {
    wishes.current++
    first.leave()
    second.leave()
    void navigate({ search })
  }
  const begin = () => {
    setComparison(crypto.randomUUID())
    goTo(compare ? { compare: true } : {})
  }
  const open = async ({ id, metadata }: Conversation) => {
    const shared = metadata?.comparison
    const isShown = id === left || (compare && id === right)
    if (isShown && (compare || typeof shared !== 'string')) return
    if (typeof shared !== 'string') return goTo({ left: id })
    const wish = ++wishes.current
    try {
      const pair = await call('listConversations', {
        query: { page: 0, page_size: 2, metadata: JSON.stringify({ comparison: shared }) as never },
      })
      if (wish !== wishes.current) return
      const other = pair.find((one) => one.id !== id)
      setComparison(shared)
      goTo(other ? { left: id, right: other.id, compare: true } : { left: id })
    } catch (error) {
      if (wish === wishes.current) complain(error)
    }
  }

  const why = missing
    ? 'No model provider is configured'
    : !isReady
      ? 'The conversation is not there yet'
      : chats.some(({ settings }) => settings.model.trim() === '')
        ? 'Choose a model first'
        : undefined
  const kept = [...new Set(compare ? [left, right] : [left])].filter((id) => id !== undefined)
  return (
    <Page
      title="Playground"
      fill
      actions={
        <>
          {mayWrite && <KeepInDataset conversationIds={kept} />}
          <Button
            aria-pressed={compare}
            onClick={() => {
              second.leave()
              void navigate({
                search: ({ compare: was, right: other, ...before }) =>
                  was ? before : { ...before, compare: true },
              })
            }}
          >
            <Columns2 aria-hidden /> {compare ? 'One model' : 'Two models'}
          </Button>
          <Button variant="primary" onClick={begin}>
            <Plus aria-hidden /> New
          </Button>
        </>
      }
    >
      <div className="flex min-h-0 flex-1">
        <ConversationList
          open={[left, compare ? right : undefined]}
          onOpen={open}
          onDeleted={(id) => {
            if (id === left || id === right) goTo({})
          }}
        />
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          {models.error && (
            <div role="note" className="border-b border-line bg-warn-soft px-6 py-2 text-warn">
              {missing ? models.error.message : `The list of models did not come: ${models.error.message}`}
            </div>
          )}
          <div className="flex min-h-0 flex-1 divide-x divide-line">
            {chats.map((chat, index) => (
              <ChatPane
                // biome-ignore lint/suspicious/noArrayIndexKey: a pane is its place
                key={index}
                chat={chat}
                name={compare ? (index === 0 ? 'first model' : 'second model') : 'model'}
                models={models.data ?? []}
                mayWrite={mayWrite}
              />
            ))}
          </div>
          {mayWrite &&
            (waiting && isReady && !isRunning ? (
              <ResultComposer
                calls={callsOf(waiting)}
                onSend={(results) =>
                  void sendTo(
                    waiting,
                    results.map(({ id, result }) => ({ type: 'function.result', tool_call_id: id, result })),
                  )
                }
              />
            ) : (
              <Composer
                isRunning={isRunning}
                isReady={why === undefined}
                why={why}
                onSend={send}
                onStop={() => {
                  for (const chat of chats) chat.stop()
                }}
              />
            ))}
        </div>
      </div>
    </Page>
  )
}

function callsOf({ entries, unsaved, running }: Chat) {
  return running ? [] : openCalls([...entries, ...unsaved])
}
