import { Button } from '../components/button.tsx'
import type { LiveStore } from './live-store.ts'

/** Says when a stream has broken off: what is shown may be old then. */
export function StreamNotice({ store, what }: { store: LiveStore; what: string }) {
  if (store.state === 'waiting')
    return (
      <p role="status" className="shrink-0 bg-warn-soft px-6 py-1.5 text-warn">
        The connection is lost; the {what} goes on where it was as soon as the server answers.
      </p>
    )
  if (store.state !== 'failed') return null
  return (
    <p role="alert" className="flex shrink-0 items-center gap-3 bg-bad-soft px-6 py-1.5 text-bad">
      {store.error?.message}
      <Button size="small" onClick={store.retry}>
        Try again
      </Button>
    </p>
  )
}
