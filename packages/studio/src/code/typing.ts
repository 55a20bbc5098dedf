import { EditorView } from '@codemirror/view'

/**
 * What is typed is put in here: the browser would give it the looks of what stood at its place, as an inline style, which
 * the page's policy refuses. Compositions stay the browser's.
 */
export const typing = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { inputType, data } = event
    if (inputType !== 'insertText' || !data) return false
    if (event.isComposing || view.composing || view.state.readOnly) return false
    // What the browser is about to replace; of a pressed key Chromium does not say so, and it is what is selected. The editor
    // may not have heard of that yet.
    const selection = getSelection()
    const range = event.getTargetRanges()[0] ?? (selection?.rangeCount ? selection.getRangeAt(0) : undefined)
    if (!range) return false
    const from = view.posAtDOM(range.startContainer, range.startOffset)
    const to = view.posAtDOM(range.endContainer, range.endOffset)
    const insert = () =>
      view.state.update({
        changes: { from, to, insert: data },
        selection: { anchor: from + data.length },
        userEvent: 'input.type',
        scrollIntoView: true,
      })
    event.preventDefault()
    const handlers = view.state.facet(EditorView.inputHandler)
    if (!handlers.some((handle) => handle(view, from, to, data, insert))) view.dispatch(insert())
    return true
  },
})
