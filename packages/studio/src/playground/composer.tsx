import { Send, Square } from 'lucide-react'
import { type FormEvent, type KeyboardEvent, useState } from 'react'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { Textarea } from '../components/input.tsx'

/** Where one writes. Enter sends, Shift+Enter makes a new line. */
export function Composer({
  isRunning,
  isReady,
  why,
  onSend,
  onStop,
}: {
  isRunning: boolean
  isReady: boolean
  /** Why nothing can be sent. */
  why: string | undefined
  /** @returns whether what was written has been taken */
  onSend: (text: string) => Promise<boolean>
  onStop: () => void
}) {
  const [text, setText] = useState('')
  const send = async () => {
    const asked = text.trim()
    if (asked === '' || isRunning || !isReady) return
    setText('')
    if (!(await onSend(asked))) setText((since) => (since === '' ? asked : since))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    void send()
  }
  return (
    <form
      className="flex items-end gap-2 border-t border-line bg-surface px-6 py-3"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        void send()
      }}
    >
      <Textarea
        aria-label="Message"
        placeholder={why ?? 'Write a message. Enter sends, Shift+Enter begins a new line'}
        className="max-h-60 flex-1"
        rows={Math.min(10, Math.max(2, text.split('\n').length))}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={onKeyDown}
      />
      {isRunning ? (
        <Button variant="danger" onClick={onStop}>
          <Square aria-hidden /> Stop
        </Button>
      ) : (
        <Button type="submit" variant="primary" disabled={text.trim() === '' || !isReady}>
          <Send aria-hidden /> Send
        </Button>
      )}
    </form>
  )
}

/** Takes the results of the calls that a model waits for. */
export function ResultComposer({
  calls,
  onSend,
}: {
  calls: readonly { id: string; name: string }[]
  onSend: (results: readonly { id: string; result: string }[]) => void
}) {
  const [results, setResults] = useState<Readonly<Record<string, string>>>({})
  return (
    <form
      className="flex flex-col gap-2 border-t border-line bg-surface px-6 py-3"
      onSubmit={(event) => {
        event.preventDefault()
        onSend(calls.map(({ id }) => ({ id, result: results[id] ?? '' })))
      }}
    >
      {calls.map(({ id, name }) => (
        <Field key={id} label={`Result of ${name}`} hint={`The model called it, as ${id}, and waits.`}>
          <Textarea
            value={results[id] ?? ''}
            onChange={({ target }) => setResults({ ...results, [id]: target.value })}
          />
        </Field>
      ))}
      <Button type="submit" variant="primary" className="self-end">
        <Send aria-hidden /> Send the results
      </Button>
    </form>
  )
}
