import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { JudgeDefinition } from '@tramontane/contract/judges'
import { clsx } from 'clsx'
import { useState } from 'react'
import type { Output } from '../api/call.ts'
import { query } from '../api/query.ts'
import { TextDifference } from '../code/text-difference.tsx'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { Pager } from '../components/pager.tsx'
import { Empty, Loaded } from '../components/states.tsx'
import { Time } from '../components/time.tsx'
import { complain } from '../components/toasts.tsx'
import { useMay } from '../session/session.ts'
import { asText } from './judge-draft.ts'
import { saveJudge } from './save-judge.ts'

type Judge = Output<'getJudge'>

/** One more than is listed, so that the last one listed has its predecessor. */
const PAGE_SIZE = 30

/** What a judge has been: each content, and what was changed by it. */
export function RevisionsTab({ judge }: { judge: Judge }) {
  const { revision } = useSearch({ from: '/shell/judges/$judgeId' })
  const navigate = useNavigate({ from: '/judges/$judgeId' })
  const [page, setPage] = useState(1)
  const result = useQuery({
    ...query('listJudgeRevisions', {
      params: { judge_id: judge.id },
      query: { page, page_size: PAGE_SIZE },
    }),
    placeholderData: keepPreviousData,
  })
  return (
    <Loaded result={result}>
      {({ revisions }) => {
        if (revisions.count === 1)
          return (
            <Empty title="There is one version only">
              <p>
                Each time that the judge is saved, the content before becomes a revision that is kept here.
              </p>
            </Empty>
          )
        const chosen = revisions.results.find(({ id }) => id === revision) ?? revisions.results[0]!
        return (
          <div className="grid h-full grid-cols-[16rem_minmax(0,1fr)] divide-x divide-line">
            <div className="overflow-y-auto p-2">
              <ol aria-label="Revisions">
                {revisions.results.map((one, index) => (
                  <li key={one.id}>
                    <button
                      type="button"
                      aria-current={one.id === chosen.id}
                      onClick={() => navigate({ search: (before) => ({ ...before, revision: one.id }) })}
                      className={clsx(
                        'flex w-full flex-col rounded-md px-2.5 py-1.5 text-left hover:bg-sunken',
                        one.id === chosen.id && 'bg-accent-soft text-accent',
                      )}
                    >
                      <span className="font-medium">
                        Version {revisions.count - (page - 1) * PAGE_SIZE - index}
                        {one.up_revision === null && ', the one in use'}
                      </span>
                      <span className="text-xs">{new Date(one.updated_at).toLocaleString()}</span>
                    </button>
                  </li>
                ))}
              </ol>
              <Pager page={page} pageSize={PAGE_SIZE} total={revisions.count} onPage={setPage} />
            </div>
            <Difference key={chosen.id} revision={chosen} judge={judge} />
          </div>
        )
      }}
    </Loaded>
  )
}

/** What a revision changed, held against the one before it. */
function Difference({ revision, judge }: { revision: Judge; judge: Judge }) {
  const { down_revision } = revision
  const before = useQuery({
    ...query('getJudge', { params: { judge_id: down_revision ?? '' } }),
    enabled: down_revision !== null,
  })
  return (
    <div className="flex min-w-0 flex-col gap-3 overflow-y-auto p-4">
      <div className="flex items-center justify-between gap-3">
        <p className="text-muted">
          {down_revision === null ? 'The first content, from ' : 'What was changed with the version of '}
          <Time value={revision.updated_at} />
        </p>
        {revision.id !== judge.id && judge.up_revision === null && (
          <Restore revision={revision} judge={judge} />
        )}
      </div>
      {down_revision === null ? (
        <TextDifference label="Content" before={asText(revision)} after={asText(revision)} />
      ) : (
        <Loaded result={before}>
          {(earlier) => <TextDifference label="Changes" before={asText(earlier)} after={asText(revision)} />}
        </Loaded>
      )}
    </div>
  )
}

function Restore({ revision, judge }: { revision: Judge; judge: Judge }) {
  const confirm = useConfirm()
  const mayWrite = useMay('write')
  const restoring = useMutation({
    mutationFn: () => {
      const { name, description, model_name, output, instructions, tools } = revision
      const body: JudgeDefinition = { name, description, model_name, output, instructions, tools }
      return saveJudge(judge.id, body, 'The judge has this content again.')
    },
    onError: complain,
  })
  if (!mayWrite) return null
  const ask = async () => {
    const yes = await confirm({
      title: 'Give the judge this content again?',
      text: 'What it has now is kept as a revision.',
      action: 'Restore',
    })
    if (yes) restoring.mutate()
  }
  return (
    <Button size="small" disabled={restoring.isPending} onClick={ask}>
      Restore this content
    </Button>
  )
}
