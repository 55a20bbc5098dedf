import { ArrowDown, ArrowUp, Columns3 } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../components/button.tsx'
import { Input } from '../components/input.tsx'
import { Popover } from '../components/popover.tsx'
import type { FilterFields } from '../filter/filter-fields.ts'
import { moved } from './column-header.tsx'
import { type Column, DEFAULT_COLUMNS } from './explorer-search.ts'

const WIDTH = 160

/** Which columns the table has, and in which order. */
export function ColumnsMenu({
  columns,
  fields,
  onColumns,
}: {
  columns: readonly Column[]
  fields: FilterFields
  onColumns: (columns: readonly Column[]) => void
}) {
  const [open, setOpen] = useState(false)
  const [search, setSearch] = useState('')
  const labels = new Map(fields.field_definitions.map(({ name, label }) => [name, label]))
  const names = new Set(columns.map(({ name }) => name))
  const others = fields.field_definitions.filter(
    ({ name, label }) =>
      !names.has(name) && `${name} ${label}`.toLowerCase().includes(search.trim().toLowerCase()),
  )
  return (
    <Popover
      label="Columns"
      align="end"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button variant="quiet" size="icon" className="size-7" aria-label="Columns">
          <Columns3 />
        </Button>
      }
    >
      <div className="flex w-72 flex-col gap-2">
        <ul aria-label="Shown columns" className="flex flex-col">
          {columns.map(({ name }, at) => (
            <li key={name} className="flex items-center gap-1">
              <label className="flex min-w-0 flex-1 items-center gap-2 truncate py-0.5">
                <input
                  type="checkbox"
                  checked
                  disabled={columns.length === 1}
                  onChange={() => onColumns(columns.filter((_, index) => index !== at))}
                />
                <span className="truncate">{labels.get(name) ?? name}</span>
              </label>
              <Button
                variant="quiet"
                size="icon"
                className="size-6"
                disabled={at === 0}
                aria-label={`Move ${labels.get(name) ?? name} before`}
                onClick={() => onColumns(moved(columns, at, at - 1))}
              >
                <ArrowUp className="size-3.5!" />
              </Button>
              <Button
                variant="quiet"
                size="icon"
                className="size-6"
                disabled={at === columns.length - 1}
                aria-label={`Move ${labels.get(name) ?? name} behind`}
                onClick={() => onColumns(moved(columns, at, at + 1))}
              >
                <ArrowDown className="size-3.5!" />
              </Button>
            </li>
          ))}
        </ul>
        <Input
          aria-label="Find a column"
          placeholder="Find a column"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <ul aria-label="Other columns" className="flex max-h-52 flex-col overflow-y-auto">
          {others.slice(0, 100).map(({ name, label }) => (
            <li key={name}>
              <label className="flex items-center gap-2 py-0.5">
                <input
                  type="checkbox"
                  checked={false}
                  onChange={() => onColumns([...columns, { name, width: WIDTH }])}
                />
                <span className="truncate">{label}</span>
              </label>
            </li>
          ))}
        </ul>
        <Button size="small" onClick={() => onColumns(DEFAULT_COLUMNS)}>
          As they were at first
        </Button>
      </div>
    </Popover>
  )
}
