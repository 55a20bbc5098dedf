import {
  ADDITIONAL_PROPERTY_FLAG,
  type ArrayFieldItemTemplateProps,
  type ArrayFieldTemplateProps,
  type CyclicSchemaExpandProps,
  canExpand,
  type DescriptionFieldProps,
  type FieldErrorProps,
  type FieldTemplateProps,
  type MultiSchemaFieldTemplateProps,
  type ObjectFieldTemplateProps,
  type OptionalDataControlsTemplateProps,
  type WrapIfAdditionalTemplateProps,
} from '@rjsf/utils'
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '../components/button.tsx'
import { Input } from '../components/input.tsx'

/** The text of a schema's description is text, whatever is in it. */
function words(description: unknown): string {
  return typeof description === 'string' ? description : ''
}

export function FieldTemplate(props: FieldTemplateProps) {
  const { id, label, displayLabel, required, rawDescription, errors, children, hidden, schema } = props
  if (hidden) return <div hidden>{children}</div>
  const isBoolean = schema.type === 'boolean' && !schema.enum
  return (
    <WrapIfAdditionalTemplate {...props}>
      <div className="flex flex-col gap-1">
        {displayLabel && !isBoolean && (
          <label htmlFor={id} className="font-medium">
            {label}
            {!required && <span className="ml-1.5 text-xs font-normal text-muted">optional</span>}
          </label>
        )}
        {children}
        {displayLabel && words(rawDescription) && (
          <p id={`${id}-text`} className="text-xs whitespace-pre-wrap text-muted">
            {words(rawDescription)}
          </p>
        )}
        {errors}
      </div>
    </WrapIfAdditionalTemplate>
  )
}

export function FieldErrorTemplate({ errors = [], fieldPathId }: FieldErrorProps) {
  if (errors.length === 0) return null
  return (
    <p id={`${fieldPathId.$id}-error`} className="text-xs text-bad">
      {errors.map(String).join('; ')}
    </p>
  )
}

function Group({
  id,
  title,
  description,
  isRoot,
  control,
  children,
}: {
  id: string
  title: string
  description: string
  isRoot: boolean
  control?: ReactNode
  children: ReactNode
}) {
  return (
    <fieldset
      id={id}
      className={isRoot ? 'flex min-w-0 flex-col gap-4' : 'min-w-0 rounded-md border border-line px-4 pb-4'}
    >
      <legend className={isRoot ? 'sr-only' : 'flex items-center gap-2 px-1 font-medium'}>
        <span className="min-w-0 wrap-anywhere">{title || 'Input'}</span>
        {!isRoot && control}
      </legend>
      {isRoot && control && <div>{control}</div>}
      {description && (
        <p className={`text-xs whitespace-pre-wrap text-muted ${isRoot ? '' : 'mb-3'}`}>{description}</p>
      )}
      {isRoot ? children : <div className="flex flex-col gap-4">{children}</div>}
    </fieldset>
  )
}

export function ObjectFieldTemplate(props: ObjectFieldTemplateProps) {
  const { fieldPathId, title, description, properties, schema, uiSchema, formData, onAddProperty } = props
  if ((schema.oneOf || schema.anyOf) && !schema.properties && properties.length === 0) return null
  const place = fieldPathId.path.at(-1)
  return (
    <Group
      id={fieldPathId.$id}
      title={typeof place === 'number' ? String(place + 1) : title}
      description={words(description)}
      isRoot={place === undefined}
      control={props.optionalDataControl}
    >
      {properties.map(({ content, hidden, name }) => (hidden ? null : <div key={name}>{content}</div>))}
      {canExpand(schema, uiSchema, formData) && (
        <Button size="small" className="self-start" onClick={onAddProperty}>
          <Plus aria-hidden /> Add a property
        </Button>
      )}
    </Group>
  )
}

