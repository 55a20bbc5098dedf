import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { Button } from './button.tsx'

const SHOWN_MS = 1_500

/** @param text or what makes it when it is copied, where that is dear */
export function CopyButton({ text, label = 'Copy' }: { text: string | (() => string); label?: string }) {
  const [isDone, setDone] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(typeof text === 'function' ? text() : text)
    setDone(true)
    setTimeout(() => setDone(false), SHOWN_MS)
  }
  return (
    <Button variant="quiet" size="icon" aria-label={isDone ? 'Copied' : label} onClick={copy}>
      {isDone ? <Check /> : <Copy />}
    </Button>
  )
}

/** Code or JSON to read and to copy; text, whatever is in it. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className="relative rounded-md border border-line bg-sunken">
      <div className="absolute top-1 right-1 z-10">
        <CopyButton text={code} label={`Copy ${label}`} />
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls, and a section would be a landmark */}
      <div
        role="group"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="overflow-x-auto p-3 pr-12"
      >
        <pre className="font-mono text-xs">{code}</pre>
      </div>
    </div>
  )
}
