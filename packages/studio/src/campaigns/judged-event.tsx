import { useQuery } from '@tanstack/react-query'
import { query } from '../api/query.ts'
import { Badge } from '../components/badge.tsx'
import { CopyButton } from '../components/copy-button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { Loaded } from '../components/states.tsx'
import { ConversationView } from '../conversation/conversation-view.tsx'

interface Judgement {
  readonly judge: string
  readonly answer: string | number | null
  readonly analysis: string | null
  readonly reason?: string | null
}

/** An event over the page's edge: what was said of it, and the conversation. */
export function JudgedEvent({
  eventId,
  judgements,
  onClose,
}: {
  eventId: string
  judgements: readonly Judgement[]
  onClose: () => void
}) {
  const result = useQuery(query('getEvent', { params: { event_id: eventId } }))
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Event" side="right">
      <div className="flex items-center gap-1 text-muted">
        <span className="font-mono text-xs">{eventId}</span>
        <CopyButton text={eventId} label="Copy the event's id" />
        <a
          href={`/explorer?event=${encodeURIComponent(eventId)}`}
          className="ml-auto text-accent hover:underline"
        >
          Open in the Explorer
        </a>
      </div>
      {judgements.map(({ judge, answer, analysis, reason }, index) => (
        <section
          // biome-ignore lint/suspicious/noArrayIndexKey: the same judge may be there twice
          key={index}
          aria-label={`What ${judge} says`}
          className="flex flex-col gap-1 rounded-md border border-line bg-surface p-3"
        >
          <p className="flex items-center gap-2">
            <span className="text-xs text-muted">{judge}</span>
            {answer !== null && <Badge tone="accent">{String(answer)}</Badge>}
          </p>
          {analysis && <p className="break-words whitespace-pre-wrap">{analysis}</p>}
          {reason && <p className="break-words whitespace-pre-wrap text-bad">{reason}</p>}
        </section>
      ))}
      <Loaded result={result}>
        {({ request_messages, response_messages }) => (
          <ConversationView messages={[...request_messages, ...response_messages]} />
        )}
      </Loaded>
    </Dialog>
  )
}
