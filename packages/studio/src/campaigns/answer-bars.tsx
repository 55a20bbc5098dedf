import type { JudgeDefinition } from '@tramontane/contract/judges'
import { count, counted, percent } from '../formats/numbers.ts'
import { answerLabel, score } from './answer-labels.ts'

type Answer = string | number

interface Counts {
  readonly counts: readonly { readonly answer: Answer; readonly count: number }[]
  readonly output: JudgeDefinition['output']
  readonly onChoose: (answer: Answer) => void
}

/** How often each answer was given: a bar for each class, or the histogram of scores. Each leads to its events. */
export function AnswerBars(props: Counts) {
  return props.output.type === 'REGRESSION' ? <Histogram {...props} /> : <Bars {...props} />
}

function Bars({ counts, output, onChoose }: Counts) {
  const total = counts.reduce((sum, one) => sum + one.count, 0)
  const most = Math.max(1, ...counts.map((one) => one.count))
  return (
    <ul aria-label="Answers" className="flex flex-col gap-1">
      {counts.map((one) => (
        <li key={one.answer}>
          <button
            type="button"
            disabled={one.count === 0}
            onClick={() => onChoose(one.answer)}
            className="grid w-full grid-cols-[12rem_minmax(0,1fr)_8rem] items-center gap-3 rounded-md px-2 py-1 text-left enabled:hover:bg-sunken"
          >
            <span className="truncate">{answerLabel(one.answer, output)}</span>
            <span aria-hidden className="h-4 rounded-sm bg-sunken">
              <span
                className="block h-full rounded-sm bg-accent"
                style={{ width: `${(one.count / most) * 100}%` }}
              />
            </span>
            <span className="text-right tabular-nums">
              {count(one.count)}{' '}
              <span className="inline-block w-14 text-muted">{percent(one.count / Math.max(1, total))}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}

function Histogram({ counts, output, onChoose }: Counts) {
  const most = Math.max(1, ...counts.map((one) => one.count))
  if (output.type !== 'REGRESSION') return null
  return (
    <div>
      <ul aria-label="Answers" className="flex h-48 items-end gap-px border-b border-line-strong">
        {counts.map((one) => (
          <li key={one.answer} className="flex h-full min-w-0 flex-1 items-end">
            <button
              type="button"
              disabled={one.count === 0}
              aria-label={`${answerLabel(one.answer, output)}: ${counted(one.count, 'event')}`}
              title={`${answerLabel(one.answer, output)}: ${counted(one.count, 'event')}`}
              onClick={() => onChoose(one.answer)}
              className="flex h-full w-full items-end outline-offset-[-2px] enabled:hover:bg-sunken"
            >
              <span
                aria-hidden
                className="block w-full rounded-t-sm bg-accent"
                style={{ height: one.count === 0 ? 0 : `max(2px, ${(one.count / most) * 100}%)` }}
              />
            </button>
          </li>
        ))}
      </ul>
      <div className="flex justify-between pt-1 text-xs text-muted tabular-nums">
        <span>{score(output.min)}</span>
        <span>{score((output.min + output.max) / 2)}</span>
        <span>{score(output.max)}</span>
      </div>
    </div>
  )
}

/** The same in a line, for groups: a bar in parts, whose numbers are said in words. */
export function AnswerStrip({ counts, output }: Omit<Counts, 'onChoose'>) {
  const total = Math.max(
    1,
    counts.reduce((sum, one) => sum + one.count, 0),
  )
  const present = counts.filter((one) => one.count > 0)
  const text = present.map((one) => `${answerLabel(one.answer, output)}: ${count(one.count)}`).join(', ')
  const isScore = output.type === 'REGRESSION'
  const most = Math.max(1, ...counts.map((one) => one.count))
  return (
    <div role="img" aria-label={text} title={text} className="flex h-5 w-full items-end gap-px">
      {(isScore ? counts : present).map((one) => (
        <span
          key={one.answer}
          className={isScore ? 'flex-1 rounded-t-sm' : 'h-full rounded-sm'}
          style={
            isScore
              ? { height: `${(one.count / most) * 100}%`, background: 'var(--accent)' }
              : {
                  width: `${(one.count / total) * 100}%`,
                  background: colourOf(counts.findIndex(({ answer }) => answer === one.answer)),
                }
          }
        />
      ))}
    </div>
  )
}

const COLOURS = ['accent', 'warn', 'good', 'note', 'bad', 'line-strong']

/** The colour of the class at this place of the judge's list. */
export function colourOf(index: number): string {
  return `var(--${COLOURS[index % COLOURS.length]})`
}
