import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { exactQuery, query, refresh } from '../api/query.ts'
import { WorkflowChoice } from '../choices/workflow-choice.tsx'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Input, Select } from '../components/input.tsx'
import { Loaded, Loading } from '../components/states.tsx'
import { say } from '../components/toasts.tsx'
import type { JsonSchema } from '../schema-form/json-schema.ts'
import { SchemaInput } from '../schema-form/schema-form.tsx'
import { useSchemaInput } from '../schema-form/schema-input.ts'
import { currentOf, useRegistrations } from '../workflows/registrations-query.ts'
import {
  type DraftDefinition,
  type DraftMistakes,
  definitionOf,
  draftOf,
  newDraft,
} from './schedule-draft.ts'
import type { Schedule } from './schedule-state.tsx'
import { ScheduleTimesFields } from './schedule-times-fields.tsx'

const ANY: JsonSchema = {}

/**
 * Makes a schedule, or changes one.
 * @param id of the one that is changed; a new one unless given
 * @param onClose gets the id of what was saved
 */
export function ScheduleEditor({
  id,
  workflowName,
  onClose,
}: {
  id: string | undefined
  workflowName: string | undefined
  onClose: (saved?: string) => void
}) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      side="right"
      title={id ? `Change “${id}”` : 'New schedule'}
    >
      {id ? <Existing id={id} onClose={onClose} /> : <New workflowName={workflowName} onClose={onClose} />}
    </Dialog>
  )
}

function Existing({ id, onClose }: { id: string; onClose: (saved?: string) => void }) {
  const result = useQuery({
    ...exactQuery('getSchedule', { params: { schedule_id: id } }),
    // As it is now: a form keeps what it began with, and what is known may be older than the last change.
    staleTime: 0,
    refetchOnWindowFocus: false,
  })
  if (result.data && !result.isFetchedAfterMount) return <Loading />
  return (
    <Loaded result={result}>
      {(schedule) => (
        <ForWorkflow workflowName={schedule.workflow_name} schedule={schedule} onClose={onClose} />
      )}
    </Loaded>
  )
}

function New({
  workflowName,
  onClose,
}: {
  workflowName: string | undefined
  onClose: (saved?: string) => void
}) {
  const [chosen, setChosen] = useState(workflowName)
  return (
    <div className="flex flex-col gap-4">
      <Field label="Workflow">
        <WorkflowChoice words="Choose a workflow" value={chosen} onChange={setChosen} />
      </Field>
      {chosen && <ForWorkflow key={chosen} workflowName={chosen} onClose={onClose} />}
    </div>
  )
}

/** Waits for what the workflow declares. A workflow that nobody registered may have a schedule too. */
function ForWorkflow(props: {
  workflowName: string
  schedule?: Schedule
  onClose: (saved?: string) => void
}) {
  const workflow = useQuery({
    ...query('getWorkflow', { params: { workflow_identifier: props.workflowName } }),
    retry: false,
  })
  if (workflow.isPending) return <Loading />
  if (!workflow.data) return <Form {...props} schema={ANY} deployments={[]} />
  return <ForRegistrations {...props} workflowId={workflow.data.workflow.id} />
}

function ForRegistrations({
  workflowId,
  ...props
}: {
  workflowId: string
  workflowName: string
  schedule?: Schedule
  onClose: (saved?: string) => void
}) {
  const { all, activeIds, isReady } = useRegistrations(workflowId)
  if (!isReady) return <Loading />
  const registrations = all.data?.workflow_registrations ?? []
  const current =
    registrations.find(({ deployment_name }) => deployment_name === props.schedule?.deployment_name) ??
    currentOf(registrations, activeIds)
  return (
    <Form
      {...props}
      schema={current?.definition.input_schema ?? ANY}
      deployments={[...new Set(registrations.map(({ deployment_name }) => deployment_name))]}
    />
  )
}

function Form({
  workflowName,
  schedule,
  schema: newest,
  deployments,
  onClose,
}: {
  workflowName: string
  schedule?: Schedule
  schema: JsonSchema
  deployments: readonly string[]
  onClose: (saved?: string) => void
}) {
  // A worker that registers while one types must not take away what was typed.
  const [schema] = useState(newest)
  const [draft, setDraft] = useState(() =>
    schedule ? draftOf(schedule) : newDraft(Intl.DateTimeFormat().resolvedOptions().timeZone),
  )
  const input = useSchemaInput(schema, schedule ? (schedule.input ?? {}) : undefined)
  const [scheduleId, setScheduleId] = useState('')
  const [deployment, setDeployment] = useState('')
  const [mistakes, setMistakes] = useState<DraftMistakes>({})
  const [error, setError] = useState<Error>()
  const saving = useMutation({
    mutationFn: async (definition: DraftDefinition & { input: unknown }) => {
      if (!schedule) {
        const made = await call('createSchedule', {
          body: {
            workflow_identifier: workflowName,
            schedule_id: scheduleId.trim() || null,
            deployment_name: deployment || null,
            schedule: definition,
          },
        })
        return made.schedule_id
      }
      // Executions that are left are counted anew, so they are only sent when they were changed.
      const { max_executions, ...rest } = definition
      const isCounted = max_executions !== schedule.remaining_executions
      await call('updateSchedule', {
        params: { schedule_id: schedule.schedule_id },
        body: { schedule: isCounted ? definition : rest },
      })
      return schedule.schedule_id
    },
    onSuccess: async () => {
      await refresh('listSchedules', 'getSchedule')
      say(schedule ? 'Changed.' : 'Made.')
    },
    onError: (failure) => {
      if (!input.blame(failure)) setError(failure)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (saving.isPending) return
    setError(undefined)
    const made = definitionOf(draft)
    setMistakes('mistakes' in made ? made.mistakes : {})
    // What was not touched stays as it is: it may be encoded, and need not fit a newer schema.
    const read = schedule && !input.isTouched() ? { value: undefined } : input.read()
    if ('mistakes' in made || !read) return
    // Whoever has left by then is not led to it.
    saving.mutate({ ...made.definition, input: read.value }, { onSuccess: onClose })
  }
  const code = error instanceof ApiError ? error.code : null
  return (
    <form noValidate className="flex flex-col gap-4" onSubmit={submit}>
      {!schedule && (
        <Field
          label="Name"
          hint="Made up if you leave it empty. The ids of executions begin with it."
          error={code === 'WF_1202' ? error!.message : undefined}
        >
          <Input
            value={scheduleId}
            maxLength={200}
            placeholder="every-night"
            onChange={({ target }) => setScheduleId(target.value)}
          />
        </Field>
      )}
      {!schedule && deployments.length > 1 && (
        <Field
          label="Deployment"
          hint="Several run this workflow."
          error={code === 'DEPLOYMENT_AMBIGUOUS' ? error!.message : undefined}
        >
          <Select value={deployment} onChange={({ target }) => setDeployment(target.value)}>
            <option value="">The only one that is active</option>
            {deployments.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        </Field>
      )}
      <ScheduleTimesFields draft={draft} onChange={setDraft} mistakes={mistakes} />
      <SchemaInput input={input} />
      {error && code !== 'WF_1202' && code !== 'DEPLOYMENT_AMBIGUOUS' && (
        <p role="alert" className="text-bad">
          {error.message}
        </p>
      )}
      <DialogActions>
        <Button onClick={() => onClose()}>Go back</Button>
        <Button type="submit" variant="primary" disabled={saving.isPending}>
          {schedule ? 'Save' : 'Make the schedule'}
        </Button>
      </DialogActions>
    </form>
  )
}
