import { clsx } from 'clsx'
import { type AttemptPiece, pieceWords } from './attempts.ts'
import type { TimeScale } from './time-scale.ts'

const BAR = 'absolute top-1.5 h-4 min-w-[3px] rounded-sm'
/** What has failed at a known time fades in from where it may have begun; what is known of neither is hatched. */
const FADING = 'bg-[linear-gradient(to_right,transparent,var(--bad))]'
const HATCHED =
  'bg-[repeating-linear-gradient(135deg,var(--bad),var(--bad)_2px,transparent_2px,transparent_5px)]'

/** The attempts of an activity as bars of their own, and the pauses between them as lines. */
export function AttemptBars({
  pieces,
  scale,
  now,
  lastLooks,
}: {
  pieces: readonly AttemptPiece[]
  scale: TimeScale
  now: number
  /** How the bar of the last attempt looks. */
  lastLooks: string
}) {
  return pieces.map((piece) => {
    const { kind, first, last, from, isBeginKnown, isEndKnown } = piece
    const to = Math.max(piece.to ?? now, from)
    if (from > scale.to || to < scale.from) return null
    const left = scale.place(from)
    return (
      <span
        key={`${kind} ${last}`}
        data-attempt={kind === 'wait' ? undefined : last}
        title={pieceWords(piece, now)}
        className={clsx(
          kind === 'wait' ? 'absolute top-[0.8125rem] border-t-2 border-dotted border-warn' : BAR,
          kind === 'last' && lastLooks,
          kind === 'failed' && (!isEndKnown || first < last ? HATCHED : isBeginKnown ? 'bg-bad' : FADING),
        )}
        style={{
          left: `${left * 100}%`,
          // A hair's breadth between two attempts.
          width: `calc(${(scale.place(to) - left) * 100}% - ${kind === 'wait' ? 0 : 1}px)`,
        }}
      />
    )
  })
}
