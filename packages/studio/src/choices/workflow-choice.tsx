import { useQuery } from '@tanstack/react-query'
import { query } from '../api/query.ts'
import { Choice } from './choice.tsx'
import { workflows } from './named-things.ts'

/**
 * Chooses a workflow.
 * @param value its name
 * @param deployment only what it has registered
 */
export function WorkflowChoice({
  value,
  onChange,
  deployment,
  ...control
}: {
  value: string | undefined
  onChange: (name: string | undefined) => void
  deployment?: string
  words: string
  mayBeNone?: boolean
  className?: string
  id?: string
  'aria-label'?: string
}) {
  const { data } = useQuery({
    ...query('getWorkflow', { params: { workflow_identifier: value ?? '' } }),
    enabled: value !== undefined,
    // It may be one that nobody has registered.
    retry: false,
  })
  return (
    <Choice
      things={workflows(deployment)}
      chosen={value === undefined ? undefined : { id: value, name: data?.workflow.display_name ?? value }}
      onChoose={(thing) => onChange(thing?.id)}
      empty="Start a worker: it registers its own."
      {...control}
    />
  )
}
