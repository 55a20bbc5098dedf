import { useMutation } from '@tanstack/react-query'
import { useBlocker } from '@tanstack/react-router'
import type { JudgeDefinition } from '@tramontane/contract/judges'
import { type ReactNode, useMemo, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { Button } from '../components/button.tsx'
import { useConfirm } from '../components/confirm.tsx'
import { complain } from '../components/toasts.tsx'
import { useMay } from '../session/session.ts'
import { definitionOf, type JudgeDraft, problemsOf } from './judge-draft.ts'
import { type FieldErrors, JudgeForm } from './judge-form.tsx'
import { TryIt } from './try-it.tsx'

const FIELDS: Readonly<Record<string, keyof FieldErrors>> = {
  JUDGE_NAME_ALREADY_EXISTS: 'name',
  TEMPLATE_SYNTAX_ERROR: 'instructions',
}

/** Where an error of saving belongs; undefined if it is none of a field's. */
function fieldErrorsOf(error: unknown): FieldErrors | undefined {
  if (!(error instanceof ApiError)) return undefined
  const field = FIELDS[error.code ?? '']
  if (field) return { [field]: error.message }
  const issues = error.issues.filter(({ loc }) => loc[0] === 'body')
  if (issues.length === 0) return undefined
  return Object.fromEntries(issues.map(({ loc, msg }) => [String(loc[1]), msg]))
}

/**
 * A judge to be written, beside the conversations on which it is tried.
 * @param save keeps the judge; what it throws is shown next to its field
 */
export function JudgeEditor({
  initial,
  action,
  save,
  readOnly = false,
  notice,
}: {
  initial: JudgeDraft
  action: string
  save: (definition: JudgeDefinition) => Promise<void>
  readOnly?: boolean
  notice?: ReactNode
}) {
  const mayWrite = useMay('write') && !readOnly
  const confirm = useConfirm()
  const [changes, setChanges] = useState<Partial<JudgeDraft>>({})
  const draft = useMemo(() => ({ ...initial, ...changes }), [initial, changes])
  const [errors, setErrors] = useState<FieldErrors>({})
  const isChanged = JSON.stringify(definitionOf(draft)) !== JSON.stringify(definitionOf(initial))
  const change = (more: Partial<JudgeDraft>) => {
    setChanges((before) => ({ ...before, ...more }))
    const touched = Object.keys(more).map((key) => (key in errors ? key : 'output'))
    setErrors((before) =>
      Object.fromEntries(Object.entries(before).filter(([key]) => !touched.includes(key))),
    )
  }
  const saving = useMutation({
    mutationFn: (_: typeof changes) => save(definitionOf(draft)),
    // What was written meanwhile is not saved yet.
    onSuccess: (_, saved) => setChanges((now) => (now === saved ? {} : now)),
    onError: (error) => {
      const found = fieldErrorsOf(error)
      if (found) setErrors(found)
      else complain(error)
    },
  })
  useBlocker({
    shouldBlockFn: async ({ current, next }) => {
      if (!isChanged || saving.isPending || current.pathname === next.pathname) return false
      return !(await confirm({
        title: 'Leave without saving?',
        text: 'What you have changed in this judge is lost.',
        action: 'Leave',
      }))
    },
    enableBeforeUnload: () => isChanged,
  })
  const submit = () => {
    const problems = problemsOf(draft)
    setErrors(problems)
    if (Object.keys(problems).length === 0) saving.mutate(changes)
  }
  return (
    <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_minmax(0,1fr)] divide-x divide-line">
      <form
        aria-label="Judge"
        className="flex min-h-0 flex-col overflow-y-auto"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <div className="flex flex-1 flex-col gap-4 p-4">
          {notice}
          <JudgeForm draft={draft} onChange={change} errors={errors} disabled={!mayWrite} />
        </div>
        {mayWrite && (
          <div className="sticky bottom-0 flex items-center justify-end gap-3 border-t border-line bg-surface px-4 py-2.5">
            {isChanged && <span className="text-xs text-muted">Not saved yet</span>}
            <Button type="submit" variant="primary" disabled={saving.isPending || !isChanged}>
              {saving.isPending ? 'Saving…' : action}
            </Button>
          </div>
        )}
      </form>
      <TryIt draft={draft} />
    </div>
  )
}
