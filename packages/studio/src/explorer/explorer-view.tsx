import { clsx } from 'clsx'
import { PanelLeft, Radio, RefreshCw, Search } from 'lucide-react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { Button } from '../components/button.tsx'
import { Page } from '../components/page.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { hasChip, withChip, withoutChip } from '../filter/filter-chips.ts'
import { FilterChips } from '../filter/filter-chips-bar.tsx'
import { FilterEditor } from '../filter/filter-editor.tsx'
import { type FilterFields, filterProblem } from '../filter/filter-fields.ts'
import { counted } from '../formats/numbers.ts'
import { ViewsMenu } from '../views/views-menu.tsx'
import { ChosenActions } from './chosen-actions.tsx'
import { ColumnsMenu } from './columns-menu.tsx'
import { EventPanel } from './event-panel.tsx'
import { EventTable } from './event-table.tsx'
import { validateSearch, viewState, writeColumns } from './explorer-search.ts'
import { Facets } from './facets.tsx'
import { TimeRange } from './time-range.tsx'
import { useEventKeys } from './use-event-keys.ts'
import { useEventTable } from './use-event-table.ts'
import { useEvents } from './use-events.ts'
import { useView } from './use-view.ts'
import { useVolume, VolumeChart, volumeText } from './volume.tsx'

const NONE: ReadonlySet<string> = new Set()

