import { ZoomIn, ZoomOut } from 'lucide-react'
import { Button } from '../components/button.tsx'
import { count, counted } from '../formats/numbers.ts'
import { FindField } from './find-field.tsx'
import { KINDS } from './group-looks.tsx'
import { type GroupKind, type HistoryGroups, isMachinery } from './history-groups.ts'
import { TypeChips } from './type-chips.tsx'
import { useExecutionSearch } from './use-execution.ts'
import type { TimelineZoom } from './use-zoom.ts'

/** Which kinds of things are shown, what is looked for, how near, and whether idle time is folded. */
export function TimelineTools({
  groups,
  shown,
  of,
  zoom,
}: {
  groups: HistoryGroups
  /** Lines that are seen, of all that there are without the zoom. */
  shown: number
  of: number
  zoom: TimelineZoom
}) {
  const [search, change] = useExecutionSearch()
  const counts = new Map<GroupKind, number>()
  for (const group of groups.all)
    if (search.tasks === 'shown' || !isMachinery(group))
      counts.set(group.kind, (counts.get(group.kind) ?? 0) + 1)
  return (
    <div className="flex h-12 shrink-0 items-center gap-4 border-b border-line px-6">
      <FindField />
      <TypeChips
        label="Kinds"
        options={[...counts].map(([value, count]) => ({ value, label: KINDS[value].plural, count }))}
      />
      <span className="ml-auto flex shrink-0 items-center gap-4 text-xs whitespace-nowrap">
        <span className="text-muted tabular-nums">
          {shown === of ? counted(of, 'line') : `${count(shown)} of ${counted(of, 'line')}`}
        </span>
        <span className="flex items-center">
          <Button
            variant="quiet"
            size="icon"
            aria-label="Zoom out"
            title="Less near (-)"
            disabled={zoom.isAll}
            onClick={zoom.further}
          >
            <ZoomOut />
          </Button>
          <Button
            variant="quiet"
            size="icon"
            aria-label="Zoom in"
            title="Nearer (+, or Ctrl and the wheel)"
            onClick={zoom.nearer}
          >
            <ZoomIn />
          </Button>
          <Button
            variant="quiet"
            size="small"
            title="All of the time (0)"
            disabled={zoom.isAll}
            onClick={zoom.all}
          >
            All
          </Button>
        </span>
        <label className="flex items-center gap-1.5">
          <input
            type="checkbox"
            checked={search.tasks === 'shown'}
            onChange={({ target }) =>
              change({ tasks: target.checked ? 'shown' : undefined }, { replace: true })
            }
          />
          Machinery
        </label>
        <label className="flex items-center gap-1.5">
          <input
            type="checkbox"
            checked={search.idle !== 'shown'}
            onChange={({ target }) =>
              change({ idle: target.checked ? undefined : 'shown' }, { replace: true })
            }
          />
          Fold idle time
        </label>
      </span>
    </div>
  )
}
