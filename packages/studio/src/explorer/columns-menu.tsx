import { ArrowDown, ArrowUp, Columns3 } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../components/button.tsx'
import { Input } from '../components/input.tsx'
import { Popover } from '../components/popover.tsx'
import { type EventTableModel, moved } from './use-event-table.ts'

/** Which columns the table has, and in which order. */
export function ColumnsMenu({ table, onReset }: { table: EventTableModel; onReset: () => void }) {
  const [open, setOpen] = useState(false)
  const [search, setSearch] = useState('')
  const shown = table.getVisibleLeafColumns()
  const wanted = search.trim().toLowerCase()
  const others = table
    .getAllLeafColumns()
    .filter(
      (column) =>
        !column.getIsVisible() &&
        `${column.id} ${column.columnDef.meta!.label}`.toLowerCase().includes(wanted),
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
          {shown.map((column, at) => (
            <li key={column.id} className="flex items-center gap-1">
              <label className="flex min-w-0 flex-1 items-center gap-2 truncate py-0.5">
                <input
                  type="checkbox"
                  checked
                  disabled={shown.length === 1}
                  onChange={() => column.toggleVisibility(false)}
                />
                <span className="truncate">{column.columnDef.meta!.label}</span>
              </label>
              <Button
                variant="quiet"
                size="icon"
                className="size-6"
                disabled={at === 0}
                aria-label={`Move ${column.columnDef.meta!.label} before`}
                onClick={() => table.setColumnOrder((names) => moved(names, column.id, at - 1))}
              >
                <ArrowUp className="size-3.5!" />
              </Button>
              <Button
                variant="quiet"
                size="icon"
                className="size-6"
                disabled={at === shown.length - 1}
                aria-label={`Move ${column.columnDef.meta!.label} behind`}
                onClick={() => table.setColumnOrder((names) => moved(names, column.id, at + 1))}
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
          {others.slice(0, 100).map((column) => (
            <li key={column.id}>
              <label className="flex items-center gap-2 py-0.5">
                <input type="checkbox" checked={false} onChange={() => column.toggleVisibility(true)} />
                <span className="truncate">{column.columnDef.meta!.label}</span>
              </label>
            </li>
          ))}
        </ul>
        <Button size="small" onClick={onReset}>
          As they were at first
        </Button>
      </div>
    </Popover>
  )
}
