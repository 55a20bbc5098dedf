import { clsx } from 'clsx'
import { count } from '../formats/numbers.ts'
import { useExecutionSearch } from './use-execution.ts'

/** Switches for the types that are shown; with none pressed, all are. */
export function TypeChips({
  label,
  options,
}: {
  label: string
  options: readonly { value: string; label: string; count: number }[]
}) {
  const [{ types = [] }, change] = useExecutionSearch()
  const toggle = (value: string) => {
    const next = types.includes(value) ? types.filter((one) => one !== value) : [...types, value]
    change({ types: next.length === 0 ? undefined : next }, { replace: true })
  }
  return (
    <fieldset className="flex min-w-0 items-center gap-1.5 overflow-x-auto py-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => {
        const isOn = types.includes(option.value)
        return (
          <button
            key={option.value}
            type="button"
            aria-pressed={isOn}
            onClick={() => toggle(option.value)}
            className={clsx(
              'flex h-6 shrink-0 items-center gap-1.5 rounded-full border px-2 text-xs',
              isOn ? 'border-accent bg-accent-soft text-accent' : 'border-line text-muted hover:text-ink',
            )}
          >
            {option.label} <span className="tabular-nums">{count(option.count)}</span>
          </button>
        )
      })}
    </fieldset>
  )
}
