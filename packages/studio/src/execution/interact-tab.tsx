import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call, type Output } from '../api/call.ts'
import { query, refresh } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { Input } from '../components/input.tsx'
import { JsonView } from '../components/json-view.tsx'
import { Card } from '../components/page.tsx'
import { Empty, Loaded } from '../components/states.tsx'
import { say } from '../components/toasts.tsx'
import { SchemaForm } from '../schema-form/schema-form.tsx'
import { useMay } from '../session/session.ts'
import type { ShownExecution } from './use-execution.ts'

type Definition = Output<'listWorkflowRegistrations'>['workflow_registrations'][number]['definition']
type Handler = { name: string; description: string | null; input_schema: Record<string, unknown> }

const KINDS = {
  signals: { label: 'Signals', one: 'Signal', verb: 'Send' },
  queries: { label: 'Queries', one: 'Query', verb: 'Ask' },
  updates: { label: 'Updates', one: 'Update', verb: 'Update' },
} as const
type Kind = keyof typeof KINDS

const OperationOf = {
  signals: 'signalExecution',
  queries: 'queryExecution',
  updates: 'updateExecution',
} as const

/** Signals, queries and updates of an open execution, as its workflow declares them. */
export function InteractTab({ execution }: { execution: ShownExecution }) {
  const { run } = execution
  const registrations = useQuery({
    ...query('listWorkflowRegistrations', {
      query: {
        workflow_id: run.workflow_id ?? undefined,
        task_queue: run.deployment_name ?? undefined,
        limit: 1,
      },
    }),
    enabled: run.workflow_id !== null,
    staleTime: 60_000,
  })
  if (!execution.isNewest || !execution.isOpen)
    return (
      <Empty title={execution.isNewest ? 'The execution has ended' : 'This run has been followed by another'}>
        <p>
          Signals, queries and updates reach the newest run of an execution, while it is open.
          {execution.isNewest ? ' Reset the execution to an earlier point to let it go on from there.' : ''}
        </p>
      </Empty>
    )
  if (run.workflow_id === null) return <Handlers execution={execution} definition={undefined} />
  return (
    <Loaded result={registrations}>
      {({ workflow_registrations: [newest] }) => (
        <Handlers execution={execution} definition={newest?.definition} />
      )}
    </Loaded>
  )
}

function Handlers({
  execution,
  definition,
}: {
  execution: ShownExecution
  definition: Definition | undefined
}) {
  const mayWrite = useMay('write')
  const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => mayWrite || kind === 'queries')
  const declared = kinds.flatMap((kind) =>
    (definition?.[kind] ?? []).map((handler) => ({
      key: `${kind} ${handler.name}`,
      kind,
      handler: handler as Handler,
    })),
  )
  // By its name: a definition that is read again may declare others before it.
  const [chosenKey, choose] = useState(declared[0]?.key)
  const chosen = declared.find(({ key }) => key === chosenKey)
  return (
    <div className="grid grid-cols-[14rem_minmax(0,1fr)] gap-6 p-6">
      <nav aria-label="Handlers">
        {kinds.map((kind) => {
          const own = declared.filter((one) => one.kind === kind)
          return (
            <div key={kind} className="mb-4">
              <p className="mb-1 text-xs font-medium text-muted">{KINDS[kind].label}</p>
              {own.length === 0 && <p className="px-2 text-xs text-muted">none declared</p>}
              {own.map(({ key, handler }) => (
                <HandlerButton
                  key={key}
                  isChosen={key === chosen?.key}
                  onClick={() => choose(key)}
                  label={handler.name}
                />
              ))}
            </div>
          )
        })}
        <HandlerButton isChosen={!chosen} onClick={() => choose(undefined)} label="Any other, by name" />
      </nav>
      <div className="min-w-0 max-w-3xl">
        {chosen ? (
          <HandlerForm
            key={chosen.key}
            executionId={execution.executionId}
            kind={chosen.kind}
            handler={chosen.handler}
          />
        ) : (
          <OtherHandler executionId={execution.executionId} kinds={kinds} />
        )}
      </div>
    </div>
  )
}

function HandlerButton({
  isChosen,
  onClick,
  label,
}: {
  isChosen: boolean
  onClick: () => void
  label: string
}) {
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={onClick}
      className={`block w-full truncate rounded-md px-2 py-1 text-left ${isChosen ? 'bg-accent-soft font-medium text-accent' : 'hover:bg-sunken'}`}
    >
      {label}
    </button>
  )
}

/** Sends to a handler, and shows what it answers. */
function useHandler(executionId: string, kind: Kind) {
  const [answer, setAnswer] = useState<{ value: unknown; at: number }>()
  const send = async (name: string, input: unknown) => {
    const result = await call(OperationOf[kind], {
      params: { execution_id: executionId },
      body: { name, input: (input ?? null) as Record<string, unknown> | null },
    })
    if ('result' in result) setAnswer({ value: result.result, at: Date.now() })
    if (kind === 'signals') say(`The signal “${name}” was sent.`)
    if (kind !== 'queries') await refresh('getRunDetails', 'getExecution')
  }
  return { answer, send }
}

function HandlerForm({ executionId, kind, handler }: { executionId: string; kind: Kind; handler: Handler }) {
  const { answer, send } = useHandler(executionId, kind)
  return (
    <Card title={`${KINDS[kind].one} ${handler.name}`}>
      {handler.description && <p className="mb-3 text-muted">{handler.description}</p>}
      <SchemaForm
        schema={handler.input_schema}
        label="Input"
        action={KINDS[kind].verb}
        onSubmit={(value) => send(handler.name, value)}
      />
      {answer && <Answer key={answer.at} value={answer.value} />}
    </Card>
  )
}

function Answer({ value }: { value: unknown }) {
  return (
    <section className="mt-4" aria-live="polite">
      <h3 className="mb-1 text-xs font-medium text-muted">Answer</h3>
      <JsonView value={value ?? null} label="Answer" />
    </section>
  )
}

const ANYTHING = { type: 'object', additionalProperties: true }

function OtherHandler({ executionId, kinds }: { executionId: string; kinds: readonly Kind[] }) {
  const [kind, setKind] = useState<Kind>(kinds[0]!)
  const [name, setName] = useState('')
  const { answer, send } = useHandler(executionId, kind)
  return (
    <Card title="Any other">
      <p className="mb-3 text-muted">
        For handlers that are not declared, such as those of a plain Temporal worker.
      </p>
      <div className="mb-4 flex items-end gap-3">
        <fieldset className="flex gap-1">
          <legend className="mb-1 font-medium">Kind</legend>
          {kinds.map((one) => (
            <Button
              key={one}
              variant={one === kind ? 'primary' : 'secondary'}
              aria-pressed={one === kind}
              onClick={() => setKind(one)}
            >
              {KINDS[one].one}
            </Button>
          ))}
        </fieldset>
        <div className="flex-1">
          <Field label="Name">
            <Input value={name} onChange={({ target }) => setName(target.value)} required maxLength={255} />
          </Field>
        </div>
      </div>
      <SchemaForm
        key={kind}
        schema={ANYTHING}
        label="Input"
        action={KINDS[kind].verb}
        onSubmit={async (value) => {
          if (name === '') throw new Error('Which one? It has no name yet.')
          await send(name, value)
        }}
      />
      {answer && <Answer key={answer.at} value={answer.value} />}
    </Card>
  )
}
