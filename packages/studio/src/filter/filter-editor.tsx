import { type ComponentProps, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { loadWhenThere } from '../api/lazy-parts.ts'
import type { Caret, FilterCodeEditor } from './filter-code-editor.tsx'
import { FILTER_EXAMPLE } from './filter-fields.ts'

/** The editor with suggestions, once it is here. */
let CodeEditor: typeof FilterCodeEditor | undefined
let coming: Promise<typeof import('./filter-code-editor.tsx')> | undefined

/**
 * A filter as text. Until somebody comes near it, it is a plain field that looks the same: whoever only reads the page has
 * no need of the editor, which would be a third of what the page loads. What was written so far, the selection and the focus
 * go over to the editor when it comes.
 */
export function FilterEditor(props: Omit<ComponentProps<typeof FilterCodeEditor>, 'caret'>) {
  const { value, onChange, onSubmit, label = 'Filter' } = props
  const plain = useRef<HTMLTextAreaElement>(null)
  const wasTyped = useRef(false)
  const isComposing = useRef(false)
  const [editor, setEditor] = useState<{ caret?: Caret } | undefined>(CodeEditor && {})

  const change = () => {
    const field = plain.current
    // A composition ends with the field in which it began.
    if (!CodeEditor || !field || isComposing.current) return
    const { selectionStart: start, selectionEnd: end, selectionDirection } = field
    const [anchor, head] = selectionDirection === 'backward' ? [end, start] : [start, end]
    const caret = { anchor, head, isTyping: wasTyped.current }
    // At once, so that no key falls between the two.
    flushSync(() => setEditor(document.activeElement === field ? { caret } : {}))
  }
  const prepare = () => {
    coming ??= loadWhenThere(() => import('./filter-code-editor.tsx'))
    coming.then(
      (module) => {
        CodeEditor = module.FilterCodeEditor
        change()
      },
      // Without the editor a filter can be written all the same.
      () => {
        coming = undefined
      },
    )
  }
  return (
    <div className="min-w-0 flex-1 rounded-md border border-line-strong bg-surface focus-within:outline-2 focus-within:outline-accent">
      {CodeEditor && editor ? (
        <CodeEditor {...props} {...editor} />
      ) : (
        <textarea
          ref={plain}
          aria-label={label}
          placeholder={FILTER_EXAMPLE}
          spellCheck={false}
          // For browsers that do not fit a field to its text.
          rows={value.split('\n').length}
          value={value}
          onPointerEnter={prepare}
          onFocus={prepare}
          onChange={({ target }) => {
            wasTyped.current = true
            onChange(target.value)
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
            event.preventDefault()
            onSubmit?.()
          }}
          onCompositionStart={() => {
            isComposing.current = true
          }}
          onCompositionEnd={() => {
            isComposing.current = false
            change()
          }}
          className="block field-sizing-content max-h-32 w-full resize-none overflow-auto bg-transparent px-[0.6rem] py-[0.4rem] font-mono text-[0.8125rem] leading-[1.4] wrap-anywhere whitespace-break-spaces outline-none placeholder:text-muted"
        />
      )}
    </div>
  )
}