/** Explorer, once it is known which fields there are. */
export function ExplorerView({ fields }: { fields: FilterFields }) {
  const view = useView(fields)
  const { search, text, problem, filter, span, whole, columns, show, ask, showFilter } = view
  const live = search.live === true && search.to === undefined
  const [draft, setDraft] = useState(text)
  useEffect(() => setDraft(text), [text])
  const [hasFacets, setFacets] = useState(true)
  const definitions = useMemo(
    () => new Map(fields.field_definitions.map((field) => [field.name, field])),
    [fields],
  )
  const names = useMemo(
    () =>
      [...new Set(['status', ...columns.map(({ name }) => name)])]
        .filter((name) => definitions.has(name))
        .sort(),
    [columns, definitions],
  )
  const { pages, events, liveError } = useEvents(whole, names, live)
  const isThere = pages.isSuccess && !pages.isPlaceholderData
  const volume = useVolume(filter, span, { enabled: isThere, live })

  const [selection, setSelection] = useState<{ of: unknown; ids: ReadonlySet<string> }>({
    of: whole,
    ids: NONE,
  })
  const selected = selection.of === whole ? selection.ids : NONE
  const table = useEventTable({
    events,
    fields: definitions,
    columns,
    onColumns: (next) => show({ columns: writeColumns(next) }, true),
    selected,
    onSelected: (ids) => setSelection({ of: whole, ids }),
  })
  const open = useCallback(
    (event: string | undefined) => show({ event }, search.event !== undefined),
    [show, search.event],
  )
  const move = useEventKeys(events, search.event, open)
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])

  const submit = () => {
    if (filterProblem(draft, fields.field_definitions) !== undefined) return
    ask()
    show({ filter: draft.trim() || undefined })
  }
  const toggle = (condition: NonNullable<typeof filter>) =>
    showFilter(hasChip(filter, condition) ? withoutChip(filter, condition) : withChip(filter, condition))
  const total = volume.data && !volume.isPlaceholderData ? volumeText(volume.data) : undefined

  return (
    <Page
      title="Explorer"
      fill
      actions={
        <>
          <Button
            aria-pressed={live}
            onClick={() => show({ live: live ? undefined : true })}
            disabled={search.to !== undefined}
          >
            <Radio className={clsx(live && 'animate-pulse text-good')} aria-hidden />{' '}
            {live ? 'Live' : 'Go live'}
          </Button>
          <TimeRange
            search={search}
            onChange={({ range, from, to }) => {
              ask()
              show({ range, from, to, live: undefined })
            }}
          />
          <ViewsMenu
            list={{ kind: 'events', state: viewState(search), view: search.view }}
            keeps="Filter, time and columns"
            stateOf={viewState}
            onOpen={(state, id) => {
              ask()
              const { filter: f, range, from, to, columns: c } = validateSearch(state)
              show({ filter: f, range, from, to, columns: c, event: undefined, live: undefined, view: id })
            }}
            onView={(id) => show({ view: id }, true)}
          />
        </>
      }
    >
      <div className="flex flex-col gap-2 border-b border-line bg-surface px-3 py-2">
        <div className="flex items-start gap-2">
          <FilterEditor value={draft} onChange={setDraft} onSubmit={submit} fields={fields} />
          <Button variant={draft.trim() === text.trim() ? 'secondary' : 'primary'} onClick={submit}>
            <Search aria-hidden /> Search
          </Button>
        </div>
        {problem !== undefined && (
          <p role="alert" className="text-xs text-bad">
            The address has a filter that cannot be asked: {problem}
          </p>
        )}
        <FilterChips filter={filter} fields={fields} onChange={showFilter} />
      </div>
      {volume.data && volume.data.buckets.length > 0 && (
        <VolumeChart
          volume={volume.data}
          onBrush={(from, to) => show({ range: undefined, from, to, live: undefined })}
        />
      )}
      <div className="flex min-h-0 flex-1">
        {hasFacets && (
          <div className={clsx('flex min-h-0', search.event !== undefined && 'max-xl:hidden')}>
            <Facets
              fields={fields.field_definitions}
              filter={whole}
              chips={filter}
              enabled={isThere && problem === undefined}
              onToggle={toggle}
            />
          </div>
        )}
        <div
          className="flex min-h-0 min-w-0 flex-1 flex-col"
          // What is on the screen: measured by the benchmark, and told apart from what is still being asked for.
          data-shown={isThere || pages.error ? text : undefined}
          data-counted={volume.data && !volume.isPlaceholderData ? text : undefined}
          data-failed={pages.error ? '' : undefined}
        >
          <div className="flex min-h-10 flex-wrap items-center gap-1.5 border-b border-line bg-surface px-2 py-1">
            <Button
              variant="quiet"
              size="icon"
              className="size-7"
              aria-label="Facets"
              aria-pressed={hasFacets}
              onClick={() => setFacets(!hasFacets)}
            >
              <PanelLeft />
            </Button>
            <Button variant="quiet" size="icon" className="size-7" aria-label="Refresh" onClick={ask}>
              <RefreshCw className={clsx(pages.isFetching && !live && 'animate-spin')} />
            </Button>
            <ColumnsMenu table={table} onReset={() => show({ columns: undefined }, true)} />
            <p role="status" className="mr-auto truncate text-xs text-muted">
              {selected.size > 0 ? `${counted(selected.size, 'event')} selected` : (total ?? '…')}
            </p>
            {selected.size > 0 ? (
              <>
                <Button variant="quiet" size="small" onClick={() => setSelection({ of: whole, ids: NONE })}>
                  Select none
                </Button>
                <ChosenActions
                  chosen={{ kind: 'ids', ids: [...selected] }}
                  label={counted(selected.size, 'selected event')}
                />
              </>
            ) : (
              events.length > 0 && (
                <ChosenActions chosen={{ kind: 'matching', filter: whole }} label="all events that match" />
              )
            )}
          </div>
          {liveError && (
            <p role="alert" className="px-3 py-1 text-xs text-bad">
              New events cannot be read: {liveError.message}
            </p>
          )}
          {pages.error && !pages.isPlaceholderData && events.length === 0 ? (
            <Failure error={pages.error} onRetry={() => pages.refetch()} />
          ) : pages.isPending || (pages.isPlaceholderData && events.length === 0) ? (
            <Loading />
          ) : events.length === 0 ? (
            <NoEvents
              hasFilter={filter !== null}
              isBounded={span.from !== null || span.to !== null}
              onAllTime={() => show({ range: 'all', from: undefined, to: undefined })}
              onNoFilter={() => showFilter(null)}
            />
          ) : (
            <EventTable
              table={table}
              events={events}
              current={search.event}
              isDim={pages.isPlaceholderData}
              onCurrent={open}
              onEnd={onEnd}
            />
          )}
        </div>
        {search.event !== undefined && (
          <EventPanel
            key={search.event}
            id={search.event}
            tab={search.tab ?? 'conversation'}
            fields={definitions}
            onTab={(tab) => show({ tab }, true)}
            onMove={move}
            onOpen={open}
            onFilter={(condition) => showFilter(withChip(filter, condition))}
            onClose={() => show({ event: undefined })}
          />
        )}
      </div>
    </Page>
  )
}

function NoEvents({
  hasFilter,
  isBounded,
  onAllTime,
  onNoFilter,
}: {
  hasFilter: boolean
  isBounded: boolean
  onAllTime: () => void
  onNoFilter: () => void
}) {
  if (!hasFilter && !isBounded)
    return (
      <Empty title="No events yet">
        Send traffic through the gateway, spans over OTLP, or import logs: the home page has a snippet for
        each.
      </Empty>
    )
  return (
    <Empty title={hasFilter ? 'No event matches' : 'No events in this time'}>
      <p className="flex justify-center gap-2 pt-2">
        {isBounded && <Button onClick={onAllTime}>Look at all time</Button>}
        {hasFilter && <Button onClick={onNoFilter}>Without the filter</Button>}
      </p>
    </Empty>
  )
}
