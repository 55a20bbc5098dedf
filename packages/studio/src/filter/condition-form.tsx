import { useQuery } from '@tanstack/react-query'
import type { FilterCondition, FilterOperator } from '@tramontane/contract/filter'
import { checkCondition, definitionFinder } from '@tramontane/contract/filter-check'
import { type FormEvent, useId, useMemo, useState } from 'react'
import { query } from '../api/query.ts'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { Input, Select } from '../components/input.tsx'
import { OPERATOR_NAMES } from './filter-completion.ts'
import type { FilterFields } from './filter-fields.ts'

/** One condition as a form. @param initial the condition to change; a new one if absent */
export function ConditionForm({
  fields: { field_definitions: fields, field_groups: groups },
  initial,
  onSubmit,
}: {
  fields: FilterFields
  initial?: FilterCondition | undefined
  onSubmit: (condition: FilterCondition) => void
}) {
  const list = useId()
  const [name, setName] = useState(initial?.field ?? 'status')
  const [op, setOp] = useState<FilterOperator>(initial?.op ?? 'eq')
  const [value, setValue] = useState(initial?.value === undefined ? '' : String(initial.value))
  const [error, setError] = useState<string>()
  const definition = useMemo(() => definitionFinder(fields), [fields])(name)
  const operators = definition?.supported_operators ?? []
  const operator = operators.includes(op) ? op : (operators[0] ?? 'eq')
  const options = useQuery({
    ...query('listFieldOptions', { params: { field_name: name }, query: { operator } }),
    enabled: definition !== undefined,
    staleTime: 60_000,
  })
  const isKnown = fields.some((field) => field.name === name)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    // A form inside another one's popover must not be taken for that one's.
    event.stopPropagation()
    const condition = {
      field: name,
      op: operator,
      value: operator === 'isnull' && value === '' ? true : value,
    }
    const checked = checkCondition(condition, definition)
    if (checked.kind === 'problem') setError(checked.message)
    else onSubmit({ ...condition, value: checked.value })
  }

  return (
    <form onSubmit={submit} className="flex w-72 flex-col gap-3">
      <Field label="Field">
        <Select value={name} onChange={(event) => setName(event.target.value)}>
          {!isKnown && <option value={name}>{name}</option>}
          {groups.map((group) => {
            const members = fields.filter((field) => field.group === group.name)
            return members.length === 0 ? null : (
              <optgroup key={group.name} label={group.label}>
                {members.map((field) => (
                  <option key={field.name} value={field.name}>
                    {field.label}
                  </option>
                ))}
              </optgroup>
            )
          })}
        </Select>
      </Field>
      <Field label="Operator">
        <Select value={operator} onChange={(event) => setOp(event.target.value as FilterOperator)}>
          {operators.map((one) => (
            <option key={one} value={one}>
              {OPERATOR_NAMES[one]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Value" error={error}>
        <Input
          list={list}
          value={value}
          autoComplete="off"
          placeholder={operator === 'isnull' ? 'true' : ''}
          onChange={(event) => {
            setValue(event.target.value)
            setError(undefined)
          }}
        />
      </Field>
      <datalist id={list}>
        {options.data?.options?.map((option) => (
          <option key={String(option)} value={String(option)} />
        ))}
      </datalist>
      <Button type="submit" variant="primary">
        {initial ? 'Change' : 'Add'}
      </Button>
    </form>
  )
}
