import { unifiedMergeView } from '@codemirror/merge'
import { useMemo } from 'react'
import { CodeEditor } from './code-editor.tsx'

/** Two texts as one, with what was taken out and what was put in; stretches that are equal are folded. */
export function TextDifference({ label, before, after }: { label: string; before: string; after: string }) {
  const extensions = useMemo(
    () => [
      unifiedMergeView({
        original: before,
        mergeControls: false,
        gutter: true,
        ...(before === after ? {} : { collapseUnchanged: { margin: 3, minSize: 6 } }),
      }),
    ],
    [before, after],
  )
  return <CodeEditor label={label} hideLabel value={after} lines={[4, 60]} extensions={extensions} />
}
