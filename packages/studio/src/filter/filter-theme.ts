import type { Range } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import { operatorOf } from '@tramontane/contract/filter-spelling'
import { FilterSyntaxError } from '@tramontane/contract/filter-syntax-error'
import { type Token, Tokenizer } from '@tramontane/contract/filter-tokens'

function classOf(token: Token): string | null {
  switch (token.kind) {
    case 'string':
      return 'text-good'
    case 'number':
      return 'text-warn'
    case 'symbol':
      return 'text-note'
    case 'word':
      if (/^(and|or)$/i.test(token.text)) return 'text-accent font-semibold'
      return operatorOf(token.text) ? 'text-note' : null
    default:
      return 'text-muted'
  }
}

function colour(text: string): DecorationSet {
  const marks: Range<Decoration>[] = []
  const tokenizer = new Tokenizer(text)
  try {
    for (let token = tokenizer.next(); token.kind !== 'end'; token = tokenizer.next()) {
      const name = classOf(token)
      if (name) marks.push(Decoration.mark({ class: name }).range(token.start, token.end))
    }
  } catch (error) {
    // What cannot be read has no colours; the mark of the mistake says enough.
    if (!(error instanceof FilterSyntaxError)) throw error
  }
  return Decoration.set(marks)
}

/** Colours the parts of a filter. */
export const filterColours = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet
    constructor(view: EditorView) {
      this.decorations = colour(view.state.doc.toString())
    }
    update(update: ViewUpdate) {
      if (update.docChanged) this.decorations = colour(update.state.doc.toString())
    }
  },
  { decorations: (plugin) => plugin.decorations },
)

/** The looks of the editor, in the colours of the studio. */
export const filterTheme = EditorView.theme({
  '&': { fontSize: '0.8125rem', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    maxHeight: '8rem',
    overflow: 'auto',
    fontFamily: 'var(--font-mono), monospace',
    lineHeight: '1.4',
  },
  '.cm-content': { padding: '0.4rem 0', caretColor: 'var(--ink)', color: 'var(--ink)' },
  '.cm-line': { padding: '0 0.6rem' },
  '.cm-placeholder': { color: 'var(--muted)' },
  // Stands before the placeholder, and would make its line a little higher than one with text.
  '.cm-widgetBuffer': { verticalAlign: 'top' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad)',
    textUnderlineOffset: '3px',
  },
  '.cm-tooltip': {
    border: '1px solid var(--line)',
    borderRadius: '0.5rem',
    backgroundColor: 'var(--raised)',
    color: 'var(--ink)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    maxHeight: '18rem',
    fontFamily: 'var(--font-mono), monospace',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '0.15rem 0.6rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent-soft)',
    color: 'var(--accent)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > completion-section': {
    padding: '0.25rem 0.6rem',
    borderBottom: 'none',
    opacity: '1',
    color: 'var(--muted)',
    fontSize: '0.75rem',
    fontFamily: 'system-ui, sans-serif',
  },
  '.cm-completionDetail': { color: 'var(--muted)', fontStyle: 'normal', fontFamily: 'system-ui, sans-serif' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--bad)', color: 'var(--ink)' },
})
