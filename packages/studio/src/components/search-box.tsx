import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Input } from './input.tsx'

const PAUSE_MS = 250

/** A text to look for. What was typed counts after a moment, or at once with Enter; Escape clears it. */
export function SearchBox({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  const [text, setText] = useState(value)
  const last = useRef(value)
  const change = useRef(onChange)
  useEffect(() => {
    change.current = onChange
  })
  // What comes from outside, such as by going back, replaces what was typed.
  useEffect(() => {
    if (value !== last.current) setText(value)
    last.current = value
  }, [value])
  useEffect(() => {
    if (text === last.current) return
    const timer = setTimeout(() => {
      // Enter was quicker.
      if (text === last.current) return
      last.current = text
      change.current(text)
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <div className="relative w-48 xl:w-64">
      <Search className="absolute top-2 left-2.5 size-4 text-muted" aria-hidden />
      <Input
        type="search"
        aria-label={label}
        placeholder={label}
        className="pl-8"
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          const { key } = event
          if (key === 'Escape' && text !== '') {
            setText('')
            // It has done its part: it is not to dismiss a message as well.
            event.preventDefault()
          }
          if (key === 'Enter' && text !== last.current) {
            last.current = text
            change.current(text)
          }
        }}
      />
    </div>
  )
}
