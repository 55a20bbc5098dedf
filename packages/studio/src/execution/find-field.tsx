import { useEffect, useState } from 'react'
import { Input } from '../components/input.tsx'
import { useExecutionSearch } from './use-execution.ts'

const PAUSE_MS = 200

/** What is looked for: kept in the address once typing rests. */
export function FindField({ placeholder = 'Find' }: { placeholder?: string }) {
  const [{ find = '' }, change] = useExecutionSearch()
  const [text, setText] = useState(find)
  useEffect(() => setText(find), [find])
  useEffect(() => {
    if (text === find) return
    const timer = setTimeout(() => change({ find: text || undefined }, { replace: true }), PAUSE_MS)
    return () => clearTimeout(timer)
  })
  return (
    <Input
      type="search"
      aria-label="Find"
      placeholder={placeholder}
      value={text}
      onChange={({ target }) => setText(target.value)}
      className="!h-7 !w-44 shrink-0"
    />
  )
}
