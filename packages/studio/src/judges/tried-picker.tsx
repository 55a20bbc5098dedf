import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { parseFilter } from '@tramontane/contract/filter-text'
import { clsx } from 'clsx'
import { type FormEvent, type KeyboardEvent, useState } from 'react'
import { query } from '../api/query.ts'
import { Choice } from '../choices/choice.tsx'
import { datasets } from '../choices/named-things.ts'
import { Button } from '../components/button.tsx'
import { Input, Select } from '../components/input.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { FilterEditor } from '../filter/filter-editor.tsx'
import type { JudgeSearch } from './judge-search.ts'

type Move = (changes: Partial<Record<keyof JudgeSearch, string | undefined>>) => void
type Source = 'events' | 'id' | 'dataset'

const OFFERED = 25

/** Chooses the conversation on which a judge is tried. */
export function TriedPicker({ search, onMove }: { search: JudgeSearch; onMove: Move }) {
  const [source, setSource] = useState<Source>(search.dataset ? 'dataset' : 'events')
  return (
    <div className="flex flex-col gap-2 border-b border-line bg-canvas px-4 py-3">
      <div className="flex items-start gap-2">
        <Select
          aria-label="Try it on"
          className="w-44! shrink-0"
          value={source}
          onChange={(event) => setSource(event.target.value as Source)}
        >
          <option value="events">Recent events</option>
          <option value="id">An event by its id</option>
          <option value="dataset">Records of a dataset</option>
        </Select>
        {source === 'events' && <EventFilter search={search} onMove={onMove} />}
        {source === 'id' && <EventById onMove={onMove} />}
        {source === 'dataset' && <DatasetChoice search={search} onMove={onMove} />}
      </div>
      {source === 'events' && <Events search={search} onMove={onMove} />}
      {source === 'dataset' && search.dataset && <Records search={search} onMove={onMove} />}
    </div>
  )
}

function EventFilter({ search, onMove }: { search: JudgeSearch; onMove: Move }) {
  const [text, setText] = useState(search.filter ?? '')
  const fields = useQuery({ ...query('listEventFields'), staleTime: 60_000 })
  if (!fields.data) return null
  return (
    <div className="min-w-0 flex-1">
      <FilterEditor
        label="Only events with"
        value={text}
        onChange={setText}
        onSubmit={() => onMove({ filter: text.trim() || undefined })}
        fields={fields.data}
      />
    </div>
  )
}

function EventById({ onMove }: { onMove: Move }) {
  const [id, setId] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (id.trim() !== '') onMove({ event: id.trim(), record: undefined, dataset: undefined })
  }
  return (
    <form onSubmit={submit} className="flex min-w-0 flex-1 gap-2">
      <Input
        aria-label="Event id"
        placeholder="Event id"
        className="font-mono"
        value={id}
        onChange={(event) => setId(event.target.value)}
      />
      <Button type="submit">Open</Button>
    </form>
  )
}

/** The filter of a text; null for all events, and for a text that is none. */
function filterOf(text: string | undefined) {
  try {
    return parseFilter(text ?? '')
  } catch {
    return null
  }
}

function Events({ search, onMove }: { search: JudgeSearch; onMove: Move }) {
  const result = useQuery({
    ...query('searchEvents', {
      query: { page_size: OFFERED },
      body: {
        search_params: { filters: filterOf(search.filter) },
        extra_fields: ['last_user_message_preview', 'response_messages_preview', 'model_name', 'timestamp'],
      },
    }),
    placeholderData: keepPreviousData,
  })
  if (result.error) return <Failure error={result.error} onRetry={result.refetch} />
  if (!result.data) return <Loading />
  const events = result.data.completion_events.results
  if (events.length === 0)
    return (
      <p className="py-3 text-muted">
        {search.filter
          ? 'No event matches this filter.'
          : 'There is no traffic yet: send some through the gateway.'}
      </p>
    )
  return (
    <Choices
      label="Recent events"
      chosen={search.event}
      onChoose={(event) => onMove({ event, record: undefined, dataset: undefined })}
      choices={events.map(({ event_id, extra_fields, created_at }) => ({
        id: event_id,
        text: String(
          extra_fields.last_user_message_preview ?? extra_fields.response_messages_preview ?? '(no text)',
        ),
        detail: <Time value={created_at} relative />,
      }))}
    />
  )
}

function DatasetChoice({ search, onMove }: { search: JudgeSearch; onMove: Move }) {
  const { data } = useQuery({
    ...query('getDataset', { params: { dataset_id: search.dataset ?? '' } }),
    enabled: search.dataset !== undefined,
  })
  return (
    <Choice
      aria-label="Dataset"
      things={datasets()}
      words="Choose a dataset"
      chosen={
        search.dataset === undefined ? undefined : { id: search.dataset, name: data?.name ?? search.dataset }
      }
      onChoose={(dataset) => onMove({ dataset: dataset!.id, record: undefined, event: undefined })}
      empty="Make one under Datasets."
    />
  )
}

function Records({ search, onMove }: { search: JudgeSearch; onMove: Move }) {
  const result = useQuery(
    query('listDatasetRecords', {
      params: { dataset_id: search.dataset! },
      query: { page_size: OFFERED },
    }),
  )
  if (result.error) return <Failure error={result.error} onRetry={result.refetch} />
  if (!result.data) return <Loading />
  const records = result.data.records.results
  if (records.length === 0) return <Empty title="This dataset has no record yet" />
  return (
    <Choices
      label="Records"
      chosen={search.record}
      onChoose={(record) => onMove({ record, event: undefined })}
      choices={records.map(({ id, payload, created_at }) => ({
        id,
        text: firstWords(payload.messages),
        detail: <Time value={created_at} relative />,
      }))}
    />
  )
}

/** What the user says last in a conversation, shortened. */
function firstWords(messages: readonly Record<string, unknown>[]): string {
  const { content } = messages.findLast(({ role }) => role === 'user') ?? messages[0] ?? {}
  const text = typeof content === 'string' ? content : JSON.stringify(content ?? null)
  return text.slice(0, 200)
}

/** A short list to choose from, by arrow keys too. */
function Choices({
  label,
  choices,
  chosen,
  onChoose,
}: {
  label: string
  choices: readonly { id: string; text: string; detail: React.ReactNode }[]
  chosen: string | undefined
  onChoose: (id: string) => void
}) {
  const move = (event: KeyboardEvent<HTMLUListElement>) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    event.preventDefault()
    const buttons = [...event.currentTarget.querySelectorAll('button')]
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
    buttons[Math.max(0, Math.min(buttons.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1)))]?.focus()
  }
  return (
    <ul
      aria-label={label}
      onKeyDown={move}
      className="max-h-36 overflow-y-auto rounded-md border border-line bg-surface"
    >
      {choices.map(({ id, text, detail }) => (
        <li key={id} className="flex items-center border-b border-line last:border-b-0">
          <button
            type="button"
            aria-pressed={id === chosen}
            onClick={() => onChoose(id)}
            className={clsx(
              'min-w-0 flex-1 truncate px-2.5 py-1 text-left outline-offset-[-2px] hover:bg-sunken',
              id === chosen && 'bg-accent-soft font-medium text-accent',
            )}
          >
            {text}
          </button>
          <span className="shrink-0 px-2.5 text-xs text-muted">{detail}</span>
        </li>
      ))}
    </ul>
  )
}
