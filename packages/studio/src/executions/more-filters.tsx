import { type FormEvent, useState } from 'react'
import { Choice } from '../choices/choice.tsx'
import { deployments } from '../choices/named-things.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Input } from '../components/input.tsx'
import type { ExecutionSearch } from './execution-search.ts'

/** An instant as a field for local times has it. */
function local(instant: string | undefined): string {
  if (!instant) return ''
  const date = new Date(instant)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function instantOf(text: FormDataEntryValue | null): string | undefined {
  return typeof text === 'string' && text !== '' ? new Date(text).toISOString() : undefined
}

/** The filters that one needs now and then. */
export function MoreFilters({
  search,
  onChange,
  onClose,
}: {
  search: ExecutionSearch
  onChange: (next: ExecutionSearch) => void
  onClose: () => void
}) {
  const [deployment, setDeployment] = useState(search.deployment)
  const [error, setError] = useState<string>()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '').trim() || undefined
    const list = (name: string) => {
      const all = (text(name) ?? '')
        .split(/[\n,]/)
        .map((part) => part.trim())
        .filter(Boolean)
      return all.length > 0 ? all : undefined
    }
    const keys = list('keys')
    if (keys?.some((pair) => !/^[^:]+:.+$/.test(pair))) return setError('Each is key:value.')
    if (keys && keys.length > 3) return setError('Three at most.')
    const started_after = instantOf(form.get('started_after'))
    const started_before = instantOf(form.get('started_before'))
    onChange({
      ...search,
      page: undefined,
      deployment,
      started_after,
      started_before,
      // Bounds that are given count instead of a range up to now.
      range: started_after || started_before ? undefined : search.range,
      ended_after: instantOf(form.get('ended_after')),
      ended_before: instantOf(form.get('ended_before')),
      root: text('root'),
      tags: list('tags'),
      keys,
      mine: form.has('mine') || undefined,
      internal: form.has('internal') || undefined,
    })
  }
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="More filters">
      <form className="flex flex-col gap-4" onSubmit={submit}>
        <div className="grid grid-cols-2 gap-4">
          <Field label="Started from">
            <Input type="datetime-local" name="started_after" defaultValue={local(search.started_after)} />
          </Field>
          <Field label="Started until">
            <Input type="datetime-local" name="started_before" defaultValue={local(search.started_before)} />
          </Field>
          <Field label="Ended from">
            <Input type="datetime-local" name="ended_after" defaultValue={local(search.ended_after)} />
          </Field>
          <Field label="Ended until">
            <Input type="datetime-local" name="ended_before" defaultValue={local(search.ended_before)} />
          </Field>
        </div>
        <Field label="Deployment">
          <Choice
            things={deployments}
            words="All deployments"
            mayBeNone
            chosen={deployment === undefined ? undefined : { id: deployment, name: deployment }}
            onChoose={(thing) => setDeployment(thing?.id)}
          />
        </Field>
        <Field
          label="Search keys"
          hint="key:value, as workers set them; several separated by commas."
          error={error}
        >
          <Input name="keys" placeholder="order.id:7" defaultValue={search.keys?.join(', ') ?? ''} />
        </Field>
        <Field label="Tags of the workflow" hint="All of them; separated by commas.">
          <Input name="tags" defaultValue={search.tags?.join(', ') ?? ''} />
        </Field>
        <Field label="Root execution" hint="That execution and all that descend from it.">
          <Input name="root" defaultValue={search.root ?? ''} />
        </Field>
        <label className="flex items-center gap-2">
          <input type="checkbox" name="mine" className="size-4 accent-accent" defaultChecked={search.mine} />
          Only those started with my key
        </label>
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            name="internal"
            className="size-4 accent-accent"
            defaultChecked={search.internal}
          />
          Also workflows that belong to the SDK
        </label>
        <DialogActions>
          <Button onClick={onClose}>Go back</Button>
          <Button type="submit" variant="primary">
            Filter
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
