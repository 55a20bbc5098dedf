import { ArrowDown, ArrowUp, Trash2, Wrench } from 'lucide-react'
import { JsonEditor } from '../code/json-editor.tsx'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { Input, Select, Textarea } from '../components/input.tsx'
import { type MessageDraft, type Problem, pretty, ROLES } from './record-draft.ts'

const NEW_CALL = [{ id: 'call_1', type: 'function', function: { name: '', arguments: '{}' } }]
const MAX_ROWS = 24

/** One message of a record: role, content, calls of tools. */
export function MessageEditor({
  draft,
  position,
  of,
  problems,
  onChange,
  onMove,
  onRemove,
}: {
  draft: MessageDraft
  position: number
  of: number
  problems: readonly Problem[]
  onChange: (draft: MessageDraft) => void
  onMove: (by: -1 | 1) => void
  onRemove: () => void
}) {
  const name = `Message ${position}`
  const errorOf = (field: Problem['field']) =>
    problems.find((problem) => problem.key === draft.key && problem.field === field)?.message
  const roles: readonly string[] = ROLES.includes(draft.role as never) ? ROLES : [draft.role, ...ROLES]
  return (
    <li className="flex flex-col gap-2 rounded-lg border border-line bg-surface p-3">
      <div className="flex items-center gap-1">
        <span className="w-8 text-muted tabular-nums">{position}.</span>
        <Select
          aria-label={`Role of message ${position}`}
          className="!w-32"
          value={draft.role}
          onChange={({ target }) => onChange({ ...draft, role: target.value })}
        >
          {roles.map((role) => (
            <option key={role} value={role}>
              {role === '' ? '(none)' : role}
            </option>
          ))}
        </Select>
        <span className="flex-1" />
        {draft.toolCalls === null && (
          <Button
            variant="quiet"
            size="small"
            onClick={() => onChange({ ...draft, toolCalls: pretty(NEW_CALL) })}
          >
            <Wrench aria-hidden /> Tool calls
          </Button>
        )}
        <Button
          variant="quiet"
          size="icon"
          aria-label={`Move message ${position} up`}
          disabled={position === 1}
          onClick={() => onMove(-1)}
        >
          <ArrowUp />
        </Button>
        <Button
          variant="quiet"
          size="icon"
          aria-label={`Move message ${position} down`}
          disabled={position === of}
          onClick={() => onMove(1)}
        >
          <ArrowDown />
        </Button>
        <Button variant="quiet" size="icon" aria-label={`Remove message ${position}`} onClick={onRemove}>
          <Trash2 />
        </Button>
      </div>
      {draft.contentForm === 'text' ? (
        <Textarea
          aria-label={`Content of message ${position}`}
          rows={Math.min(MAX_ROWS, Math.max(2, draft.content.split('\n').length))}
          value={draft.content}
          onChange={({ target }) => onChange({ ...draft, content: target.value })}
        />
      ) : (
        <JsonEditor
          label={`Content of message ${position}, as JSON`}
          hideLabel
          value={draft.content}
          error={errorOf('content')}
          onChange={(content) => onChange({ ...draft, content })}
        />
      )}
      {(draft.role === 'tool' || draft.toolCallId !== null) && (
        <Field label="Answers the call (tool_call_id)">
          <Input
            className="font-mono"
            value={draft.toolCallId ?? ''}
            onChange={({ target }) =>
              onChange({ ...draft, toolCallId: target.value === '' ? null : target.value })
            }
          />
        </Field>
      )}
      {draft.toolCalls !== null && (
        <div className="flex flex-col gap-1">
          <JsonEditor
            label={`${name}: tool calls`}
            value={draft.toolCalls}
            error={errorOf('toolCalls')}
            onChange={(toolCalls) => onChange({ ...draft, toolCalls })}
          />
          <Button
            variant="quiet"
            size="small"
            className="self-start"
            onClick={() => onChange({ ...draft, toolCalls: null })}
          >
            Remove the tool calls
          </Button>
        </div>
      )}
    </li>
  )
}
