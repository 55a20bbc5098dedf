import {
  acceptCompletion,
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
  completionStatus,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { type Diagnostic, linter } from '@codemirror/lint'
import { Annotation, Compartment, EditorState } from '@codemirror/state'
import { EditorView, keymap, placeholder } from '@codemirror/view'
import type { FieldDefinition } from '@tramontane/contract/fields'
import { operatorOf } from '@tramontane/contract/filter-spelling'
import { useEffect, useLayoutEffect, useRef } from 'react'
import { call } from '../api/call.ts'
import { queryClient } from '../api/query.ts'
import { typing } from '../code/typing.ts'
import {
  expectedAt,
  fieldSuggestions,
  operatorSuggestions,
  type Suggestion,
  valueSuggestions,
} from './filter-completion.ts'
import { FILTER_EXAMPLE, type FilterFields, filterMistake, wordsOf } from './filter-fields.ts'
import { filterColours, filterTheme } from './filter-theme.ts'

const LINT_MS = 350
const OPTIONS_MS = 60_000

function diagnosticsOf(text: string, fields: readonly FieldDefinition[]): Diagnostic[] {
  const mistake = filterMistake(text, fields)
  if (!mistake) return []
  const { start, end } = mistake.span
  // What is missing has no width; the character before it is marked instead.
  const from = start === end ? Math.max(0, start - 1) : start
  return [{ from, to: Math.max(end, from), severity: 'error', message: wordsOf(mistake) }]
}

function toCompletion({ text, detail, section }: Suggestion, after: string, index: number): Completion {
  return { label: text, detail, apply: text + after, boost: -index / 1_000, ...(section ? { section } : {}) }
}

async function suggestionsAt(
  context: CompletionContext,
  { field_definitions: fields, field_groups: groups }: FilterFields,
): Promise<CompletionResult | null> {
  const text = context.state.doc.toString()
  const expected = expectedAt(text, context.pos)
  const { kind, from } = expected
  const all = (list: readonly Suggestion[], after: string): CompletionResult | null =>
    list.length === 0
      ? null
      : { from, options: list.map((one, index) => toCompletion(one, after, index)), validFor: /^[^\s()]*$/ }
  switch (kind) {
    case 'field':
      return all(fieldSuggestions(fields, groups), ' ')
    case 'operator':
      if (!context.explicit && operatorOf(text.slice(from, context.pos))) return null
      return all(operatorSuggestions(expected.field, fields), ' ')
    case 'joiner': {
      // A filter is complete here: Enter is to ask it, not to go on with the first suggestion.
      if (from === context.pos && !context.explicit) return null
      const joiners = expected.isNested ? ['AND', 'OR', ')'] : ['AND', 'OR']
      return all(
        joiners.map((joiner) => ({ text: joiner, detail: '' })),
        ' ',
      )
    }
    case 'value': {
      const isComplete = /^(["'])(?:[^\\]|\\.)*\1$/s.test(text.slice(from, context.pos))
      if (!context.explicit && (isComplete || expected.op === 'isnull')) return null
      const input = { params: { field_name: expected.field }, query: { operator: expected.op } }
      const answer = await queryClient
        .fetchQuery({
          queryKey: ['listFieldOptions', input],
          queryFn: () => call('listFieldOptions', input),
          staleTime: OPTIONS_MS,
          retry: false,
        })
        // Without suggestions a value can be written all the same.
        .catch(() => ({ options: null }))
      if (context.aborted) return null
      const values = valueSuggestions(answer.options ?? [])
      if (values.length === 0) return null
      // A closing quote that is there already is replaced with the value's own.
      const to = text[context.pos] === '"' && text[from] === '"' ? context.pos + 1 : context.pos
      return {
        from,
        to,
        options: values.map((one, index) => toCompletion(one, ' ', index)),
        validFor: /^["']?[^"']*$/,
      }
    }
  }
}

const FromOutside = Annotation.define<boolean>()

export interface FilterEditorProps {
  readonly value: string
  readonly onChange: (text: string) => void
  /** Is called on Enter; Shift+Enter begins a new line. */
  readonly onSubmit?: () => void
  readonly fields: FilterFields
  readonly label?: string
}

/** Where somebody is in a text that goes on in this editor. */
export interface Caret {
  readonly anchor: number
  readonly head: number
  /** What stands there was being typed: suggestions go on from it. */
  readonly isTyping: boolean
}

/**
 * A filter as text, in CodeMirror: fields, operators and values are completed, mistakes are marked where they are.
 * @param caret takes the focus, there
 */
export function FilterCodeEditor({
  value,
  onChange,
  onSubmit,
  fields,
  label = 'Filter',
  caret,
}: FilterEditorProps & { caret?: Caret | undefined }) {
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const latest = useRef({ onChange, onSubmit, fields })
  latest.current = { onChange, onSubmit, fields }
  const first = useRef({ value, caret })
  const lint = useRef(new Compartment())

  useLayoutEffect(() => {
    const { value: doc, caret: start } = first.current
    const lintNow = () =>
      linter(({ state }) => diagnosticsOf(state.doc.toString(), latest.current.fields.field_definitions), {
        delay: LINT_MS,
      })
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc,
        ...(start && { selection: start }),
        extensions: [
          EditorView.cspNonce.of(
            document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '',
          ),
          history(),
          placeholder(FILTER_EXAMPLE),
          autocompletion({
            override: [(context) => suggestionsAt(context, latest.current.fields)],
            activateOnTyping: true,
            activateOnCompletion: ({ apply }) => typeof apply === 'string' && apply.endsWith(' '),
            icons: false,
            interactionDelay: 0,
            defaultKeymap: false,
          }),
          lint.current.of(lintNow()),
          keymap.of([
            ...completionKeymap.filter(({ key }) => key !== 'Enter'),
            {
              key: 'Enter',
              run: (target) => {
                if (completionStatus(target.state) === 'active' && acceptCompletion(target)) return true
                latest.current.onSubmit?.()
                return true
              },
              shift: (target) => {
                target.dispatch(target.state.replaceSelection('\n'))
                return true
              },
            },
            {
              key: 'Tab',
              run: (target) => completionStatus(target.state) === 'active' && acceptCompletion(target),
            },
            ...historyKeymap,
            ...defaultKeymap.filter(({ key }) => key !== 'Enter'),
          ]),
          EditorView.lineWrapping,
          typing,
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', role: 'textbox' }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged || update.transactions.some((one) => one.annotation(FromOutside))) return
            latest.current.onChange(update.state.doc.toString())
          }),
          filterColours,
          filterTheme,
        ],
      }),
    })
    view.current = editor
    if (start) {
      editor.focus()
      editor.dispatch({ scrollIntoView: true, ...(start.isTyping && { userEvent: 'input.type' }) })
    }
    return () => editor.destroy()
  }, [label])

  useEffect(() => {
    const editor = view.current
    if (!editor || editor.state.doc.toString() === value) return
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: value },
      annotations: FromOutside.of(true),
    })
  }, [value])

  return <div ref={host} />
}
