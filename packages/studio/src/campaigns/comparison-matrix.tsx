import type { Output } from '../api/call.ts'
import { count, counted } from '../formats/numbers.ts'
import { answerLabel, score } from './answer-labels.ts'

type Campaign = Output<'getCampaign'>
type Answer = string | number

export interface ChosenPair {
  readonly this: string
  readonly other: string
}

/** How often each pair of answers occurs: a row for each answer of one campaign, a column for each of the other. */
export function ComparisonMatrix({
  comparison,
  left,
  right,
  chosen,
  onChoose,
}: {
  comparison: Output<'compareCampaigns'>
  left: Campaign
  right: Campaign
  chosen: ChosenPair | undefined
  onChoose: (pair: ChosenPair) => void
}) {
  const rows = answersOf(
    left,
    comparison.cells.map((cell) => cell.this),
  )
  const columns = answersOf(
    right,
    comparison.cells.map((cell) => cell.other),
  )
  const counts = new Map(
    comparison.cells.map((cell) => [JSON.stringify([cell.this, cell.other]), cell.count]),
  )
  const most = Math.max(1, ...counts.values())
  const isDense = columns.length > 8
  return (
    <section
      aria-label="Pairs of answers"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="overflow-x-auto"
    >
      <table className="border-separate border-spacing-0.5">
        <caption className="pb-2 text-left text-xs whitespace-nowrap text-muted">
          Rows: {left.name}. Columns: {right.name}. A pair leads to its events.
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <span className="sr-only">{left.name}</span>
            </th>
            {columns.map((answer) => (
              <th
                key={answer}
                scope="col"
                className="max-w-32 truncate px-1 pb-1 text-xs font-medium text-muted"
                title={answerLabel(answer, right.judge.output)}
              >
                {shortLabel(answer)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              <th
                scope="row"
                className="max-w-48 truncate pr-2 text-right text-xs font-medium text-muted"
                title={answerLabel(row, left.judge.output)}
              >
                {shortLabel(row)}
              </th>
              {columns.map((column) => {
                const found = counts.get(JSON.stringify([row, column])) ?? 0
                const isChosen = chosen?.this === String(row) && chosen.other === String(column)
                const strength = found === 0 ? 0 : 12 + Math.round((found / most) * 38)
                return (
                  <td key={column} className="p-0">
                    <button
                      type="button"
                      disabled={found === 0}
                      aria-pressed={isChosen}
                      aria-label={`${answerLabel(row, left.judge.output)} and ${answerLabel(column, right.judge.output)}: ${counted(found, 'event')}`}
                      onClick={() => onChoose({ this: String(row), other: String(column) })}
                      className={`block h-8 w-full rounded-sm text-xs text-ink tabular-nums ${isDense ? 'min-w-8 px-0.5' : 'min-w-20 px-2'} ${isChosen ? 'ring-2 ring-accent' : ''} ${row === column ? 'font-semibold' : ''}`}
                      style={{
                        background:
                          found === 0
                            ? 'var(--sunken)'
                            : `color-mix(in srgb, var(--accent) ${strength}%, var(--surface))`,
                      }}
                    >
                      {found === 0 ? '' : count(found)}
                    </button>
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** The answers of a side: all classes of the judge; of scores, the parts of the range from the first to the last that occurs. */
function answersOf({ judge: { output } }: Campaign, found: readonly Answer[]): Answer[] {
  if (output.type === 'CLASSIFICATION') return output.options.map(({ value }) => value)
  const parts = new Set(found.filter((answer) => typeof answer === 'number'))
  return [...parts].sort((a, b) => a - b)
}

function shortLabel(answer: Answer): string {
  return typeof answer === 'number' ? score(answer) : answer
}
