import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { query, queryClient, refresh } from '../api/query.ts'
import { type Frame, stream } from '../api/stream.ts'
import { type ChatSettings, completionArgs, firstSettings } from './chat-settings.ts'
import {
  type Entry,
  NO_ANSWER,
  nameOf,
  type PartialAnswer,
  type SentEntry,
  stoppedEntries,
  type TurnEvent,
  toSent,
  type Usage,
  withPiece,
} from './chat-turn.ts'

/** A call of the model under way. */
export interface Running {
  /** What was kept when it was sent: when the answer is kept too, it is still shown as what comes. */
  readonly before: readonly Entry[]
  readonly sent: readonly SentEntry[]
  readonly answer: PartialAnswer
}

/** What the last answer took. */
export interface Took {
  readonly usage: Usage
  readonly firstMs: number
  readonly totalMs: number
}

const NO_ENTRIES: readonly Entry[] = []
/** After a stop the server needs a moment until the conversation takes another turn. */
const BUSY_RETRIES = 20
const BUSY_MS = 250

/**
 * One conversation of the playground: what was said, what is being said, and sending more.
 * @param conversationId the one that is open; undefined for a new one
 * @param onConversation is told of a new one, when its first answer is complete
 */
export function useChat(
  pane: number,
  conversationId: string | undefined,
  onConversation: (id: string) => void,
) {
  const params = { conversation_id: conversationId ?? '' }
  const enabled = conversationId !== undefined
  const conversation = useQuery({ ...query('getConversation', { params }), enabled })
  const history = useQuery({ ...query('getConversationHistory', { params }), enabled })
  const [own, setSettings] = useState<ChatSettings>(() => firstSettings(pane))
  const [unsaved, setUnsaved] = useState<readonly SentEntry[]>([])
  const [running, setRunning] = useState<Running>()
  const [error, setError] = useState<Error>()
  const [took, setTook] = useState<Took>()
  /** The turn under way belongs to what the pane shows as long as it is this one. */
  const turn = useRef<AbortController>(null)
  const known = useRef(conversationId)

  /** For another conversation: nothing of this one stays, and nothing of it that comes later shows up. */
  const leave = useCallback((next?: string) => {
    known.current = next
    turn.current?.abort()
    turn.current = null
    setRunning(undefined)
    setUnsaved([])
    setError(undefined)
    setTook(undefined)
  }, [])
  useEffect(() => {
    if (known.current !== conversationId) leave(conversationId)
  }, [conversationId, leave])
  useEffect(() => () => leave(), [leave])

  const found = conversation.data
  // Once for each conversation: what is changed afterwards holds for the next answers.
  // biome-ignore lint/correctness/useExhaustiveDependencies: as said
  useEffect(() => {
    if (!found) return
    const { temperature, max_tokens: maxTokens } = found.completion_args
    setSettings({
      model: found.model,
      system: found.instructions ?? '',
      temperature: temperature === undefined || temperature === null ? '' : String(temperature),
      maxTokens: maxTokens === undefined || maxTokens === null ? '' : String(maxTokens),
    })
  }, [found?.id])

  const entries = (enabled && history.data?.entries) || NO_ENTRIES
  /** Model and instructions belong to a conversation: with others it goes on as a new one. */
  const isFork =
    found !== undefined && (found.model !== own.model || (found.instructions ?? '') !== own.system)

  const send = useCallback(
    async (inputs: readonly SentEntry[], metadata: Readonly<Record<string, string>>) => {
      const control = new AbortController()
      turn.current = control
      const { signal } = control
      setError(undefined)
      setTook(undefined)
      const began = performance.now()
      let answer = NO_ANSWER
      let firstMs: number | undefined
      let id: string | undefined
      const sent = [...unsaved, ...inputs]
      setRunning({ before: entries, sent, answer })
      const isNew = conversationId === undefined || isFork
      const settings = own
      const open = () =>
        isNew
          ? stream(
              'startConversation',
              {
                body: {
                  stream: true,
                  model: settings.model,
                  instructions: settings.system === '' ? null : settings.system,
                  completion_args: completionArgs(settings),
                  inputs: [...toSent(entries), ...sent],
                  name: nameOf(firstWords([...entries, ...sent])),
                  metadata,
                },
              },
              { signal },
            )
          : stream(
              'appendToConversation',
              {
                params: { conversation_id: conversationId },
                body: { stream: true, inputs: sent, completion_args: completionArgs(settings) },
              },
              { signal },
            )
      let drawing: number | undefined
      try {
        for await (const frame of whenFree(open, signal)) {
          signal.throwIfAborted()
          const event = JSON.parse(frame.data) as TurnEvent
          if (event.type === 'conversation.response.started') id = event.conversation_id
          else if (event.type === 'conversation.response.error')
            throw new ApiError(event.message, { status: event.code })
          else if (event.type === 'conversation.response.done') {
            const totalMs = performance.now() - began
            setTook({ usage: event.usage, firstMs: firstMs ?? totalMs, totalMs })
          } else {
            firstMs ??= performance.now() - began
            answer = withPiece(answer, event)
            // As often as a screen shows anything, however fast the model is; the last piece before a pause, too.
            drawing ??= requestAnimationFrame(() => {
              drawing = undefined
              if (turn.current === control) setRunning({ before: entries, sent, answer })
            })
          }
        }
        if (id === undefined) throw new ApiError('The connection broke off before the answer.', { status: 0 })
        const params = { conversation_id: id }
        // With its settings: while they were still to come, one could write others over which they would come.
        await Promise.all([
          queryClient.fetchQuery({ ...query('getConversationHistory', { params }), staleTime: 0 }),
          queryClient.fetchQuery({ ...query('getConversation', { params }), staleTime: 0 }),
        ])
        void refresh('listConversations')
        if (turn.current !== control) return true
        setUnsaved([])
        if (id !== conversationId) {
          known.current = id
          onConversation(id)
        }
        return true
      } catch (cause) {
        if (turn.current !== control) return true
        if (signal.aborted) {
          const words = stoppedEntries(answer)
          // Without a word of an answer, what was asked goes back to where it was written.
          if (words.length === 0) return false
          setUnsaved([...sent, ...words])
          return true
        }
        setError(cause as Error)
        return false
      } finally {
        if (drawing !== undefined) cancelAnimationFrame(drawing)
        if (turn.current === control) setRunning(undefined)
      }
    },
    [conversationId, entries, isFork, onConversation, own, unsaved],
  )

  return {
    settings: own,
    setSettings,
    entries,
    unsaved,
    running,
    error: error ?? (enabled ? (history.error ?? conversation.error ?? undefined) : undefined),
    took,
    isFork,
    isLoading: enabled && history.isPending,
    /** Whether the settings are those of the conversation that is open: not yet as long as it is still asked for. */
    isReady: !enabled || found !== undefined,
    send,
    stop: () => turn.current?.abort(),
    leave,
  }
}

export type Chat = ReturnType<typeof useChat>

function firstWords(entries: readonly (Entry | SentEntry)[]): string {
  for (const entry of entries)
    if (entry.type === 'message.input' && typeof entry.content === 'string') return entry.content
  return 'Without words'
}

async function* whenFree(open: () => AsyncGenerator<Frame>, signal: AbortSignal): AsyncGenerator<Frame> {
  for (let tries = 1; ; tries++) {
    try {
      yield* open()
      return
    } catch (error) {
      const isBusy = error instanceof ApiError && error.code === 'CONVERSATION_BUSY'
      if (!isBusy || tries === BUSY_RETRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, BUSY_MS))
      signal.throwIfAborted()
    }
  }
}
