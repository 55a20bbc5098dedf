import { counted } from '../formats/numbers.ts'
import { FindField } from './find-field.tsx'
import { KINDS } from './group-looks.tsx'
import { type GroupKind, type HistoryGroups, isMachinery } from './history-groups.ts'
import { TypeChips } from './type-chips.tsx'
import { useExecutionSearch } from './use-execution.ts'

/** Which kinds of things are shown, what is looked for, and whether idle time is folded. */
export function TimelineTools({ groups, shown }: { groups: HistoryGroups; shown: number }) {
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
        <span className="text-muted tabular-nums">{counted(shown, 'line')}</span>
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
