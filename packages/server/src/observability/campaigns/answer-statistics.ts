import type { JudgeAnswerDefinition } from '@tramontane/contract/judges'

type Answer = string | number

/** How often an answer was given; of scores, how many lie in a part of the range, which its lower end names. */
export interface AnswerCount {
  readonly answer: Answer
  readonly count: number
}

/** A pair of answers about the same event. */
export interface Pair {
  readonly this: Answer
  readonly other: Answer
}

const PARTS = 20

/** The lower end of the part of the judge's range in which a score lies; a class is its own. */
export function partOf(answer: Answer, output: JudgeAnswerDefinition): Answer {
  if (output.type !== 'REGRESSION' || typeof answer !== 'number') return answer
  return partsOf(output)[partIndex(answer, output)]!
}

function partIndex(score: number, { min, max }: { min: number; max: number }): number {
  const index = Math.floor(((score - min) / (max - min)) * PARTS)
  return Math.min(PARTS - 1, Math.max(0, index))
}

/** The lower ends of the parts of a range. */
function partsOf({ min, max }: { min: number; max: number }): number[] {
  return Array.from({ length: PARTS }, (_, index) =>
    Number((min + ((max - min) * index) / PARTS).toPrecision(12)),
  )
}

/** The answers that a judge can give, in their order; of scores, the parts of the range. */
export function possibleAnswers(output: JudgeAnswerDefinition): readonly Answer[] {
  return output.type === 'CLASSIFICATION' ? output.options.map(({ value }) => value) : partsOf(output)
}

/** Counts answers: each that is possible, also with 0, in the judge's order. */
export function countAnswers(answers: readonly Answer[], output: JudgeAnswerDefinition): AnswerCount[] {
  const counts = new Map<Answer, number>(possibleAnswers(output).map((answer) => [answer, 0]))
  for (const answer of answers) {
    const part = partOf(answer, output)
    counts.set(part, (counts.get(part) ?? 0) + 1)
  }
  return [...counts].map(([answer, count]) => ({ answer, count }))
}

export function mean(numbers: readonly number[]): number | null {
  if (numbers.length === 0) return null
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

/** What is to be said of scores as a whole; null if there are none. */
export function summarise(answers: readonly Answer[]) {
  const scores = answers.filter((answer) => typeof answer === 'number').sort((a, b) => a - b)
  if (scores.length === 0) return null
  const middle = (scores.length - 1) / 2
  return {
    min: scores[0]!,
    max: scores.at(-1)!,
    mean: mean(scores)!,
    median: (scores[Math.floor(middle)]! + scores[Math.ceil(middle)]!) / 2,
  }
}

/** Cohen's kappa: 1 for full agreement, 0 for as much as chance gives; null if chance alone would agree always. */
export function kappa(pairs: readonly Pair[]): number | null {
  if (pairs.length === 0) return null
  const [left, right] = [new Map<Answer, number>(), new Map<Answer, number>()]
  let agreeing = 0
  for (const pair of pairs) {
    left.set(pair.this, (left.get(pair.this) ?? 0) + 1)
    right.set(pair.other, (right.get(pair.other) ?? 0) + 1)
    if (pair.this === pair.other) agreeing++
  }
  const total = pairs.length
  let byChance = 0
  for (const [answer, count] of left) byChance += (count / total) * ((right.get(answer) ?? 0) / total)
  return byChance === 1 ? null : (agreeing / total - byChance) / (1 - byChance)
}

/** Pearson's correlation; null if one side never varies. */
export function correlation(pairs: readonly { this: number; other: number }[]): number | null {
  const [x, y] = [mean(pairs.map((pair) => pair.this)), mean(pairs.map((pair) => pair.other))]
  if (x === null || y === null) return null
  let [both, left, right] = [0, 0, 0]
  for (const pair of pairs) {
    const [dx, dy] = [pair.this - x, pair.other - y]
    both += dx * dy
    left += dx * dx
    right += dy * dy
  }
  return left === 0 || right === 0 ? null : both / Math.sqrt(left * right)
}
