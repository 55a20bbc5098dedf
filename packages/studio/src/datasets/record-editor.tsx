import { useBlocker } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { JsonEditor } from '../code/json-editor.tsx'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { MessageEditor } from './message-editor.tsx'
import {
  type Json,
  type MessageDraft,
  moved,
  nextMessage,
  type Problem,
  pretty,
  readJson,
  readPayload,
  toDrafts,
  toMessages,
} from './record-draft.ts'

export interface RecordContent {
  readonly payload: { readonly messages: readonly Json[] } & Json
  readonly properties: Json
}

type Draft =
  | { readonly form: 'messages'; readonly messages: readonly MessageDraft[]; readonly rest: Json }
  | { readonly form: 'json'; readonly text: string }

function messagesDraft({ messages, ...rest }: RecordContent['payload']): Draft {
  return { form: 'messages', messages: toDrafts({ messages }), rest }
}

/** What a draft says, or what is wrong with it. The keys of the payload stay in their order. */
function read(
  draft: Draft,
  payload: RecordContent['payload'],
): RecordContent['payload'] | readonly Problem[] {
  if (draft.form === 'messages') {
    const { messages, problems } = toMessages(draft.messages)
    return problems.length > 0 ? problems : { ...payload, ...draft.rest, messages }
  }
  try {
    return readPayload(draft.text)
  } catch (error) {
    return [{ key: null, field: 'payload', message: (error as Error).message }]
  }
}

/** Whether a text says this value, however it is laid out. */
function isText(text: string, value: Json): boolean {
  try {
    return JSON.stringify(readJson(text, 'object')) === JSON.stringify(value)
  } catch {
    return false
  }
}

function isProblems(value: object): value is readonly Problem[] {
  return Array.isArray(value)
}

/**
 * Edits a record: its messages one by one, or all of it as JSON. Asks before changes are lost.
 * @param onSave gets only what has changed
 */
export function RecordEditor({
  content,
  saveLabel = 'Save',
  isNew = false,
  onSave,
}: {
  content: RecordContent
  saveLabel?: string
  isNew?: boolean
  onSave: (changed: Partial<RecordContent>) => Promise<unknown>
}) {
  const confirm = useConfirm()
  const [draft, setDraft] = useState<Draft>(() => messagesDraft(content.payload))
  const [properties, setProperties] = useState(() => pretty(content.properties))
  const [problems, setProblems] = useState<readonly Problem[]>([])
  const [isBusy, setBusy] = useState(false)

  const payload = read(draft, content.payload)
  const isPayloadChanged = isProblems(payload) || JSON.stringify(payload) !== JSON.stringify(content.payload)
  const arePropertiesChanged = !isText(properties, content.properties)
  const isChanged = isPayloadChanged || arePropertiesChanged

  useBlocker({
    disabled: !isChanged || isBusy,
    enableBeforeUnload: () => isChanged,
    shouldBlockFn: async () =>
      !(await confirm({
        title: 'Leave without saving?',
        text: 'What you changed in this record is lost.',
        action: 'Leave',
      })),
  })

  const save = async () => {
    const found: Problem[] = isProblems(payload) ? [...payload] : []
    let read: unknown
    try {
      read = readJson(properties, 'object')
    } catch (error) {
      found.push({ key: null, field: 'properties', message: (error as Error).message })
    }
    setProblems(found)
    if (found.length > 0) return
    setBusy(true)
    try {
      await onSave({
        ...(isNew || isPayloadChanged ? { payload: payload as RecordContent['payload'] } : {}),
        ...(isNew || arePropertiesChanged ? { properties: read as Json } : {}),
      })
    } finally {
      setBusy(false)
    }
  }

  const change = (messages: readonly MessageDraft[]) =>
    setDraft((before) => (before.form === 'messages' ? { ...before, messages } : before))

  const switchForm = () => {
    if (isProblems(payload)) return setProblems(payload)
    setProblems([])
    setDraft(draft.form === 'json' ? messagesDraft(payload) : { form: 'json', text: pretty(payload) })
  }

  return (
    <div className="flex flex-col gap-4">
      <section aria-label="Messages" className="flex flex-col gap-2">
        <div className="flex items-center justify-between gap-2">
          <h3 className="font-semibold">Conversation</h3>
          <Button variant="quiet" size="small" onClick={switchForm}>
            {draft.form === 'json' ? 'Edit message by message' : 'Edit as JSON'}
          </Button>
        </div>
        {draft.form === 'json' ? (
          <JsonEditor
            label="Payload"
            hideLabel
            lines={[8, 30]}
            value={draft.text}
            error={problems.find(({ field }) => field === 'payload')?.message}
            hint="`messages`, and whatever else belongs to the conversation, such as `tools`."
            onChange={(text) => setDraft({ form: 'json', text })}
          />
        ) : (
          <>
            <ol className="flex flex-col gap-2">
              {draft.messages.map((message, index) => (
                <MessageEditor
                  key={message.key}
                  draft={message}
                  position={index + 1}
                  of={draft.messages.length}
                  problems={problems}
                  onChange={(next) => change(draft.messages.with(index, next))}
                  onMove={(by) => change(moved(draft.messages, message.key, by))}
                  onRemove={() => change(draft.messages.toSpliced(index, 1))}
                />
              ))}
            </ol>
            <Button
              className="self-start"
              size="small"
              onClick={() => change([...draft.messages, nextMessage(draft.messages)])}
            >
              <Plus aria-hidden /> Add a message
            </Button>
          </>
        )}
      </section>
      <JsonEditor
        label="Properties"
        lines={[3, 16]}
        value={properties}
        error={problems.find(({ field }) => field === 'properties')?.message}
        hint="A JSON object. Judges can use it in their templates: {{ properties.… }}"
        onChange={setProperties}
      />
      <div className="sticky bottom-0 -mx-5 -mb-5 flex items-center justify-end gap-3 border-t border-line bg-raised px-5 py-3">
        {problems.length > 0 && <p className="text-bad">What is marked must be put right first.</p>}
        <Button
          variant="primary"
          disabled={isBusy || (!isNew && !isChanged)}
          onClick={() => save().catch(() => {})}
        >
          {isBusy ? 'Saving…' : saveLabel}
        </Button>
      </div>
    </div>
  )
}
