import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { printFilter } from '@tramontane/contract/filter-print'
import { FilterSyntaxError } from '@tramontane/contract/filter-syntax-error'
import { parseFilter } from '@tramontane/contract/filter-text'
import { type FormEvent, useState } from 'react'
import { call } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import { Choice } from '../choices/choice.tsx'
import { judges } from '../choices/named-things.ts'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { Input, Textarea } from '../components/input.tsx'
import { Card, Page } from '../components/page.tsx'
import { Failure, Loading } from '../components/states.tsx'
import { say } from '../components/toasts.tsx'
import { FilterEditor } from '../filter/filter-editor.tsx'
import { counted } from '../formats/numbers.ts'
import { useMay } from '../session/session.ts'
import { EstimateCard } from './estimate-card.tsx'

const MOST = 10_000

/** A text as a filter, or what is wrong with it. */
function read(text: string): { filter: ReturnType<typeof parseFilter> } | { problem: string } {
  try {
    return { filter: parseFilter(text) }
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error
    return { problem: error.message }
  }
}

/** Starts a campaign: which judge, which events, and what it will take. */
export function NewCampaignPage() {
  const search = useSearch({ from: '/shell/campaigns/new' })
  const navigate = useNavigate({ from: '/campaigns/new' })
  const mayWrite = useMay('write')
  const [text, setText] = useState(search.filter ?? '')
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [most, setMost] = useState('1000')
  const fields = useQuery({ ...query('listEventFields'), staleTime: 60_000 })
  const chosen = useQuery({
    ...query('getJudge', { params: { judge_id: search.judge ?? '' } }),
    enabled: search.judge !== undefined,
  })

  const asked = read(search.filter ?? '')
  const typed = read(text)
  const max_nb_events = Number(most)
  const isMostRight = Number.isInteger(max_nb_events) && max_nb_events >= 1 && max_nb_events <= MOST
  const isSettled = text.trim() === (search.filter ?? '').trim()
  const filter = 'filter' in asked ? asked.filter : null
  const body = { judge_id: search.judge ?? '', search_params: { filters: filter }, max_nb_events }
  const estimate = useQuery({
    ...query('estimateCampaign', { body: { ...body, max_nb_events: isMostRight ? max_nb_events : 1 } }),
    enabled: search.judge !== undefined && isMostRight && 'filter' in asked,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
  const starting = useMutation({
    mutationFn: () => call('createCampaign', { body: { ...body, name, description } }),
    onSuccess: ({ name: started }) => {
      void refresh('listCampaigns', 'getJudgeUsage')
      say(`The campaign “${started}” runs.`)
    },
  })
  const apply = () =>
    navigate({
      search: ({ filter: _, ...rest }) => (text.trim() === '' ? rest : { ...rest, filter: text.trim() }),
      replace: true,
    })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    starting.mutate(undefined, {
      // Unless one has left by then.
      onSuccess: ({ id }) =>
        navigate({ to: '/campaigns/$campaignId', params: { campaignId: id }, search: {} }),
    })
  }
  const { data, isPlaceholderData: isOfBefore } = estimate
  return (
    <Page title="New campaign">
      <form onSubmit={submit} className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] items-start gap-6">
        <div className="flex flex-col gap-4">
          <Field label="Name" hint="5 to 50 characters">
            <Input
              value={name}
              minLength={5}
              maxLength={50}
              required
              onChange={(event) => setName(event.target.value)}
            />
          </Field>
          <Field label="Judge" error={chosen.error?.message}>
            <Choice
              things={judges}
              words="Choose a judge"
              chosen={
                search.judge === undefined
                  ? undefined
                  : { id: search.judge, name: chosen.data?.name ?? search.judge }
              }
              onChoose={(judge) =>
                navigate({ search: (before) => ({ ...before, judge: judge!.id }), replace: true })
              }
              empty={
                <Link to="/judges/new" className="text-accent underline">
                  Write a judge first
                </Link>
              }
            />
          </Field>
          <div className="flex flex-col gap-1">
            <span className="font-medium">Events</span>
            {fields.data ? (
              <div className="flex items-start gap-2">
                <div className="min-w-0 flex-1">
                  <FilterEditor
                    label="Which events"
                    value={text}
                    onChange={setText}
                    onSubmit={apply}
                    fields={fields.data}
                  />
                </div>
                <Button disabled={isSettled || 'problem' in typed} onClick={apply}>
                  Apply
                </Button>
              </div>
            ) : (
              <Loading />
            )}
            <p className={'problem' in typed ? 'text-xs text-bad' : 'text-xs text-muted'}>
              {'problem' in typed
                ? typed.problem
                : isSettled
                  ? filter === null
                    ? 'Without a filter, the newest of all events are judged.'
                    : `Judged are the newest events with ${printFilter(filter)}.`
                  : 'Press Enter, or Apply, to see what this filter selects.'}
            </p>
          </div>
          <Field
            label="At most so many events, the newest"
            error={isMostRight ? undefined : 'A whole number from 1 to 10,000.'}
          >
            <Input
              value={most}
              inputMode="numeric"
              className="max-w-40 tabular-nums"
              onChange={(event) => setMost(event.target.value.replaceAll(/[\s,]/g, ''))}
            />
          </Field>
          <Field label="Description">
            <Textarea
              value={description}
              maxLength={10_000}
              onChange={(event) => setDescription(event.target.value)}
            />
          </Field>
          {starting.error && <Failure error={starting.error} />}
          {mayWrite && (
            <Button
              type="submit"
              variant="primary"
              className="self-start"
              disabled={starting.isPending || !isSettled || isOfBefore || !data || data.selected === 0}
            >
              {starting.isPending
                ? 'Starting…'
                : data && data.selected > 0
                  ? `Judge ${counted(data.selected, 'event')}`
                  : 'Start'}
            </Button>
          )}
        </div>
        <Card title="What it will take">
          {search.judge === undefined ? (
            <p className="text-muted">
              Choose a judge to see how many events it would judge and what that takes.
            </p>
          ) : (
            <EstimateCard result={estimate} judge={chosen.data} />
          )}
        </Card>
      </form>
    </Page>
  )
}
