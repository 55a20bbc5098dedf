// Not by the package's front door: that leads to a registry for tests, which wants a validator that compiles code.
import Form from '@rjsf/core/lib/components/Form.js'
import type { ErrorSchema, RJSFSchema, ValidatorType } from '@rjsf/utils'
import { useId, useMemo } from 'react'
import { formSchema } from './form-schema.ts'
import { isRecord, type JsonSchema } from './json-schema.ts'
import { fits, type Problem } from './schema-check.ts'
import * as templates from './schema-form-templates.tsx'
import {
  BaseInput,
  CheckboxWidget,
  JsonField,
  SelectWidget,
  TextWidget,
  type Unreadable,
} from './schema-form-widgets.tsx'

const TEMPLATES = { ...templates, BaseInputTemplate: BaseInput }
const WIDGETS = { TextWidget, CheckboxWidget, SelectWidget, FileWidget: TextWidget, ColorWidget: TextWidget }
const FIELDS = { FallbackField: JsonField }
/** What is optional and has parts of its own is there when it was asked for. */
const UI_SCHEMA = { 'ui:globalOptions': { enableOptionalDataFieldForType: ['object' as const] } }
const DEFAULTS = {
  emptyObjectFields: 'populateRequiredDefaults',
  requiredBooleanDefault: 'populateFalse',
} as const
const NO_CHILDREN = <span hidden />

/** What the form's library asks when it has to choose between alternatives; what is wrong is found by `check`. */
const VALIDATOR: ValidatorType = {
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  rawValidation: () => ({ errors: [] }),
  isValid: (schema, value, root) => fits(schema as JsonSchema, value, root as JsonSchema),
}

/** The controls that a schema asks for; `schema-form.tsx` puts them into a form. */
export default function SchemaFields({
  schema,
  value,
  onChange,
  problems,
  unreadable,
}: {
  schema: JsonSchema
  value: unknown
  onChange: (value: unknown) => void
  problems: readonly Problem[]
  unreadable: Unreadable
}) {
  const id = useId().replaceAll(/\W/g, '')
  const shown = useMemo(() => formSchema(schema), [schema])
  const errors = useMemo(() => errorTree(problems), [problems])
  const context = useMemo(() => ({ unreadable }), [unreadable])
  return (
    <Form
      tagName="div"
      idPrefix={`f${id}`}
      schema={shown as RJSFSchema}
      uiSchema={UI_SCHEMA}
      formData={value}
      formContext={context}
      onChange={({ formData }) => onChange(formData)}
      validator={VALIDATOR}
      templates={TEMPLATES}
      widgets={WIDGETS}
      fields={FIELDS}
      extraErrors={errors}
      experimental_defaultFormStateBehavior={DEFAULTS}
      showErrorList={false}
      noHtml5Validate
      noValidate
    >
      {NO_CHILDREN}
    </Form>
  )
}

function errorTree(problems: readonly Problem[]): ErrorSchema {
  const root: Record<string, unknown> = {}
  for (const { path, message } of problems) {
    let at = root
    for (const part of path) {
      if (part === '__proto__') break
      const below = Object.hasOwn(at, part) ? at[part] : undefined
      if (!isRecord(below)) at[part] = {}
      at = at[part] as Record<string, unknown>
    }
    at.__errors = [...((at.__errors as string[] | undefined) ?? []), message]
  }
  return root as ErrorSchema
}
