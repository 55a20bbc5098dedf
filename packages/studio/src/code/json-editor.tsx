import { json, jsonParseLinter } from '@codemirror/lang-json'
import { foldGutter, foldKeymap } from '@codemirror/language'
import { type Diagnostic, linter } from '@codemirror/lint'
import { type EditorView, keymap } from '@codemirror/view'
import { useMemo } from 'react'
import { CodeEditor, type CodeEditorProps } from './code-editor.tsx'

/**
 * JSON to be written: coloured, folded, and marked where it is none.
 * @param check what is wrong with the value once it is JSON; undefined if nothing is
 */
export function JsonEditor({
  check,
  ...props
}: Omit<CodeEditorProps, 'extensions'> & { check?: (value: unknown) => string | undefined }) {
  const extensions = useMemo(
    () => [json(), foldGutter(), keymap.of(foldKeymap), linter((view) => problemsOf(view, check))],
    [check],
  )
  return <CodeEditor {...props} extensions={extensions} />
}

const parse = jsonParseLinter()

function problemsOf(view: EditorView, check: ((value: unknown) => string | undefined) | undefined) {
  const text = view.state.doc.toString()
  if (text.trim() === '') return []
  const problems: Diagnostic[] = parse(view)
  if (problems.length > 0 || !check) return problems
  const message = check(JSON.parse(text))
  return message === undefined ? [] : [{ from: 0, to: text.length, severity: 'error' as const, message }]
}
