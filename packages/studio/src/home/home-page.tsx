import { useQuery } from '@tanstack/react-query'
import { query } from '../api/query.ts'
import { Page } from '../components/page.tsx'
import { Loaded } from '../components/states.tsx'
import { useSession } from '../session/session.ts'
import { Configured } from './configured.tsx'
import { FirstSteps } from './first-steps.tsx'
import { LastDay } from './last-day.tsx'
import type { Overview } from './overview.ts'

/** While somebody waits for the first event or worker, and afterwards. */
const WAITING_MS = 2_000
const USUAL_MS = 10_000

/** What is configured, what is not, and what has happened lately. */
export function HomePage() {
  const session = useSession()
  const overview = useQuery({
    ...query('getOverview'),
    refetchInterval: ({ state }) =>
      state.data?.last_event_at && state.data.last_worker_at ? USUAL_MS : WAITING_MS,
  })
  return (
    <Page
      title="Home"
      actions={
        <p className="text-xs text-muted">
          Workspace {session.workspace.name} · Tramontane {session.server_version}
        </p>
      }
    >
      <Loaded result={overview}>
        {(data) => (
          <div className="flex flex-col gap-4">
            {isNew(data) ? (
              <p className="max-w-prose text-muted">
                Nothing has come through yet. Two steps lead there; this page notices each of them by itself.
              </p>
            ) : (
              <LastDay overview={data} />
            )}
            <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
              <FirstSteps overview={data} />
              <Configured overview={data} />
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  )
}

function isNew({ last_event_at, last_worker_at }: Overview): boolean {
  return last_event_at === null && last_worker_at === null
}
