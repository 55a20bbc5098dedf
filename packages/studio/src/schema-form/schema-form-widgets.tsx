import {
  enumOptionSelectedValue,
  enumOptionValueDecoder,
  enumOptionValueEncoder,
  type FieldProps,
  getInputProps,
  getOptionValueFormat,
  type WidgetProps,
} from '@rjsf/utils'
import { type ReactNode, useEffect, useState } from 'react'
import { isRoundedByParsing } from '../api/exact-json.ts'
import { Input, Select, Textarea } from '../components/input.tsx'

/** Fields whose text is no JSON, or has numbers that a form would round, by their ids: what they hold cannot be sent. */
export type Unreadable = Map<string, string>

const ROWS_OF_TEXT = '!min-h-8 max-h-80 field-sizing-content resize-y'

function described({ id, rawErrors, schema }: Pick<WidgetProps, 'id' | 'rawErrors' | 'schema'>) {
  const isWrong = (rawErrors?.length ?? 0) > 0
  const ids = [schema.description ? `${id}-text` : '', isWrong ? `${id}-error` : ''].filter(Boolean).join(' ')
  return { 'aria-describedby': ids || undefined, 'aria-invalid': isWrong || undefined }
}

/** Every input of one line. */
export function BaseInput(props: WidgetProps) {
  const { id, value, schema, options, type, onChange, onChangeOverride, onBlur, disabled, readonly } = props
  const { step, min, max, type: kind } = getInputProps(schema, type, options)
  return (
    <Input
      id={id}
      type={kind}
      // Limits are told next to the field when the form is sent, not in the browser's own words.
      step={step === undefined ? undefined : 'any'}
      {...(kind === 'range' ? { step, min, max } : {})}
      value={value ?? ''}
      disabled={disabled}
      readOnly={readonly}
      placeholder={props.placeholder ? props.placeholder : undefined}
      onChange={
        onChangeOverride ??
        (({ target }) => onChange(target.value === '' ? options.emptyValue : target.value))
      }
      onBlur={({ target }) => onBlur(id, target.value)}
      {...described(props)}
    />
  )
}

/** A text of any length: it grows with what is typed. */
export function TextWidget(props: WidgetProps) {
  const { id, value, schema, onChange, options, disabled, readonly } = props
  if (schema.type !== 'string' || schema.format !== undefined) return <BaseInput {...props} />
  return (
    <Textarea
      id={id}
      rows={1}
      className={ROWS_OF_TEXT}
      value={typeof value === 'string' ? value : ''}
      disabled={disabled}
      readOnly={readonly}
      onChange={({ target }) => onChange(target.value === '' ? options.emptyValue : target.value)}
      {...described(props)}
    />
  )
}

export function CheckboxWidget(props: WidgetProps) {
  const { id, value, label, hideLabel, schema, disabled, readonly, onChange } = props
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="flex items-center gap-2 font-medium">
        <input
          id={id}
          type="checkbox"
          className="size-4 accent-accent"
          checked={value === true}
          disabled={disabled || readonly}
          onChange={({ target }) => onChange(target.checked)}
          {...described(props)}
        />
        {hideLabel ? 'yes' : label}
      </label>
      {typeof schema.description === 'string' && (
        <p id={`${id}-text`} className="text-xs whitespace-pre-wrap text-muted">
          {schema.description}
        </p>
      )}
    </div>
  )
}

export function SelectWidget(props: WidgetProps) {
  const { id, value, options, multiple = false, disabled, readonly, onChange, label, hideLabel } = props
  const { enumOptions, emptyValue } = options
  const format = getOptionValueFormat(options)
  const chosen = enumOptionSelectedValue(value, enumOptions, multiple, format, multiple ? [] : '')
  return (
    <Select
      id={id}
      multiple={multiple}
      className={multiple ? 'h-auto py-1' : undefined}
      value={chosen as string | string[]}
      disabled={disabled || readonly}
      aria-label={hideLabel || /__(any|one)of_select$/.test(id) ? `Kind of ${label}` : undefined}
      onChange={({ target }) => {
        const picked = multiple ? [...target.selectedOptions].map((option) => option.value) : target.value
        onChange(enumOptionValueDecoder(picked, enumOptions, format, emptyValue))
      }}
      {...described(props)}
    >
      {!multiple && chosen === '' && <option value="">Choose…</option>}
      {enumOptions?.map(({ value: one, label: text }, i) => (
        <option key={String(one)} value={enumOptionValueEncoder(one, i, format)}>
          {text}
        </option>
      ))}
    </Select>
  )
}

function written(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value, null, 2)
}

/** Anything that has no controls of its own, as JSON. */
export function JsonField(props: FieldProps): ReactNode {
  const { fieldPathId, formData, schema, onChange, rawErrors, registry, disabled, readonly } = props
  const id = fieldPathId.$id
  const { unreadable } = registry.formContext as { unreadable: Unreadable }
  const [text, setText] = useState(() => written(formData))
  const [mistake, setMistake] = useState<string>()
  // What is set from outside replaces what was typed; what was typed stays as it was typed.
  useEffect(() => {
    setText((before) => {
      if (formData === undefined && unreadable.has(id)) return before
      try {
        if (before.trim() !== '' && JSON.stringify(JSON.parse(before)) === JSON.stringify(formData))
          return before
      } catch {
        // What was typed is no JSON.
      }
      return formData === undefined && before.trim() === '' ? before : written(formData)
    })
  }, [formData, unreadable, id])
  useEffect(
    () => () => {
      unreadable.delete(id)
    },
    [unreadable, id],
  )
  const edit = (next: string) => {
    setText(next)
    let value: unknown
    let wrong: string | undefined
    try {
      value = next.trim() === '' ? undefined : JSON.parse(next)
      if (isRoundedByParsing(next))
        wrong = 'A form would round a number of this: enter all of the input as JSON.'
    } catch (error) {
      wrong = `This is not JSON: ${(error as Error).message}`
    }
    setMistake(wrong)
    if (wrong === undefined) unreadable.delete(id)
    else unreadable.set(id, wrong)
    onChange(wrong === undefined ? value : undefined, fieldPathId.path)
  }
  return (
    <>
      <Textarea
        id={id}
        rows={2}
        spellCheck={false}
        className={`${ROWS_OF_TEXT} font-mono text-xs`}
        placeholder="JSON"
        value={text}
        disabled={disabled}
        readOnly={readonly}
        onChange={({ target }) => edit(target.value)}
        {...described({ id, rawErrors: mistake ? [mistake] : rawErrors, schema })}
      />
      {mistake && (
        <p id={`${id}-error`} className="text-xs text-bad">
          {mistake}
        </p>
      )}
    </>
  )
}
