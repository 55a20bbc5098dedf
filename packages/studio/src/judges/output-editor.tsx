import { Plus, Trash2 } from 'lucide-react'
import { Button } from '../components/button.tsx'
import { Input } from '../components/input.tsx'
import { type JudgeDraft, newOption } from './judge-draft.ts'

type Change = (changes: Partial<JudgeDraft>) => void

/** What the judge may answer: one of some classes, or a number. */
export function OutputEditor({
  draft,
  onChange,
  error,
  disabled,
}: {
  draft: JudgeDraft
  onChange: Change
  error?: string | undefined
  disabled: boolean
}) {
  return (
    <fieldset disabled={disabled} className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1 font-medium">Answer</legend>
      <div className="flex gap-4">
        {(
          [
            ['CLASSIFICATION', 'One of these classes'],
            ['REGRESSION', 'A score'],
          ] as const
        ).map(([kind, label]) => (
          <label key={kind} className="flex items-center gap-2">
            <input
              type="radio"
              name="kind"
              checked={draft.kind === kind}
              onChange={() => onChange({ kind })}
              className="accent-accent"
            />
            {label}
          </label>
        ))}
      </div>
      {draft.kind === 'CLASSIFICATION' ? (
        <Classes draft={draft} onChange={onChange} />
      ) : (
        <Range draft={draft} onChange={onChange} />
      )}
      {error && (
        <p role="alert" className="text-xs text-bad">
          {error}
        </p>
      )}
    </fieldset>
  )
}

function Classes({ draft: { options }, onChange }: { draft: JudgeDraft; onChange: Change }) {
  const change = (key: number, changes: { value?: string; description?: string }) =>
    onChange({ options: options.map((one) => (one.key === key ? { ...one, ...changes } : one)) })
  return (
    <>
      <ul className="flex flex-col gap-1.5">
        {options.map(({ key, value, description }, index) => (
          <li key={key} className="flex gap-1.5">
            <Input
              aria-label={`Class ${index + 1}`}
              placeholder="Class"
              className="max-w-40"
              maxLength={500}
              value={value}
              onChange={(event) => change(key, { value: event.target.value })}
            />
            <Input
              aria-label={`When class ${index + 1} is right`}
              placeholder="When it is the right one"
              maxLength={5_000}
              value={description}
              onChange={(event) => change(key, { description: event.target.value })}
            />
            <Button
              variant="quiet"
              size="icon"
              aria-label={`Remove class ${index + 1}`}
              disabled={options.length === 1}
              onClick={() => onChange({ options: options.filter((one) => one.key !== key) })}
            >
              <Trash2 />
            </Button>
          </li>
        ))}
      </ul>
      <Button
        size="small"
        className="self-start"
        onClick={() => onChange({ options: [...options, newOption()] })}
      >
        <Plus aria-hidden /> Add a class
      </Button>
    </>
  )
}

function Range({ draft: { range }, onChange }: { draft: JudgeDraft; onChange: Change }) {
  const change = (changes: Partial<JudgeDraft['range']>) => onChange({ range: { ...range, ...changes } })
  return (
    <div className="flex flex-col gap-1.5">
      {(
        [
          ['min', 'min_description', 'Lowest score', 'What the lowest score means'],
          ['max', 'max_description', 'Highest score', 'What the highest score means'],
        ] as const
      ).map(([end, description, label, meaning]) => (
        <div key={end} className="flex gap-1.5">
          <Input
            aria-label={label}
            placeholder={label}
            inputMode="decimal"
            className="max-w-40 tabular-nums"
            value={range[end]}
            onChange={(event) => change({ [end]: event.target.value })}
          />
          <Input
            aria-label={meaning}
            placeholder={meaning}
            maxLength={5_000}
            value={range[description]}
            onChange={(event) => change({ [description]: event.target.value })}
          />
        </div>
      ))}
    </div>
  )
}
