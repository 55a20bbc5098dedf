import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { query } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { counted } from '../formats/numbers.ts'
import { BulkDialog } from './bulk-dialog.tsx'
import { endInBatches, inBatches, pagesOf } from './bulk-end.ts'
import type { BulkPlan, Ending } from './bulk-plan.ts'
import { type ExecutionSearch, runFilterOf } from './execution-search.ts'
import type { Run } from './run-columns.tsx'

/** Runs that are chosen, or all that match the filter: until others are chosen, whatever comes to the page meanwhile. */
export interface RunChoice {
  readonly runs: ReadonlyMap<string, Run>
  readonly areAllMeant: boolean
}

export const NONE_CHOSEN: RunChoice = { runs: new Map(), areAllMeant: false }

/** As many as one call takes. */
const BATCH = 100

function end(ending: Ending) {
  const id = ending === 'cancel' ? 'cancelExecutions' : 'terminateExecutions'
  return async (ids: readonly string[]) => (await call(id, { body: { execution_ids: [...ids] } })).results
}

/** What can be done with chosen executions, or with all that match the filter. */
export function BulkBar({
  search,
  page,
  choice: { runs: chosen, areAllMeant },
  onChoose,
}: {
  search: ExecutionSearch
  page: readonly Run[]
  choice: RunChoice
  onChoose: (choice: RunChoice) => void
}) {
  const [plan, setPlan] = useState<BulkPlan>()
  const isPageChosen = page.length > 0 && page.every(({ run_id }) => chosen.has(run_id))
  const { status: _, ...filter } = runFilterOf(search, Date.now())
  const mayRun = !search.status || search.status.includes('RUNNING')
  const { data } = useQuery({
    ...query('countRuns', { query: { ...filter, status: ['RUNNING'] } }),
    enabled: (isPageChosen || areAllMeant) && mayRun,
  })
  const running = mayRun ? data?.counts[0] : { count: 0, is_exact: true }
  // What has ended cannot be ended; what continues in another run is one execution.
  const ids = [
    ...new Set(
      [...chosen.values()].filter(({ status }) => status === 'RUNNING').map((run) => run.execution_id),
    ),
  ]
  if (chosen.size === 0) return null
  const runningText =
    running && `${counted(running.count, 'execution')}${running.is_exact ? '' : ' and more'}`
  const start = (ending: Ending) =>
    setPlan(
      areAllMeant
        ? {
            ending,
            total: running?.is_exact ? running.count : null,
            what: `all ${runningText ?? 'executions'} that match and are running`,
            work: () => endInBatches(matching(search), end(ending)),
          }
        : {
            ending,
            total: ids.length,
            what: counted(ids.length, 'chosen execution'),
            work: () => endInBatches(inBatches(ids, BATCH), end(ending)),
          },
    )
  const ended = chosen.size - [...chosen.values()].filter(({ status }) => status === 'RUNNING').length
  const canEnd = areAllMeant ? (running?.count ?? 1) > 0 : ids.length > 0
  return (
    <section
      aria-label="Chosen executions"
      className="flex min-h-11 shrink-0 flex-wrap items-center gap-3 border-b border-line bg-accent-soft px-6 py-1.5"
    >
      <span>
        {areAllMeant
          ? `All that match: ${runningText ?? 'those'} running`
          : `${counted(chosen.size, 'run')} chosen${ended > 0 ? `, ${ended} of them ended` : ''}`}
      </span>
      {isPageChosen && !areAllMeant && mayRun && (
        <Button variant="quiet" size="small" onClick={() => onChoose({ runs: chosen, areAllMeant: true })}>
          Choose all that match{runningText ? `: ${runningText} running` : ''}
        </Button>
      )}
      <div className="ml-auto flex gap-2">
        <Button size="small" disabled={!canEnd} onClick={() => start('cancel')}>
          Cancel…
        </Button>
        <Button size="small" variant="danger" disabled={!canEnd} onClick={() => start('terminate')}>
          Terminate…
        </Button>
        <Button size="small" variant="quiet" onClick={() => onChoose(NONE_CHOSEN)}>
          Choose none
        </Button>
      </div>
      {plan && (
        <BulkDialog
          plan={plan}
          onClose={(hasBegun) => {
            setPlan(undefined)
            if (hasBegun) onChoose(NONE_CHOSEN)
          }}
        />
      )}
    </section>
  )
}

/** The executions that match and are running now, the oldest first: what begins from now on is left alone. */
function matching(search: ExecutionSearch) {
  const now = new Date()
  const filter = runFilterOf(search, now.getTime())
  const start_time_before = filter.start_time_before ?? now.toISOString()
  return pagesOf(async (token) => {
    const { runs, next_page_token } = await call('listRuns', {
      query: {
        ...filter,
        start_time_before,
        status: ['RUNNING'],
        order: 'asc',
        page_size: BATCH,
        next_page_token: token,
      },
    })
    return { ids: runs.map(({ execution_id }) => execution_id), next: next_page_token }
  })
}
