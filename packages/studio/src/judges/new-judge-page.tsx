import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import { Page } from '../components/page.tsx'
import { say } from '../components/toasts.tsx'
import { draftOf, emptyDraft } from './judge-draft.ts'
import { JudgeEditor } from './judge-editor.tsx'

/** Writes a judge that is not there yet. */
export function NewJudgePage() {
  const navigate = useNavigate()
  const [draft, setDraft] = useState(emptyDraft)
  return (
    <Page title="New judge" fill>
      <JudgeEditor
        initial={draft}
        action="Save the judge"
        save={async (definition) => {
          const judge = await call('createJudge', { body: definition })
          setDraft(draftOf(judge))
          void refresh('listJudges')
          say(`The judge “${judge.name}” is saved.`)
          // Once the editor knows that it is saved, leaving is no loss.
          setTimeout(() =>
            navigate({ to: '/judges/$judgeId', params: { judgeId: judge.id }, search: true as never }),
          )
        }}
      />
    </Page>
  )
}
