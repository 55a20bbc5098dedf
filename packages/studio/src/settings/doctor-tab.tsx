import { useQuery } from '@tanstack/react-query'
import { CircleAlert, CircleCheck, RefreshCw, TriangleAlert } from 'lucide-react'
import { query } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { SimpleTable } from '../components/simple-table.tsx'
import { Loaded } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { counted } from '../formats/numbers.ts'

const MARKS = {
  ok: { icon: CircleCheck, tone: 'text-good', label: 'in order' },
  warning: { icon: TriangleAlert, tone: 'text-warn', label: 'look at it' },
  problem: { icon: CircleAlert, tone: 'text-bad', label: 'does not work' },
} as const
const ORDER = { problem: 0, warning: 1, ok: 2 } as const

/** What the doctor finds, the worst first. */
export function DoctorTab() {
  const examination = useQuery({ ...query('examineServer'), staleTime: 60_000, refetchOnWindowFocus: false })
  return (
    <section className="flex flex-col gap-3">
      <div className="flex items-center justify-between gap-4">
        <h2 className="text-base font-semibold">What the doctor says</h2>
        <Button disabled={examination.isFetching} onClick={() => examination.refetch()}>
          <RefreshCw aria-hidden /> {examination.isFetching ? 'Looking…' : 'Look again'}
        </Button>
      </div>
      <Loaded result={examination}>
        {({ findings }) => {
          const bad = findings.filter(({ state }) => state !== 'ok').length
          return (
            <>
              <p role="status">
                {bad === 0
                  ? 'All that was looked at is in order.'
                  : `${counted(bad, 'thing')} to look at, of ${findings.length}.`}{' '}
                <span className="text-muted">
                  Looked at <Time value={examination.dataUpdatedAt} relative />.
                </span>
              </p>
              <SimpleTable label="Findings" head={['State', 'Subject', 'Finding']}>
                {findings
                  .toSorted((a, b) => ORDER[a.state] - ORDER[b.state])
                  .map(({ subject, state, message, remedy }) => {
                    const { icon: Icon, tone, label } = MARKS[state]
                    return (
                      <tr key={`${subject} ${message}`}>
                        <td className={`whitespace-nowrap ${tone}`}>
                          <Icon aria-hidden className="mr-1.5 inline size-4" />
                          {label}
                        </td>
                        <td className="whitespace-nowrap">{subject}</td>
                        <td className="min-w-64 break-words">
                          {message}
                          {remedy && <p className="text-muted">What to do: {remedy}</p>}
                        </td>
                      </tr>
                    )
                  })}
              </SimpleTable>
            </>
          )
        }}
      </Loaded>
      <p className="max-w-prose text-muted">
        This is how the running server sees its own machine. Why a server does not start, what a killed one
        has left behind, and whether a backup can be restored, only the command line there can tell:{' '}
        <code className="font-mono text-xs">tramontane doctor</code>.
      </p>
    </section>
  )
}
