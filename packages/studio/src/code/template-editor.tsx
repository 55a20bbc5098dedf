import { autocompletion, completionKeymap } from '@codemirror/autocomplete'
import { closePercentBrace, jinja } from '@codemirror/lang-jinja'
import { keymap } from '@codemirror/view'
import { useMemo } from 'react'
import { CodeEditor, type CodeEditorProps } from './code-editor.tsx'

/** A name that a template may use. */
export interface TemplateVariable {
  readonly name: string
  /** What it holds, in a few words. */
  readonly holds: string
  /** Names below it, such as the keys of `properties`. */
  readonly members?: readonly string[]
}

const NONE: readonly TemplateVariable[] = []

/**
 * A Jinja template to be written: coloured, its variables completed.
 * @param variables what the template may name; the same array at each render
 */
export function TemplateEditor({
  variables = NONE,
  ...props
}: Omit<CodeEditorProps, 'extensions'> & { variables?: readonly TemplateVariable[] }) {
  const extensions = useMemo(() => {
    const language = jinja({
      variables: variables.map(({ name, holds }) => ({ label: name, type: 'variable', detail: holds })),
      properties: ([first, ...rest]) =>
        rest.length > 0
          ? []
          : (variables.find(({ name }) => name === first)?.members ?? []).map((label) => ({
              label,
              type: 'property',
            })),
    })
    return [language, autocompletion({ icons: false }), closePercentBrace, keymap.of(completionKeymap)]
  }, [variables])
  return <CodeEditor {...props} extensions={extensions} />
}
