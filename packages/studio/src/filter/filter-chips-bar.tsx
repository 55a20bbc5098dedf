import type { Filter } from '@tramontane/contract/filter'
import { isCondition } from '@tramontane/contract/filter-node'
import { printFilter } from '@tramontane/contract/filter-print'
import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../components/button.tsx'
import { Popover } from '../components/popover.tsx'
import { ConditionForm } from './condition-form.tsx'
import { chipsOf, replaceChip, withChip, withoutChip } from './filter-chips.ts'
import type { FilterFields } from './filter-fields.ts'

/**
 * A filter as chips: each can be removed, a single condition edited, and another one added. What has alternatives is edited as text.
 * @param onChange is told of the new filter
 */
export function FilterChips({
  filter,
  fields,
  onChange,
}: {
  filter: Filter | null
  fields: FilterFields
  onChange: (filter: Filter | null) => void
}) {
  const [open, setOpen] = useState<number | 'new'>()
  const chips = chipsOf(filter)
  const done = (next: Filter | null) => {
    setOpen(undefined)
    onChange(next)
  }
  return (
    <ul aria-label="Conditions" className="flex flex-wrap items-center gap-1.5">
      {chips.map((chip, index) => {
        const text = printFilter(chip)
        return (
          <li key={text} className="flex max-w-full items-center rounded-md bg-accent-soft text-accent">
            {isCondition(chip) ? (
              <Popover
                label="Edit the condition"
                open={open === index}
                onOpenChange={(isOpen) => setOpen(isOpen ? index : undefined)}
                trigger={
                  <button
                    type="button"
                    title={text}
                    className="truncate py-0.5 pl-2 font-mono text-xs hover:underline"
                  >
                    {text}
                  </button>
                }
              >
                <ConditionForm
                  fields={fields}
                  initial={chip}
                  onSubmit={(condition) => done(replaceChip(filter, index, condition))}
                />
              </Popover>
            ) : (
              <span title={text} className="truncate py-0.5 pl-2 font-mono text-xs">
                {text}
              </span>
            )}
            <button
              type="button"
              aria-label={`Remove ${text}`}
              className="rounded p-1 hover:bg-sunken"
              onClick={() => done(withoutChip(filter, chip))}
            >
              <X className="size-3" aria-hidden />
            </button>
          </li>
        )
      })}
      <li>
        <Popover
          label="Add a condition"
          open={open === 'new'}
          onOpenChange={(isOpen) => setOpen(isOpen ? 'new' : undefined)}
          trigger={
            <Button variant="quiet" size="small" className="h-6">
              <Plus className="size-3.5!" aria-hidden /> Add condition
            </Button>
          }
        >
          <ConditionForm fields={fields} onSubmit={(condition) => done(withChip(filter, condition))} />
        </Popover>
      </li>
    </ul>
  )
}
