import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { query } from '../api/query.ts'
import { Choice } from '../choices/choice.tsx'
import { registrations, registrationThing } from '../choices/named-things.ts'
import { Badge } from '../components/badge.tsx'
import { Field } from '../components/field.tsx'
import { JsonView } from '../components/json-view.tsx'
import { Card } from '../components/page.tsx'
import { Empty, Loading } from '../components/states.tsx'
import { duration } from '../formats/durations.ts'
import type { JsonSchema } from '../schema-form/json-schema.ts'
import { SchemaView } from '../schema-form/schema-view.tsx'
import { currentOf, type Registration, useRegistrations } from './registrations-query.ts'
import type { Workflow } from './workflow.ts'

const route = getRouteApi('/shell/workflows/$workflowName')

/** What a workflow's code declares: the newest that a worker runs, or an earlier one. */
export function WorkflowDefinition({ workflow }: { workflow: Workflow }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { all, activeIds, isReady } = useRegistrations(workflow.id)
  // Among the newest it may be no more.
  const chosen = useQuery({
    ...query('getWorkflowRegistration', {
      params: { workflow_registration_id: search.registration ?? '' },
      query: {},
    }),
    enabled: search.registration !== undefined,
    placeholderData: keepPreviousData,
  })
  if (!isReady || chosen.isLoading) return <Loading />
  const named = search.registration === undefined ? undefined : chosen.data?.workflow_registration
  const shown =
    (named?.workflow_id === workflow.id && named) ||
    currentOf(all.data?.workflow_registrations ?? [], activeIds)
  if (!shown) return <Empty title="No deployment has registered this workflow." />
  return (
    <div className="flex max-w-5xl flex-col gap-4 p-6">
      <Field label="Registration">
        <Choice
          className="w-full max-w-xl"
          words="The newest"
          mayBeNone
          things={registrations(workflow.id, activeIds)}
          chosen={registrationThing(shown, activeIds)}
          onChoose={(thing) => navigate({ search: { ...search, registration: thing?.id } })}
        />
      </Field>
      <Definition registration={shown} />
    </div>
  )
}

function Definition({ registration: { id, definition } }: { registration: Registration }) {
  return (
    <div key={id} className="flex flex-col gap-4">
      <Card title="Input">
        <SchemaView schema={definition.input_schema} label="Input" />
      </Card>
      <Card title="Output">
        <SchemaView schema={definition.output_schema} label="Output" />
      </Card>
      <Handlers title="Signals" handlers={definition.signals} none="Nothing can be sent to it." />
      <Handlers title="Queries" handlers={definition.queries} none="It cannot be asked for anything." />
      <Handlers title="Updates" handlers={definition.updates} none="Nothing of it can be changed." />
      <Card title="Limits">
        <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1">
          <dt className="text-muted">An execution may take</dt>
          <dd>{duration(definition.execution_timeout * 1_000)} in all</dd>
          <dt className="text-muted">Determinism is enforced</dt>
          <dd>{definition.enforce_determinism ? 'yes' : 'no'}</dd>
        </dl>
        {definition.plugin_metadata && (
          <div className="mt-3">
            <JsonView value={definition.plugin_metadata} label="What plugins say" />
          </div>
        )}
      </Card>
    </div>
  )
}

interface Handler {
  readonly name: string
  readonly description: string | null
  readonly input_schema: JsonSchema
  readonly output_schema?: JsonSchema | null
}

function Handlers({ title, handlers, none }: { title: string; handlers: readonly Handler[]; none: string }) {
  return (
    <Card title={title} actions={handlers.length > 0 && <Badge>{handlers.length}</Badge>}>
      {handlers.length === 0 ? (
        <p className="text-muted">{none}</p>
      ) : (
        <ul className="flex flex-col gap-5">
          {handlers.map((handler) => (
            <li key={handler.name} className="flex flex-col gap-1">
              <h3 className="font-mono font-medium">{handler.name}</h3>
              {handler.description && <p className="whitespace-pre-wrap text-muted">{handler.description}</p>}
              <SchemaView schema={handler.input_schema} label={`What ${handler.name} takes`} />
              {handler.output_schema && (
                <>
                  <h4 className="mt-1 text-xs font-medium text-muted">Answers</h4>
                  <SchemaView schema={handler.output_schema} label={`What ${handler.name} answers`} />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
