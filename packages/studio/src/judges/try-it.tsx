import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { call } from '../api/call.ts'
import { query } from '../api/query.ts'
import { Badge } from '../components/badge.tsx'
import { Button } from '../components/button.tsx'
import { CodeBlock } from '../components/copy-button.tsx'
import { Empty, Failure, Loading } from '../components/states.tsx'
import { type Tab, Tabs } from '../components/tabs.tsx'
import { ConversationView } from '../conversation/conversation-view.tsx'
import { counted } from '../formats/numbers.ts'
import { useMay } from '../session/session.ts'
import { answersOf, definitionOf, type JudgeDraft, outputProblem } from './judge-draft.ts'
import type { JudgeSearch } from './judge-search.ts'
import { type Tried, useTried } from './tried-conversation.ts'
import { TriedPicker } from './tried-picker.tsx'

const PAUSE_MS = 400

/** A judge that is not saved yet has a name only if its author has thought of one. */
function triedDefinition(draft: JudgeDraft) {
  const definition = definitionOf(draft)
  return definition.name.length < 5 ? { ...definition, name: 'A judge without a name' } : definition
}

/** Tries a draft on a conversation: the conversation itself, the prompt that is sent, and what the judge says. */
export function TryIt({ draft }: { draft: JudgeDraft }) {
  const search = useSearch({ strict: false }) as JudgeSearch
  const navigate = useNavigate()
  const mayWrite = useMay('write')
  const [tab, setTab] = useState('conversation')
  const tried = useTried(search)
  const move = (changes: Partial<Record<keyof JudgeSearch, string | undefined>>) =>
    navigate({
      to: '.',
      search: ((before: JudgeSearch) => ({ ...before, ...changes })) as never,
      replace: true,
    })

  const judging = useMutation({
    mutationFn: () => {
      const body = { judge_definition: triedDefinition(draft) }
      return search.event
        ? call('judgeEvent', { params: { event_id: search.event }, body })
        : call('judgeDatasetRecord', { params: { dataset_record_id: search.record! }, body })
    },
  })
  const { reset } = judging
  // What was said of another conversation says nothing of this one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: exactly when the conversation changes
  useEffect(() => reset(), [search.event, search.record, reset])

  const problem =
    outputProblem(answersOf(draft)) ?? (draft.model_name === '' ? 'Choose a model first.' : undefined)
  const hasChosen = search.event !== undefined || search.record !== undefined
  const tabs: Tab[] = [
    { value: 'conversation', label: 'Conversation', content: <TriedConversation tried={tried} /> },
    {
      value: 'prompt',
      label: 'Prompt',
      content: <PromptPreview key={search.event ?? search.record} draft={draft} tried={tried} />,
    },
  ]
  return (
    <section aria-label="Try it" className="flex min-h-0 flex-col bg-surface">
      <TriedPicker search={search} onMove={move} />
      {hasChosen ? (
        <>
          <div className="flex flex-col gap-2 border-b border-line px-4 py-2.5">
            <div className="flex items-center gap-3">
              {mayWrite && (
                <Button
                  variant="primary"
                  disabled={judging.isPending || problem !== undefined || tried.messages === undefined}
                  onClick={() => judging.mutate()}
                >
                  {judging.isPending ? 'Judging…' : 'Judge this'}
                </Button>
              )}
              <p className="text-xs text-muted">
                {problem ?? 'As the judge stands here, saved or not. One call of the model; nothing is kept.'}
              </p>
            </div>
            {judging.error && <Failure error={judging.error} />}
            {judging.data && (
              <div role="status" className="flex flex-col gap-1">
                <p>
                  <Badge tone="accent">{String(judging.data.answer)}</Badge>
                </p>
                <p className="max-h-40 overflow-y-auto break-words whitespace-pre-wrap">
                  {judging.data.analysis}
                </p>
              </div>
            )}
          </div>
          <Tabs label="What is judged" tabs={tabs} value={tab} onValueChange={setTab} />
        </>
      ) : (
        <Empty title="Try the judge on a conversation">
          <p>Choose one above: a recent event, one by its id, or a record of a dataset.</p>
        </Empty>
      )}
    </section>
  )
}

function TriedConversation({ tried }: { tried: Tried }) {
  if (tried.error) return <Failure error={tried.error} onRetry={tried.retry} />
  if (!tried.messages) return <Loading />
  return (
    <div className="px-4">
      <ConversationView messages={tried.messages} />
    </div>
  )
}

/** The messages that the judge's model is sent, as the server writes them. */
function PromptPreview({ draft, tried }: { draft: JudgeDraft; tried: Tried }) {
  const settled = useSettled(draft)
  const output = answersOf(settled)
  const problem = outputProblem(output)
  const result = useQuery({
    ...query('previewJudgePrompt', {
      body: { instructions: settled.instructions, output, ...tried.source },
    }),
    enabled: tried.messages !== undefined && problem === undefined,
    placeholderData: keepPreviousData,
  })
  if (tried.error) return <Failure error={tried.error} onRetry={tried.retry} />
  if (problem) return <Empty title={problem} />
  if (result.error) return <Failure error={result.error} />
  if (!result.data) return <Loading />
  const { system, user, estimated_tokens } = result.data
  return (
    <div className="flex flex-col gap-3 p-4">
      <p className="text-xs text-muted">
        Exactly what is sent, apart from the schema of the answer: about {counted(estimated_tokens, 'token')}.
      </p>
      <PromptMessage label="System message" text={system} />
      <PromptMessage label="User message" text={user} />
    </div>
  )
}

function PromptMessage({ label, text }: { label: string; text: string }) {
  return (
    <div className="flex flex-col gap-1 [&_pre]:break-words [&_pre]:whitespace-pre-wrap">
      <h2 className="text-xs font-medium text-muted">{label}</h2>
      <CodeBlock code={text} label={label} />
    </div>
  )
}

/** A value once it has not changed for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}
