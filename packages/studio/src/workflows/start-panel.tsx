import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { call } from '../api/call.ts'
import { refresh } from '../api/query.ts'
import { Dialog } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Input, Select } from '../components/input.tsx'
import { Empty, Loading } from '../components/states.tsx'
import { say } from '../components/toasts.tsx'
import { SchemaForm } from '../schema-form/schema-form.tsx'
import { currentOf, type Registration, useRegistrations } from './registrations-query.ts'
import type { Workflow } from './workflow.ts'

/** Starts an execution, with an input that fits what the workflow declares, and leads to it. */
export function StartPanel({
  workflow,
  open,
  onOpenChange,
}: {
  workflow: Workflow
  open: boolean
  onOpenChange: (open: boolean) => void
}) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      side="right"
      title={`Start “${workflow.display_name}”`}
      description={workflow.active ? undefined : 'No worker runs it now: the execution waits until one does.'}
    >
      <StartForm workflow={workflow} />
    </Dialog>
  )
}

function StartForm({ workflow }: { workflow: Workflow }) {
  const { all, activeIds, isReady } = useRegistrations(workflow.id)
  const [deployment, setDeployment] = useState('')
  const [executionId, setExecutionId] = useState('')
  if (!isReady) return <Loading />
  const registrations = all.data?.workflow_registrations ?? []
  const active = registrations.filter(({ id }) => activeIds.has(id))
  const candidates = active.length > 0 ? active : registrations
  const deployments = [...new Set(candidates.map(({ deployment_name }) => deployment_name))]
  const registration: Registration | undefined =
    (deployment && candidates.find(({ deployment_name }) => deployment_name === deployment)) ||
    currentOf(registrations, activeIds)
  if (!registration) return <Empty title="No deployment has registered this workflow." />
  return (
    <RegistrationForm
      key={deployment}
      workflow={workflow}
      newest={registration}
      deployments={deployments}
      onDeployment={setDeployment}
      executionId={executionId}
    >
      <Field label="Execution id" hint="Made up if you leave it empty. Letters, digits, - and _.">
        <Input value={executionId} maxLength={255} onChange={({ target }) => setExecutionId(target.value)} />
      </Field>
    </RegistrationForm>
  )
}

function RegistrationForm({
  workflow,
  newest,
  deployments,
  onDeployment,
  executionId,
  children,
}: {
  workflow: Workflow
  newest: Registration
  deployments: readonly string[]
  onDeployment: (name: string) => void
  executionId: string
  children: ReactNode
}) {
  // A worker that registers while one types must not take away what was typed.
  const [registration] = useState(newest)
  const offered = [...new Set([...deployments, registration.deployment_name])]
  const navigate = useNavigate()
  const starting = useMutation({
    mutationFn: (input: unknown) =>
      call('executeWorkflow', {
        params: { workflow_identifier: workflow.name },
        body: {
          input: input as Record<string, unknown>,
          execution_id: executionId.trim() || undefined,
          // Where only one deployment runs it, the server finds it.
          deployment_name: offered.length > 1 ? registration.deployment_name : undefined,
        },
      }),
    onSuccess: () => {
      say('Started.')
      void refresh('listRuns', 'countRuns', 'getWorkflowMetrics')
    },
  })
  const start = (input: unknown) =>
    starting.mutateAsync(input, {
      // Unless one has left by then.
      onSuccess: ({ execution_id: executionId }) =>
        navigate({ to: '/executions/$executionId', params: { executionId } }),
    })
  return (
    <SchemaForm schema={registration.definition.input_schema} action="Start" onSubmit={start}>
      {offered.length > 1 && (
        <Field label="Deployment" hint="Several run this workflow.">
          <Select value={registration.deployment_name} onChange={({ target }) => onDeployment(target.value)}>
            {offered.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        </Field>
      )}
      {children}
    </SchemaForm>
  )
}