export function ArrayFieldTemplate(props: ArrayFieldTemplateProps) {
  const { fieldPathId, title, schema, items, canAdd, onAddClick, disabled, readonly, optionalDataControl } =
    props
  return (
    <Group
      id={fieldPathId.$id}
      title={title}
      description={words(schema.description)}
      isRoot={false}
      control={optionalDataControl}
    >
      {items}
      {canAdd && (
        <Button size="small" className="self-start" disabled={disabled || readonly} onClick={onAddClick}>
          <Plus aria-hidden /> Add to {title || 'the list'}
        </Button>
      )}
    </Group>
  )
}

export function ArrayFieldItemTemplate({
  children,
  index,
  hasToolbar,
  buttonsProps,
}: ArrayFieldItemTemplateProps) {
  const { hasMoveDown, hasMoveUp, hasRemove, onMoveDownItem, onMoveUpItem, onRemoveItem, disabled } =
    buttonsProps
  const place = index + 1
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1">{children}</div>
      {hasToolbar && (
        <div className="flex pt-6">
          {(hasMoveUp || hasMoveDown) && (
            <>
              <Button
                variant="quiet"
                size="icon"
                aria-label={`Move ${place} up`}
                disabled={disabled || !hasMoveUp}
                onClick={onMoveUpItem}
              >
                <ArrowUp />
              </Button>
              <Button
                variant="quiet"
                size="icon"
                aria-label={`Move ${place} down`}
                disabled={disabled || !hasMoveDown}
                onClick={onMoveDownItem}
              >
                <ArrowDown />
              </Button>
            </>
          )}
          {hasRemove && (
            <Button
              variant="quiet"
              size="icon"
              aria-label={`Remove ${place}`}
              disabled={disabled}
              onClick={onRemoveItem}
            >
              <X />
            </Button>
          )}
        </div>
      )}
    </div>
  )
}

export function MultiSchemaFieldTemplate({ selector, optionSchemaField }: MultiSchemaFieldTemplateProps) {
  return (
    <div className="flex flex-col gap-3">
      {selector}
      {optionSchemaField}
    </div>
  )
}

/** A property whose name is the user's own can be renamed and removed. */
export function WrapIfAdditionalTemplate(props: WrapIfAdditionalTemplateProps) {
  const { id, label, schema, children, onKeyRenameBlur, onRemoveProperty, disabled } = props
  if (!(ADDITIONAL_PROPERTY_FLAG in schema)) return children
  return (
    <div className="flex items-end gap-2">
      <div className="flex w-1/3 flex-col gap-1">
        <label htmlFor={`${id}-key`} className="font-medium">
          Name
        </label>
        <Input
          id={`${id}-key`}
          key={label}
          defaultValue={label}
          onBlur={onKeyRenameBlur}
          disabled={disabled}
        />
      </div>
      <div className="min-w-0 flex-1">{children}</div>
      <Button
        variant="quiet"
        size="icon"
        aria-label={`Remove ${label}`}
        disabled={disabled}
        onClick={onRemoveProperty}
      >
        <X />
      </Button>
    </div>
  )
}

export function OptionalDataControlsTemplate({
  id,
  label,
  onAddClick,
  onRemoveClick,
}: OptionalDataControlsTemplateProps) {
  const action = onAddClick ?? onRemoveClick
  if (!action) return <em id={id}>{label}</em>
  return (
    <Button id={id} variant="quiet" size="small" onClick={action}>
      {onAddClick ? <Plus aria-hidden /> : <X aria-hidden />} {onAddClick ? 'Fill in' : 'Leave out'}
    </Button>
  )
}

/** A schema that holds itself goes on only as far as it is opened. */
export function CyclicSchemaExpandTemplate({ fieldPathId, name, onExpand }: CyclicSchemaExpandProps) {
  return (
    <Button size="small" className="self-start" onClick={() => onExpand(fieldPathId.$id)}>
      <Plus aria-hidden /> Fill in {name}
    </Button>
  )
}

export function DescriptionFieldTemplate({ id, description }: DescriptionFieldProps) {
  const text = words(description)
  if (!text) return null
  return (
    <p id={id} className="text-xs whitespace-pre-wrap text-muted">
      {text}
    </p>
  )
}

export function UnsupportedFieldTemplate() {
  return <p className="text-xs text-muted">This part can be edited as JSON only.</p>
}
