import { useState } from 'react'
import { Button } from '../components/button.tsx'
import { count } from '../formats/numbers.ts'

const SHOWN_CHARACTERS = 2_400
const SHOWN_LINES = 28
/** So much more is shown than hidden behind a button. */
const SLACK = 1.25

/** Where a long text is cut; its length if it is not. */
export function foldAt(text: string): number {
  let end = Math.min(text.length, SHOWN_CHARACTERS)
  let at = -1
  for (let line = 0; line < SHOWN_LINES; line++) {
    at = text.indexOf('\n', at + 1)
    if (at === -1 || at > end) break
    if (line === SHOWN_LINES - 1) end = at
  }
  return text.length <= end * SLACK ? text.length : end
}

/** The beginning of a long text, and all of it when asked for. @param children shows a text */
export function FoldedText({
  text,
  children,
}: {
  text: string
  children: (shown: string) => React.ReactNode
}) {
  const [isWhole, setWhole] = useState(false)
  const end = foldAt(text)
  if (end === text.length) return children(text)
  return (
    <>
      {children(isWhole ? text : `${text.slice(0, end)}…`)}
      <Button
        variant="quiet"
        size="small"
        aria-expanded={isWhole}
        className="mt-1 self-start text-accent"
        onClick={() => setWhole(!isWhole)}
      >
        {isWhole ? 'Show less' : `Show all ${count(text.length)} characters`}
      </Button>
    </>
  )
}
