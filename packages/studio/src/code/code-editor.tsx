import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching } from '@codemirror/language'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { EditorView, keymap, placeholder as placeholderText } from '@codemirror/view'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { editorLooks } from './editor-looks.ts'
import { typing } from './typing.ts'

export interface CodeEditorProps {
  /** What the text is; shown above it, unless `hideLabel`. */
  readonly label: string
  readonly hideLabel?: boolean
  readonly value: string
  /** Left out: the text can be read and copied only. */
  readonly onChange?: (value: string) => void
  readonly hint?: string | undefined
  readonly error?: string | undefined
  readonly placeholder?: string
  /** The least and the greatest height, in lines. */
  readonly lines?: readonly [least: number, most: number]
  /** A language and its company; the same array at each render, or the editor is set up again. */
  readonly extensions?: readonly Extension[]
}

const LINE_REM = 1.3
const NO_EXTENSIONS: readonly Extension[] = []

/** A text with a language, in CodeMirror. Tab moves the focus on, as everywhere on the page. */
export function CodeEditor({
  label,
  hideLabel = false,
  value,
  onChange,
  hint,
  error,
  placeholder = '',
  lines: [least, most] = [4, 20],
  extensions = NO_EXTENSIONS,
}: CodeEditorProps) {
  const id = useId()
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const changed = useRef(onChange)
  useEffect(() => {
    changed.current = onChange
  })
  const [language] = useState(() => new Compartment())
  const [state] = useState(() => new Compartment())
  const isReadOnly = onChange === undefined
  const text = error ?? hint
  const hasText = text !== undefined

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; the effects below keep it up to date
  useLayoutEffect(() => {
    const made = new EditorView({
      parent: place.current!,
      doc: value,
      extensions: [
        history(),
        bracketMatching(),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.lineWrapping,
        typing,
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed.current?.(update.state.doc.toString())
        }),
        placeholderText(placeholder),
        editorLooks,
        language.of([]),
        state.of([]),
      ],
    })
    view.current = made
    return () => made.destroy()
  }, [])

  useLayoutEffect(() => {
    view.current?.dispatch({ effects: language.reconfigure([...extensions]) })
  }, [extensions, language])

  useLayoutEffect(() => {
    view.current?.dispatch({
      effects: state.reconfigure([
        EditorState.readOnly.of(isReadOnly),
        EditorView.contentAttributes.of({
          // Said outright, so that it is known that what scrolls can be reached.
          tabindex: '0',
          'aria-labelledby': `${id}-label`,
          ...(hasText ? { 'aria-describedby': `${id}-text` } : {}),
          ...(error === undefined ? {} : { 'aria-invalid': 'true' }),
          spellcheck: 'false',
        }),
      ]),
    })
  }, [isReadOnly, hasText, error, id, state])

  useLayoutEffect(() => {
    const editor = view.current
    const current = editor?.state.doc.toString()
    if (editor && current !== value)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
  }, [value])

  return (
    <div className="flex min-w-0 flex-col gap-1">
      <span id={`${id}-label`} className={hideLabel ? 'sr-only' : 'font-medium'}>
        {label}
      </span>
      <div
        ref={place}
        className={
          error === undefined
            ? 'overflow-hidden rounded-md border border-line-strong'
            : 'overflow-hidden rounded-md border border-bad'
        }
        style={
          {
            '--least': `${least * LINE_REM + 0.75}rem`,
            '--most': `${most * LINE_REM + 0.75}rem`,
          } as React.CSSProperties
        }
      />
      {text && (
        <p id={`${id}-text`} className={error === undefined ? 'text-xs text-muted' : 'text-xs text-bad'}>
          {text}
        </p>
      )}
    </div>
  )
}
