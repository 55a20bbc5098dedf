import { type FormEvent, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { lazyPart } from '../api/lazy-parts.ts'
import { Button } from '../components/button.tsx'
import { Loading } from '../components/states.tsx'
import type { JsonSchema } from './json-schema.ts'
import { isRecord, resolvedProperties } from './json-schema.ts'
import type { Problem } from './schema-check.ts'
import { type Mode, type SchemaInputState, useSchemaInput } from './schema-input.ts'

const SchemaFields = lazyPart(() => import('./schema-fields.tsx'), 'default')
const JsonEditor = lazyPart(() => import('../code/json-editor.tsx'), 'JsonEditor')

const MODES: readonly { mode: Mode; label: string }[] = [
  { mode: 'form', label: 'Form' },
  { mode: 'json', label: 'JSON' },
]

/**
 * A form for a value that fits a schema, with a button that sends it. What a form cannot show is entered as JSON; so is all of
 * it, if the reader likes that better.
 * @param props.onSubmit gets the value; what it throws is shown, next to the field that the server names
 * @param props.children further fields, above the button
 */
export function SchemaForm({
  schema,
  initial,
  label = 'Input',
  action,
  onSubmit,
  children,
}: {
  schema: JsonSchema
  initial?: unknown
  label?: string
  /** What the button does, as a verb. */
  action: string
  onSubmit: (value: unknown) => Promise<unknown>
  children?: ReactNode
}) {
  const input = useSchemaInput(schema, initial)
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<Error>()
  const form = useRef<HTMLFormElement>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (isBusy) return
    setError(undefined)
    const read = input.read()
    if (!read) return
    setBusy(true)
    try {
      await onSubmit(read.value)
    } catch (failure) {
      if (!input.blame(failure as Error)) setError(failure as Error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      ref={form}
      noValidate
      className="flex flex-col gap-4"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit()
      }}
    >
      <SchemaInput input={input} label={label} />
      {children}
      {error && (
        <p role="alert" className="text-sm text-bad">
          {error.message}
        </p>
      )}
      <div>
        <Button type="submit" variant="primary" disabled={isBusy}>
          {isBusy ? `${action}…` : action}
        </Button>
      </div>
    </form>
  )
}

/** The controls of a value that is being entered, for a form with other fields; see `useSchemaInput`. */
export function SchemaInput({ input, label = 'Input' }: { input: SchemaInputState; label?: string }) {
  const { mode, problems } = input
  const place = useRef<HTMLElement>(null)
  const first = problems[0]
  // What has to be mended comes into view.
  useEffect(() => {
    if (first) place.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [first])
  return (
    <section ref={place} aria-label={label} className="flex flex-col gap-3">
      <div className="flex min-h-7 items-center justify-between gap-3">
        <span className="font-medium">{label}</span>
        {input.canBeForm && <Modes input={input} />}
      </div>
      <Suspense fallback={<Loading />}>
        {mode === 'form' ? (
          <SchemaFields
            schema={input.schema}
            value={input.value}
            onChange={input.setValue}
            problems={problems}
            unreadable={input.unreadable}
          />
        ) : (
          <JsonEditor
            label={`${label} as JSON`}
            hideLabel
            value={input.text}
            onChange={input.setText}
            hint={input.takesNothing ? 'Nothing is asked for: leave it as it is.' : undefined}
            error={problems.length > 0 ? problems.map(told).join('; ') : undefined}
          />
        )}
      </Suspense>
      {mode === 'form' && <Unseen schema={input.schema} problems={problems} />}
    </section>
  )
}

function Modes({ input }: { input: SchemaInputState }) {
  return (
    <fieldset className="flex rounded-md border border-line">
      <legend className="sr-only">How to enter it</legend>
      {MODES.map(({ mode, label }) => (
        <button
          key={mode}
          type="button"
          aria-pressed={input.mode === mode}
          onClick={() => input.setMode(mode)}
          className="rounded-md px-2 py-0.5 text-xs text-muted hover:text-ink aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent"
        >
          {label}
        </button>
      ))}
    </fieldset>
  )
}

/** What is wrong where the form has no field for it. */
function Unseen({ schema, problems }: { schema: JsonSchema; problems: readonly Problem[] }) {
  const properties = resolvedProperties(schema)
  const unseen = problems.filter(
    ({ path: [name] }) => name === undefined || !isRecord(properties) || !Object.hasOwn(properties, name),
  )
  if (unseen.length === 0) return null
  return (
    <p role="alert" className="text-xs whitespace-pre-wrap text-bad">
      {unseen.map(told).join('\n')}
    </p>
  )
}

function told({ path, message }: Problem): string {
  return path.length === 0 ? message : `${path.join('.')} ${message}`
}
