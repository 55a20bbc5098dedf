import { Plus, X } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { Input, Select } from '../components/input.tsx'
import { CALENDAR_PARTS } from './calendar-ranges.ts'
import { type Span, UNITS, type Unit } from './iso-duration.ts'
import {
  type CalendarDraft,
  type DraftMistakes,
  EMPTY_CALENDAR,
  EMPTY_INTERVAL,
  type IntervalDraft,
  type ScheduleDraft,
} from './schedule-draft.ts'
import { OVERLAPS } from './schedule-words.ts'

/** When a schedule starts its workflow, and what happens if it cannot. */
export function ScheduleTimesFields({
  draft,
  onChange,
  mistakes,
}: {
  draft: ScheduleDraft
  onChange: (draft: ScheduleDraft) => void
  mistakes: DraftMistakes
}) {
  const set = (change: Partial<ScheduleDraft>) => onChange({ ...draft, ...change })
  const zones = useId()
  return (
    <>
      <fieldset className="flex flex-col gap-3 rounded-md border border-line px-4 pb-4">
        <legend className="px-1 font-medium">Times</legend>
        {mistakes.times && (
          <p role="alert" className="text-xs text-bad">
            {mistakes.times}
          </p>
        )}
        <Rows
          title="Cron expressions"
          add="Add a cron expression"
          items={draft.crons}
          empty="0 9 * * 1-5"
          onChange={(crons) => set({ crons })}
        >
          {(cron, change, i) => (
            <Input
              aria-label={`Cron expression ${i + 1}`}
              className="font-mono"
              value={cron}
              placeholder="minute hour day month weekday"
              onChange={({ target }) => change(target.value)}
            />
          )}
        </Rows>
        <Rows
          title="Intervals"
          add="Add an interval"
          items={draft.intervals}
          empty={EMPTY_INTERVAL}
          mistake={mistakes.intervals}
          onChange={(intervals) => set({ intervals })}
        >
          {(interval, change, i) => <Interval interval={interval} onChange={change} place={i + 1} />}
        </Rows>
        <Rows
          title="Calendars"
          add="Add a calendar"
          items={draft.calendars}
          empty={EMPTY_CALENDAR}
          mistake={mistakes.calendars}
          onChange={(calendars) => set({ calendars })}
        >
          {(calendar, change, i) => (
            <Calendar calendar={calendar} onChange={change} label={`Calendar ${i + 1}`} />
          )}
        </Rows>
        <Rows
          title="But not at"
          add="Add what is left out"
          items={draft.skip}
          empty={{ ...EMPTY_CALENDAR, minute: '*', hour: '*', second: '*' }}
          mistake={mistakes.skip}
          onChange={(skip) => set({ skip })}
        >
          {(calendar, change, i) => (
            <Calendar calendar={calendar} onChange={change} label={`Left out ${i + 1}`} />
          )}
        </Rows>
        <Field label="Time zone" hint="Of cron expressions and calendars. Empty: UTC.">
          <Input
            list={zones}
            value={draft.timeZone}
            onChange={({ target }) => set({ timeZone: target.value })}
          />
        </Field>
        <datalist id={zones}>
          {Intl.supportedValuesOf('timeZone').map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </fieldset>
      <div className="grid grid-cols-2 gap-4">
        <Field label="Not before" hint="In your own time.">
          <Input
            type="datetime-local"
            value={draft.startAt}
            onChange={({ target }) => set({ startAt: target.value })}
          />
        </Field>
        <Field label="Not after" hint="In your own time." error={mistakes.endAt}>
          <Input
            type="datetime-local"
            value={draft.endAt}
            onChange={({ target }) => set({ endAt: target.value })}
          />
        </Field>
        <Field label="If one still runs">
          <Select value={draft.overlap} onChange={({ target }) => set({ overlap: Number(target.value) })}>
            {Object.entries(OVERLAPS).map(([number, text]) => (
              <option key={number} value={number}>
                {text}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Executions at most" hint="Empty: no limit." error={mistakes.maxExecutions}>
          <Input
            inputMode="numeric"
            value={draft.maxExecutions}
            onChange={({ target }) => set({ maxExecutions: target.value })}
          />
        </Field>
        <SpanField
          label="Put off by a random time, up to"
          span={draft.jitter}
          error={mistakes.jitter}
          onChange={(jitter) => set({ jitter })}
        />
        <SpanField
          label="Make up for times missed within"
          span={draft.catchup}
          error={mistakes.catchup}
          onChange={(catchup) => set({ catchup })}
        />
      </div>
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={draft.pauseOnFailure}
          onChange={({ target }) => set({ pauseOnFailure: target.checked })}
        />
        Pause when an execution fails
      </label>
    </>
  )
}

function Rows<T>({
  title,
  add,
  items,
  empty,
  mistake,
  onChange,
  children,
}: {
  title: string
  add: string
  items: readonly T[]
  empty: T
  mistake?: string | undefined
  onChange: (items: readonly T[]) => void
  children: (item: T, change: (item: T) => void, index: number) => ReactNode
}) {
  return (
    <div className="flex flex-col items-start gap-2">
      {items.length > 0 && <span className="text-xs font-medium text-muted">{title}</span>}
      {items.map((item, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they have no names of their own, and are edited in place
        <div key={i} className="flex w-full items-start gap-1">
          <div className="min-w-0 flex-1">
            {children(item, (next) => onChange(items.map((one, at) => (at === i ? next : one))), i)}
          </div>
          <Button
            variant="quiet"
            size="icon"
            aria-label={`Remove ${title.toLowerCase()} ${i + 1}`}
            onClick={() => onChange(items.filter((_, at) => at !== i))}
          >
            <X />
          </Button>
        </div>
      ))}
      {mistake && (
        <p role="alert" className="text-xs text-bad">
          {mistake}
        </p>
      )}
      <Button size="small" onClick={() => onChange([...items, empty])}>
        <Plus aria-hidden /> {add}
      </Button>
    </div>
  )
}

function UnitSelect({
  label,
  unit,
  onChange,
}: {
  label: string
  unit: Unit
  onChange: (unit: Unit) => void
}) {
  return (
    <Select
      aria-label={label}
      className="!w-28"
      value={unit}
      onChange={({ target }) => onChange(target.value as Unit)}
    >
      {Object.keys(UNITS).map((one) => (
        <option key={one}>{one}</option>
      ))}
    </Select>
  )
}

function SpanField({
  label,
  span,
  error,
  onChange,
}: {
  label: string
  span: Span
  error: string | undefined
  onChange: (span: Span) => void
}) {
  return (
    <div className="grid grid-cols-[1fr_7rem] items-start gap-2">
      <Field label={label} error={error}>
        <Input
          inputMode="decimal"
          value={span.amount}
          onChange={({ target }) => onChange({ ...span, amount: target.value })}
        />
      </Field>
      <div className="pt-6">
        <UnitSelect
          label={`${label}: unit`}
          unit={span.unit}
          onChange={(unit) => onChange({ ...span, unit })}
        />
      </div>
    </div>
  )
}

function Interval({
  interval: { every, offset },
  onChange,
  place,
}: {
  interval: IntervalDraft
  onChange: (interval: IntervalDraft) => void
  place: number
}) {
  return (
    <div className="flex items-center gap-2 whitespace-nowrap">
      every
      <Input
        aria-label={`Interval ${place}: every`}
        className="!w-20"
        inputMode="decimal"
        value={every.amount}
        onChange={({ target }) => onChange({ every: { ...every, amount: target.value }, offset })}
      />
      <UnitSelect
        label={`Interval ${place}: unit`}
        unit={every.unit}
        onChange={(unit) => onChange({ every: { ...every, unit }, offset })}
      />
      put off by
      <Input
        aria-label={`Interval ${place}: put off by`}
        className="!w-20"
        inputMode="decimal"
        value={offset.amount}
        onChange={({ target }) => onChange({ every, offset: { ...offset, amount: target.value } })}
      />
      <UnitSelect
        label={`Interval ${place}: unit of what it is put off by`}
        unit={offset.unit}
        onChange={(unit) => onChange({ every, offset: { ...offset, unit } })}
      />
    </div>
  )
}

function Calendar({
  calendar,
  onChange,
  label,
}: {
  calendar: CalendarDraft
  onChange: (calendar: CalendarDraft) => void
  label: string
}) {
  return (
    <fieldset className="grid grid-cols-4 gap-2 rounded-md bg-sunken p-3">
      <legend className="sr-only">{label}</legend>
      {CALENDAR_PARTS.map(({ part, label: name, otherwise }) => (
        <Field key={part} label={name}>
          <Input
            value={calendar[part]}
            placeholder={otherwise}
            onChange={({ target }) => onChange({ ...calendar, [part]: target.value })}
          />
        </Field>
      ))}
      <Field label="Comment">
        <Input
          value={calendar.comment}
          maxLength={1_000}
          onChange={({ target }) => onChange({ ...calendar, comment: target.value })}
        />
      </Field>
    </fieldset>
  )
}
