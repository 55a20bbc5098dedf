import type { JudgeDefinition } from '@tramontane/contract/judges'

type Answers = JudgeDefinition['output']

/** In how many parts the server counts the range of scores. */
const PARTS = 20
const short = new Intl.NumberFormat(undefined, { maximumFractionDigits: 3 })

/** A score, short enough for a list. */
export function score(value: number): string {
  return short.format(value)
}

/** The upper end of the part of a range whose lower end is given; the same number that the server counts with. */
export function partEnd(from: number, { min, max }: { min: number; max: number }): number {
  const index = Math.round(((from - min) / (max - min)) * PARTS)
  return Number((min + ((max - min) * (index + 1)) / PARTS).toPrecision(12))
}

/** What an answer is called: a class, or a part of the range of scores. */
export function answerLabel(answer: string | number, output: Answers): string {
  if (typeof answer === 'string' || output.type !== 'REGRESSION') return String(answer)
  return `${score(answer)} to ${score(partEnd(answer, output))}`
}

/** What a list of events is asked with, to show those with an answer. */
export function searchOf(
  answer: string | number,
  output: Answers,
): { label: string } | { from: number; to: number } {
  return typeof answer === 'number' && output.type === 'REGRESSION'
    ? { from: answer, to: partEnd(answer, output) }
    : { label: String(answer) }
}
