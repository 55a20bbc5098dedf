import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
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
  const navigate = useNavigate()
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
  const start = async (input: unknown) => {
    const answer = await call('executeWorkflow', {
      params: { workflow_identifier: workflow.name },
      body: {
        input: input as Record<string, unknown>,
        execution_id: executionId.trim() || undefined,
        // Where only one deployment runs it, the server finds it.
        deployment_name: deployments.length > 1 ? registration.deployment_name : undefined,
      },
    })
    say('Started.')
    void refresh('listRuns', 'countRuns', 'getWorkflowMetrics')
    await navigate({ to: '/executions/$executionId', params: { executionId: answer.execution_id } })
  }
  return (
    <SchemaForm
      key={registration.id}
      schema={registration.definition.input_schema}
      action="Start"
      onSubmit={start}
    >
      {deployments.length > 1 && (
        <Field label="Deployment" hint="Several run this workflow.">
          <Select
            value={deployment || registration.deployment_name}
            onChange={({ target }) => setDeployment(target.value)}
          >
            {deployments.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        </Field>
      )}
      <Field label="Execution id" hint="Made up if you leave it empty. Letters, digits, - and _.">
        <Input value={executionId} maxLength={255} onChange={({ target }) => setExecutionId(target.value)} />
      </Field>
    </SchemaForm>
  )
}
