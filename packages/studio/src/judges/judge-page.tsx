import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Megaphone, Trash2 } from 'lucide-react'
import { useMemo } from 'react'
import { call, type Output } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { Page } from '../components/page.tsx'
import { Loaded } from '../components/states.tsx'
import { Tabs } from '../components/tabs.tsx'
import { complain, say } from '../components/toasts.tsx'
import { useMay } from '../session/session.ts'
import { draftOf } from './judge-draft.ts'
import { JudgeEditor } from './judge-editor.tsx'
import type { JudgeTab } from './judge-search.ts'
import { RevisionsTab } from './revisions-tab.tsx'
import { saveJudge } from './save-judge.ts'
import { UsageTab } from './usage-tab.tsx'

type Judge = Output<'getJudge'>

/** A judge: its editor, what it has been, and where it is used. */
export function JudgePage() {
  const { judgeId } = useParams({ from: '/shell/judges/$judgeId' })
  const result = useQuery(query('getJudge', { params: { judge_id: judgeId } }))
  const judge = result.data
  return (
    <Page title={judge?.name ?? 'Judge'} fill actions={judge && <Actions judge={judge} />}>
      <Loaded result={result}>{(loaded) => <JudgeTabs judge={loaded} />}</Loaded>
    </Page>
  )
}

function Actions({ judge }: { judge: Judge }) {
  const confirm = useConfirm()
  const navigate = useNavigate()
  const deleting = useMutation({
    mutationFn: () => call('deleteJudge', { params: { judge_id: judge.id } }),
    onSuccess: () => {
      void refresh('listJudges')
      say(`The judge “${judge.name}” is deleted.`)
      navigate({ to: '/judges' })
    },
    onError: complain,
  })
  const ask = async () => {
    const yes = await confirm({
      title: `Delete the judge “${judge.name}”?`,
      text: 'Its revisions go with it. Campaigns that use it and what it has judged stay.',
      action: 'Delete',
    })
    if (yes) deleting.mutate()
  }
  if (!useMay('write')) return null
  return (
    <>
      <Button asChild>
        <Link to="/campaigns/new" search={{ judge: judge.id }}>
          <Megaphone aria-hidden /> New campaign
        </Link>
      </Button>
      {judge.up_revision === null && (
        <Button variant="quiet" size="icon" aria-label="Delete this judge" onClick={ask}>
          <Trash2 />
        </Button>
      )}
    </>
  )
}

function JudgeTabs({ judge }: { judge: Judge }) {
  const { tab = 'edit' } = useSearch({ from: '/shell/judges/$judgeId' })
  const navigate = useNavigate({ from: '/judges/$judgeId' })
  const initial = useMemo(() => draftOf(judge), [judge])
  return (
    <Tabs
      label="Parts of the judge"
      value={tab}
      onValueChange={(value) =>
        navigate({
          search: ({ tab: _, ...rest }) => (value === 'edit' ? rest : { ...rest, tab: value as JudgeTab }),
        })
      }
      tabs={[
        {
          value: 'edit',
          label: 'Editor',
          content: (
            <div className="flex h-full min-h-0 flex-col">
              <JudgeEditor
                key={judge.id}
                initial={initial}
                action="Save as a new revision"
                readOnly={judge.up_revision !== null}
                notice={judge.up_revision !== null && <OldRevision next={judge.up_revision} />}
                save={(definition) =>
                  saveJudge(
                    judge.id,
                    definition,
                    'Saved. Campaigns that were started before keep the judge as it was.',
                  )
                }
              />
            </div>
          ),
        },
        { value: 'revisions', label: 'Revisions', content: <RevisionsTab judge={judge} /> },
        { value: 'usage', label: 'Use', content: <UsageTab judge={judge} /> },
      ]}
    />
  )
}

function OldRevision({ next }: { next: string }) {
  return (
    <p className="rounded-md border border-line bg-note-soft px-3 py-2 text-note">
      This is an earlier revision, to be read only.{' '}
      <Link to="/judges/$judgeId" params={{ judgeId: next }} className="underline">
        Go to the one after it
      </Link>
      .
    </p>
  )
}
