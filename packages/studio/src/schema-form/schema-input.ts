import { useRef, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { isRoundedByParsing } from '../api/exact-json.ts'
import { byteForByte } from './byte-for-byte.ts'
import { completed, hasForm, initialValue, takesNothing } from './form-schema.ts'
import { isRecord, type JsonSchema, valueAt } from './json-schema.ts'
import { check, type Problem } from './schema-check.ts'

export type Mode = 'form' | 'json'

/** A value that is being entered, as a form or as JSON. */
export interface SchemaInputState {
  readonly schema: JsonSchema
  readonly mode: Mode
  readonly canBeForm: boolean
  readonly takesNothing: boolean
  readonly value: unknown
  readonly text: string
  readonly problems: readonly Problem[]
  /** Fields of the form whose JSON cannot be read. */
  readonly unreadable: Map<string, string>
  setValue(value: unknown): void
  setText(text: string): void
  /** Why not, if what was typed does not allow it. */
  setMode(mode: Mode): void
  /** Whether it is another value than the one that it began with. */
  isTouched(): boolean
  /** The value as it is to be sent; undefined if something is wrong with it, which is then shown. */
  read(): { readonly value: unknown } | undefined
  /** Shows what the server found wrong with the value where it is; false if it says of no place. */
  blame(error: Error): boolean
}

function written(value: unknown): string {
  return JSON.stringify(value ?? {}, null, 2)
}

/**
 * Reads JSON; no text at all counts as an empty object, which is what the API makes of no input.
 * @returns `isRounded`: the value has not all the numbers of the text
 */
function parsed(text: string): { value: unknown; isRounded: boolean } | { mistake: string } {
  if (text.trim() === '') return { value: {}, isRounded: false }
  try {
    return { value: JSON.parse(text), isRounded: isRoundedByParsing(text) }
  } catch (error) {
    return { mistake: `This is not JSON: ${(error as Error).message}` }
  }
}

/**
 * The state of a value that has to fit a schema. Use a `key` where the schema may become another one.
 * @param initial what is there already, read with `parseExact`; else it begins with the defaults of the schema
 */
export function useSchemaInput(schema: JsonSchema, initial?: unknown): SchemaInputState {
  const [before] = useState(() => {
    const text = written(initial ?? initialValue(schema))
    return { text, value: JSON.parse(text) as unknown, isRounded: isRoundedByParsing(text) }
  })
  const canBeForm = hasForm(schema) && isRecord(before.value)
  const [mode, setMode] = useState<Mode>(canBeForm && !before.isRounded ? 'form' : 'json')
  const [value, setValue] = useState<unknown>(before.value)
  const [text, setText] = useState(before.text)
  const [problems, setProblems] = useState<readonly Problem[]>([])
  const unreadable = useRef(new Map<string, string>()).current
  const again = (next: unknown) => {
    if (problems.length > 0) setProblems(check(schema, completed(next, schema)))
  }
  return {
    schema,
    mode,
    canBeForm,
    takesNothing: takesNothing(schema),
    value,
    text,
    problems,
    unreadable,
    setValue: (next) => {
      setValue(next)
      again(next)
    },
    setText: (next) => {
      setText(next)
      const read = parsed(next)
      if ('value' in read && problems.length > 0) setProblems(check(schema, read.value))
    },
    setMode: (next) => {
      if (next === mode) return
      setProblems([])
      if (next === 'json') {
        setText(written(completed(value, schema)))
        unreadable.clear()
        return setMode('json')
      }
      const read = parsed(text)
      if ('mistake' in read) return setProblems([{ path: [], message: read.mistake }])
      if (!isRecord(read.value))
        return setProblems([{ path: [], message: 'A form can only show an object: {…}' }])
      if (read.isRounded)
        return setProblems([{ path: [], message: 'A form would round a number of this. It can stay JSON.' }])
      setValue(read.value)
      setMode('form')
    },
    isTouched: () =>
      mode === 'form'
        ? unreadable.size > 0 || JSON.stringify(value) !== JSON.stringify(before.value)
        : text !== before.text,
    read: () => {
      if (mode === 'form' && unreadable.size > 0) return undefined
      const read = mode === 'form' ? { value: completed(value, schema), isRounded: false } : parsed(text)
      const found = 'mistake' in read ? [{ path: [], message: read.mistake }] : check(schema, read.value)
      setProblems(found)
      if ('mistake' in read || found.length > 0) return undefined
      return { value: read.isRounded ? byteForByte(text) : read.value }
    },
    blame: (error) => {
      const problem = problemIn(error, mode === 'form' ? value : undefined)
      if (problem) setProblems([problem])
      return problem !== undefined
    },
  }
}

/** What the server says of a place of an input: "The input does not fit the schema: `a.b` must be string." */
function problemIn(error: Error, value: unknown): Problem | undefined {
  if (!(error instanceof ApiError) || error.code !== 'WORKFLOW_INPUT_INVALID') return undefined
  const found = /: (?:`([^`]+)`|it) (.*)\.$/s.exec(error.message)
  if (!found) return undefined
  let path: (string | number)[] = []
  for (const part of found[1]?.split('.') ?? [])
    path = [...path, Array.isArray(valueAt(value, path)) ? Number(part) : part]
  return { path, message: found[2]! }
}
