import { useEffect, useState } from 'react'
import { Input } from '../components/input.tsx'
import { useExecutionSearch } from './use-execution.ts'

const PAUSE_MS = 200

/** What is looked for: kept in the address once typing rests, or the field is left. */
export function FindField({ placeholder = 'Find' }: { placeholder?: string }) {
  const [{ find = '' }, change] = useExecutionSearch()
  const [text, setText] = useState(find)
  useEffect(() => setText(find), [find])
  const tell = () => {
    if (text !== find) change({ find: text || undefined }, { replace: true })
  }
  useEffect(() => {
    const timer = setTimeout(tell, PAUSE_MS)
    return () => clearTimeout(timer)
  })
  return (
    <Input
      type="search"
      aria-label="Find"
      placeholder={placeholder}
      value={text}
      onChange={({ target }) => setText(target.value)}
      // The view that one goes to may have no such field.
      onBlur={tell}
      className="!h-7 !w-44 shrink-0"
    />
  )
}
