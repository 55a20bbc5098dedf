import { useEffect, useRef, useState } from 'react'
import { Input } from './input.tsx'

const PAUSE_MS = 250

/** A text to search by; tells it when the user pauses. */
export function SearchInput({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  const [text, setText] = useState(value)
  const told = useRef(value)
  useEffect(() => {
    // The address changed by itself: back, or a link.
    if (value === told.current) return
    told.current = value
    setText(value)
  }, [value])
  useEffect(() => {
    if (text === told.current) return
    const timer = setTimeout(() => {
      told.current = text
      onChange(text)
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text, onChange])
  return (
    <Input
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(event) => setText(event.target.value)}
      className="max-w-xs"
    />
  )
}
