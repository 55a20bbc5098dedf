import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { query } from '../api/query.ts'
import { TemplateEditor } from '../code/template-editor.tsx'
import { Field } from '../components/field.tsx'
import { Input } from '../components/input.tsx'
import type { JudgeDraft } from './judge-draft.ts'
import { OutputEditor } from './output-editor.tsx'
import { judgeVariables } from './template-variables.ts'

/** What the server, or the studio, has against parts of a draft. */
export type FieldErrors = Partial<
  Record<'name' | 'description' | 'model_name' | 'instructions' | 'output', string>
>

/** The parts of a judge, to be written. */
export function JudgeForm({
  draft,
  onChange,
  errors,
  disabled,
}: {
  draft: JudgeDraft
  onChange: (changes: Partial<JudgeDraft>) => void
  errors: FieldErrors
  disabled: boolean
}) {
  const models = useQuery({ ...query('listModels', { query: {} }), staleTime: 60_000, retry: false })
  const list = useId()
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div className="grid grid-cols-2 gap-4">
        <Field label="Name" error={errors.name}>
          <Input
            value={draft.name}
            maxLength={50}
            disabled={disabled}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        </Field>
        <Field
          label="Model"
          error={errors.model_name}
          hint={models.error ? 'The provider does not list its models; any name can be given.' : undefined}
        >
          <Input
            value={draft.model_name}
            list={list}
            maxLength={500}
            disabled={disabled}
            autoComplete="off"
            className="font-mono"
            onChange={(event) => onChange({ model_name: event.target.value })}
          />
        </Field>
        <datalist id={list}>
          {models.data?.data?.map(({ id }) => (
            <option key={String(id)} value={String(id)} />
          ))}
        </datalist>
      </div>
      <Field label="Description" error={errors.description}>
        <Input
          value={draft.description}
          maxLength={500}
          disabled={disabled}
          onChange={(event) => onChange({ description: event.target.value })}
        />
      </Field>
      <div className="flex flex-col gap-1.5">
        <TemplateEditor
          label="Instructions"
          value={draft.instructions}
          {...(disabled ? {} : { onChange: (instructions: string) => onChange({ instructions }) })}
          variables={judgeVariables}
          lines={[8, 28]}
          error={errors.instructions}
        />
        <Variables />
      </div>
      <OutputEditor draft={draft} onChange={onChange} error={errors.output} disabled={disabled} />
    </div>
  )
}

function Variables() {
  return (
    <details className="rounded-md border border-line bg-surface px-3 py-1.5 text-xs">
      <summary className="cursor-pointer font-medium text-muted">
        A Jinja template. What it can name; typing {'{{ '} completes
      </summary>
      <dl className="mt-1.5 grid grid-cols-[max-content_1fr] gap-x-3 gap-y-0.5">
        {judgeVariables.map(({ name, holds }) => (
          <div key={name} className="contents">
            <dt className="font-mono text-accent">{name}</dt>
            <dd className="text-muted">{holds}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-1.5 text-muted">
        Instructions that name no part of the conversation get all of it at their end; those without
        answer_type_definition get that as well.
      </p>
    </details>
  )
}
