import { SlidersHorizontal } from 'lucide-react'
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { Input, Textarea } from '../components/input.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { ConversationView } from '../conversation/conversation-view.tsx'
import { duration } from '../formats/durations.ts'
import { count } from '../formats/numbers.ts'
import type { ChatSettings } from './chat-settings.ts'
import { answerMessage, toMessages } from './chat-turn.ts'
import type { Chat, Took } from './use-chat.ts'

const NEAR_END_PX = 60

/** One model's side of the playground. */
export function ChatPane({
  chat,
  name,
  models,
  mayWrite,
}: {
  chat: Chat
  name: string
  models: readonly string[]
  mayWrite: boolean
}) {
  const { entries, unsaved, running, error, settings } = chat
  const said = useMemo(
    () => toMessages(running ? [...running.before, ...running.sent] : [...entries, ...unsaved]),
    [entries, unsaved, running],
  )
  const system = settings.system === '' ? [] : [{ role: 'system', content: settings.system }]
  const isEmpty = said.length === 0 && !running
  const scroller = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  // Follows the answer, unless its reader has scrolled away.
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever there is more to see
  useEffect(() => {
    if (isAtEnd.current) scroller.current?.scrollTo({ top: scroller.current.scrollHeight })
  }, [said, running, error])
  return (
    <section aria-label={name} className="flex min-h-0 min-w-0 flex-1 flex-col">
      <SettingsBar
        chat={chat}
        name={name}
        models={models}
        disabled={!mayWrite || !chat.isReady || running !== undefined}
      />
      <div
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="min-h-0 flex-1 overflow-y-auto px-6"
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX
        }}
      >
        {chat.isLoading && !error && <Loading label="Loading the conversation" />}
        {isEmpty && !chat.isLoading && !error && (
          <Empty title="A new conversation">
            {mayWrite
              ? 'Choose a model and write below. The conversation is kept with the first answer.'
              : 'A key that may write can talk to models. Earlier conversations can be read.'}
          </Empty>
        )}
        {!isEmpty && <ConversationView messages={[...system, ...said]} label={`Conversation, ${name}`} />}
        {running && (
          <div aria-busy className="border-t border-line">
            <ConversationView messages={[answerMessage(running.answer)]} label={`Answer, ${name}`} />
          </div>
        )}
        {unsaved.length > 0 && !running && (
          <p className="py-2 text-muted">
            <Badge tone="warn">stopped</Badge> This answer was stopped. It is kept with the next one.
          </p>
        )}
        {error && <Failure error={error} />}
      </div>
      <p role="status" className="h-7 truncate px-6 py-1 text-xs text-muted">
        {running ? 'Answering…' : chat.took ? tookText(chat.took) : ''}
      </p>
    </section>
  )
}

function tookText({ usage, firstMs, totalMs }: Took): string {
  const seconds = totalMs / 1_000
  const rate = usage.completion_tokens > 0 ? `, ${count(usage.completion_tokens / seconds)} tokens/s` : ''
  return `${count(usage.prompt_tokens)} tokens in, ${count(usage.completion_tokens)} out · first after ${duration(firstMs)}, all in ${duration(totalMs)}${rate}`
}

function SettingsBar({
  chat: { settings, setSettings, isFork, entries },
  name,
  models,
  disabled,
}: {
  chat: Chat
  name: string
  models: readonly string[]
  disabled: boolean
}) {
  const [isOpen, setOpen] = useState(false)
  const id = useId()
  const change = (changed: Partial<ChatSettings>) => setSettings((before) => ({ ...before, ...changed }))
  return (
    <div className="flex flex-col gap-3 border-b border-line bg-surface px-6 py-2">
      <div className="flex items-center gap-2">
        <Input
          aria-label={`Model, ${name}`}
          placeholder="Model"
          list={`${id}-models`}
          className="max-w-sm font-mono"
          value={settings.model}
          disabled={disabled}
          onChange={({ target }) => change({ model: target.value })}
        />
        <datalist id={`${id}-models`}>
          {models.map((model) => (
            <option key={model} value={model} />
          ))}
        </datalist>
        <Button
          variant="quiet"
          size="small"
          aria-expanded={isOpen}
          aria-label={`Settings, ${name}`}
          onClick={() => setOpen(!isOpen)}
        >
          <SlidersHorizontal aria-hidden /> Settings
        </Button>
        {isFork && entries.length > 0 && (
          <span className="truncate text-xs text-muted">goes on as a new conversation</span>
        )}
      </div>
      {isOpen && (
        <fieldset disabled={disabled} className="grid grid-cols-2 gap-3 pb-1">
          <div className="col-span-2">
            <Field label="System message">
              <Textarea
                value={settings.system}
                onChange={({ target }) => change({ system: target.value })}
                placeholder="How the model shall behave"
              />
            </Field>
          </div>
          <Field label="Temperature" hint="0 to 1; empty: the model's own">
            <Input
              type="number"
              min={0}
              max={1}
              step={0.1}
              value={settings.temperature}
              onChange={({ target }) => change({ temperature: target.value })}
            />
          </Field>
          <Field label="Max tokens" hint="Empty: the model's own">
            <Input
              type="number"
              min={1}
              step={1}
              value={settings.maxTokens}
              onChange={({ target }) => change({ maxTokens: target.value })}
            />
          </Field>
        </fieldset>
      )}
    </div>
  )
}
