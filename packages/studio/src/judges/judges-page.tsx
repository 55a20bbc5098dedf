import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useCallback } from 'react'
import type { Output } from '../api/call.ts'
import { query } from '../api/query.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { Page } from '../components/page.tsx'
import { Pager } from '../components/pager.tsx'
import { SearchInput } from '../components/search-input.tsx'
import { SimpleTable } from '../components/simple-table.tsx'
import { Empty, Loaded, Loading } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { count, counted } from '../formats/numbers.ts'
import { useMay } from '../session/session.ts'

const PAGE_SIZE = 50

/** The judges of the workspace, and where each is used. */
export function JudgesPage() {
  const { q = '', page = 1 } = useSearch({ from: '/shell/judges' })
  const navigate = useNavigate({ from: '/judges' })
  const mayWrite = useMay('write')
  const result = useQuery({
    ...query('listJudges', { query: { page, page_size: PAGE_SIZE, ...(q === '' ? {} : { q }) } }),
    placeholderData: keepPreviousData,
  })
  const search = useCallback(
    (text: string) => navigate({ search: text === '' ? {} : { q: text }, replace: true }),
    [navigate],
  )
  const newJudge = mayWrite && (
    <Button asChild variant="primary">
      <Link to="/judges/new">
        <Plus aria-hidden /> New judge
      </Link>
    </Button>
  )
  return (
    <Page title="Judges" actions={newJudge}>
      <div className="mb-4">
        <SearchInput label="Search by name" value={q} onChange={search} />
      </div>
      <Loaded result={result}>
        {({ judges }) =>
          judges.count === 0 ? (
            q === '' && result.isPlaceholderData ? (
              <Loading />
            ) : q === '' ? (
              <Empty title="There is no judge yet">
                <p>
                  A judge is a prompt, a model and what it may answer. It is tried on single conversations
                  here, and a campaign lets it judge thousands.
                </p>
                {mayWrite && (
                  <Button asChild className="mt-3">
                    <Link to="/judges/new">Write the first judge</Link>
                  </Button>
                )}
              </Empty>
            ) : (
              <Empty title="No judge has this in its name">
                <Button className="mt-3" onClick={() => search('')}>
                  Show all judges
                </Button>
              </Empty>
            )
          ) : (
            <>
              <JudgeTable judges={judges.results} />
              <Pager
                page={page}
                pageSize={PAGE_SIZE}
                total={judges.count}
                onPage={(next) => navigate({ search: (before) => ({ ...before, page: next }) })}
              />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function JudgeTable({ judges }: { judges: Output<'listJudges'>['judges']['results'] }) {
  const usage = useQuery({
    ...query('getJudgeUsage', { query: { judge_id: judges.map(({ id }) => id) } }),
    enabled: judges.length > 0,
  })
  const used = new Map(usage.data?.judges.map((one) => [one.judge_id, one]))
  return (
    <SimpleTable
      label="Judges"
      head={['Name', 'Answers with', 'Model', 'Campaigns', 'Events judged', 'Changed']}
    >
      {judges.map((judge) => {
        const of = used.get(judge.id)
        return (
          <tr key={judge.id}>
            <td className="max-w-52 xl:max-w-80">
              <Link
                to="/judges/$judgeId"
                params={{ judgeId: judge.id }}
                className="block truncate font-medium text-accent hover:underline"
              >
                {judge.name}
              </Link>
              {judge.description !== '' && <p className="truncate text-xs text-muted">{judge.description}</p>}
            </td>
            <td className="whitespace-nowrap">
              {judge.output.type === 'CLASSIFICATION'
                ? counted(judge.output.options.length, 'class', 'classes')
                : `${judge.output.min} to ${judge.output.max}`}
            </td>
            <td className="max-w-32 truncate xl:max-w-48 font-mono text-xs">{judge.model_name}</td>
            <td className="whitespace-nowrap tabular-nums">
              {of === undefined ? (
                <span className="text-muted">…</span>
              ) : of.campaigns === 0 ? (
                <span className="text-muted">not used</span>
              ) : (
                <span className="inline-flex items-center gap-2">
                  <Link
                    to="/judges/$judgeId"
                    params={{ judgeId: judge.id }}
                    search={{ tab: 'usage' }}
                    className="text-accent hover:underline"
                  >
                    {counted(of.campaigns, 'campaign')}
                  </Link>
                  {of.running > 0 && <Badge tone="accent">{count(of.running)} running</Badge>}
                </span>
              )}
            </td>
            <td className="tabular-nums">{of === undefined ? '…' : count(of.answers)}</td>
            <td>
              <Time value={judge.updated_at} relative />
            </td>
          </tr>
        )
      })}
    </SimpleTable>
  )
}
