import { Clock } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { Input } from '../components/input.tsx'
import { Popover } from '../components/popover.tsx'
import { DEFAULT_RANGE, type ExplorerSearch, type RangeName, ranges, type Span } from './explorer-search.ts'

const short = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

/** An instant as the system's field for times writes it, in the reader's zone. */
function toLocal(instant: string | undefined): string {
  if (instant === undefined) return ''
  const date = new Date(instant)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

function labelOf({ range, from, to }: ExplorerSearch): string {
  if (range === undefined && (from || to))
    return `${from ? short.format(new Date(from)) : 'Beginning'} – ${to ? short.format(new Date(to)) : 'now'}`
  return ranges[range ?? DEFAULT_RANGE].label
}

/** Which time is looked at: a span that ends now, or one with a beginning and an end. */
export function TimeRange({
  search,
  onChange,
}: {
  search: ExplorerSearch
  onChange: (range: {
    range?: RangeName | undefined
    from?: string | undefined
    to?: string | undefined
  }) => void
}) {
  const [open, setOpen] = useState(false)
  const [error, setError] = useState<string>()
  const choose = (name: RangeName) => {
    setOpen(false)
    onChange({ range: name === DEFAULT_RANGE ? undefined : name })
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    const read = (name: string) => {
      const text = String(data.get(name) ?? '')
      return text === '' ? undefined : new Date(text).toISOString()
    }
    const span: { from?: string | undefined; to?: string | undefined } = {
      from: read('from'),
      to: read('to'),
    }
    if (!span.from && !span.to) return setError('Say when it begins, when it ends, or both.')
    if (span.from && span.to && span.from >= span.to) return setError('It must begin before it ends.')
    setError(undefined)
    setOpen(false)
    onChange(span)
  }
  return (
    <Popover
      label="Time range"
      align="end"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button aria-label={`Time range: ${labelOf(search)}`}>
          <Clock aria-hidden /> {labelOf(search)}
        </Button>
      }
    >
      <div className="flex w-64 flex-col gap-3">
        <ul className="grid grid-cols-2 gap-1">
          {(Object.keys(ranges) as RangeName[]).map((name) => (
            <li key={name}>
              <Button
                variant="quiet"
                size="small"
                className="w-full justify-start!"
                onClick={() => choose(name)}
              >
                {ranges[name].label}
              </Button>
            </li>
          ))}
        </ul>
        <form onSubmit={submit} className="flex flex-col gap-2 border-t border-line pt-3">
          <Field label="From" hint="In your time zone">
            <Input type="datetime-local" step={1} name="from" defaultValue={toLocal(search.from)} />
          </Field>
          <Field label="To" error={error}>
            <Input type="datetime-local" step={1} name="to" defaultValue={toLocal(search.to)} />
          </Field>
          <Button type="submit">Show this time</Button>
        </form>
      </div>
    </Popover>
  )
}

/** A span in words, for what is empty. */
export function spanText(search: ExplorerSearch, _span: Span): string {
  return labelOf(search).toLowerCase()
}
