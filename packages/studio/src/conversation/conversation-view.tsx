// biome-ignore-all lint/suspicious/noArrayIndexKey: parts, blocks and calls have nothing else that tells them apart, and never move
import { clsx } from 'clsx'
import { Bot, Brain, FileText, ImageOff, Settings2, User, Wrench } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Badge } from '../components/badge.tsx'
import { CodeBlock, CopyButton } from '../components/copy-button.tsx'
import { FoldedText } from './folded-text.tsx'
import {
  blocksOf,
  type Part,
  type RawMessage,
  type ShownMessage,
  type ToolCall,
  toShownMessage,
} from './message-parts.ts'

// A map: a role is whatever somebody has sent, `constructor` too.
const ROLES: ReadonlyMap<string, { label: string; icon: typeof User; tone: string }> = new Map([
  ['system', { label: 'System', icon: Settings2, tone: 'text-note' }],
  ['developer', { label: 'Developer', icon: Settings2, tone: 'text-note' }],
  ['user', { label: 'User', icon: User, tone: 'text-accent' }],
  ['assistant', { label: 'Assistant', icon: Bot, tone: 'text-good' }],
  ['tool', { label: 'Tool', icon: Wrench, tone: 'text-warn' }],
  ['function', { label: 'Tool', icon: Wrench, tone: 'text-warn' }],
])
/** More messages than this are shown on demand. */
const SHOWN_MESSAGES = 60

/**
 * A conversation as it went: roles, words, code, tool calls, images. All of it is shown as text; nothing is loaded.
 * @param messages in OpenAI's or Mistral's shape; whatever else is in them is shown as JSON
 */
export function ConversationView({
  messages,
  label = 'Conversation',
}: {
  messages: readonly RawMessage[]
  label?: string
}) {
  const [isWhole, setWhole] = useState(false)
  const shown = useMemo(() => messages.map(toShownMessage), [messages])
  const hidden = isWhole ? 0 : Math.max(0, shown.length - SHOWN_MESSAGES)
  const first = SHOWN_MESSAGES / 2
  const row = (index: number) => (
    <Message key={index} message={shown[index]!} position={index + 1} of={shown.length} />
  )
  const indexes = shown.map((_, index) => index)
  return (
    <ol aria-label={label} className="flex flex-col">
      {indexes.slice(0, hidden === 0 ? undefined : first).map(row)}
      {hidden > 0 && (
        <li className="border-b border-line py-2 text-center">
          <button type="button" className="text-accent underline" onClick={() => setWhole(true)}>
            Show {hidden} messages between
          </button>
        </li>
      )}
      {hidden > 0 && indexes.slice(first + hidden).map(row)}
    </ol>
  )
}

function Message({ message, position, of }: { message: ShownMessage; position: number; of: number }) {
  const { role, name, parts, toolCalls, toolCallId } = message
  const { label, icon: Icon, tone } = ROLES.get(role) ?? { label: role, icon: FileText, tone: 'text-muted' }
  const text = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n')
  return (
    <li
      aria-label={`${label}, message ${position} of ${of}`}
      className="group flex flex-col gap-1.5 border-b border-line py-3 last:border-b-0"
    >
      <div className="flex h-6 items-center gap-2">
        <span className={clsx('flex items-center gap-1.5 text-xs font-semibold', tone)}>
          <Icon className="size-3.5" aria-hidden />
          {label}
        </span>
        {name && <span className="truncate font-mono text-xs text-muted">{name}</span>}
        {toolCallId && (
          <span className="truncate font-mono text-xs text-muted" title="The call that this answers">
            {toolCallId}
          </span>
        )}
        {text !== '' && (
          <span className="ml-auto opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
            <CopyButton text={text} label="Copy message" />
          </span>
        )}
      </div>
      {parts.length === 0 && toolCalls.length === 0 && <p className="text-muted italic">No content</p>}
      {parts.map((part, index) => (
        <PartView key={index} part={part} place={`message ${position}, part ${index + 1}`} />
      ))}
      {toolCalls.map((call, index) => (
        <ToolCallView key={index} call={call} place={`message ${position}, call ${index + 1}`} />
      ))}
    </li>
  )
}

/** @param place makes the names of what is shown its own: several pieces of code may be alike */
function PartView({ part, place }: { part: Part; place: string }) {
  switch (part.kind) {
    case 'text':
      return <Text text={part.text} place={place} />
    case 'thinking':
      return (
        <details className="rounded-md border border-line bg-sunken px-3 py-1.5">
          <summary className="cursor-pointer text-xs font-medium text-muted">
            <Brain className="mr-1.5 inline size-3.5" aria-hidden />
            Thinking
          </summary>
          <div className="mt-1.5 text-muted">
            <Text text={part.text} place={place} />
          </div>
        </details>
      )
    case 'image':
      return (
        <img
          src={part.url}
          alt="Part of the message"
          className="max-h-80 max-w-full self-start rounded-md border border-line"
        />
      )
    case 'reference':
      return (
        <p className="flex items-start gap-2 rounded-md border border-line bg-sunken px-3 py-1.5 text-xs">
          <ImageOff className="mt-0.5 size-3.5 shrink-0 text-muted" aria-hidden />
          <span className="min-w-0">
            <span className="font-medium">{part.label}: </span>
            <span className="font-mono break-all">{part.text}</span>
          </span>
        </p>
      )
    case 'other':
      return (
        <FoldedText text={part.json}>
          {(shown) => <CodeBlock code={shown} label={`${part.label}, ${place}`} />}
        </FoldedText>
      )
  }
}

function Text({ text, place }: { text: string; place: string }) {
  return (
    <FoldedText text={text}>
      {(shown) =>
        blocksOf(shown).map((block, index) =>
          block.kind === 'words' ? (
            <p key={index} className="break-words whitespace-pre-wrap">
              {block.text}
            </p>
          ) : (
            <CodeBlock
              key={index}
              code={block.code}
              label={`${block.language || 'code'}, ${place}, ${index + 1}`}
            />
          ),
        )
      }
    </FoldedText>
  )
}

function ToolCallView({ call, place }: { call: ToolCall; place: string }) {
  return (
    <div className="flex flex-col gap-1.5 rounded-md border border-line p-2">
      <p className="flex items-center gap-2 text-xs">
        <Badge tone="warn">
          <Wrench className="size-3" aria-hidden /> calls {call.name}
        </Badge>
        {call.id && <span className="truncate font-mono text-muted">{call.id}</span>}
      </p>
      {call.arguments !== '' && (
        <FoldedText text={call.arguments}>
          {(shown) => <CodeBlock code={shown} label={`arguments of ${call.name}, ${place}`} />}
        </FoldedText>
      )}
    </div>
  )
}
