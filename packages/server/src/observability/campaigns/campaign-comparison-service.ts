import type { Campaign } from '@tramontane/contract/campaigns'
import type { EventPreview } from '@tramontane/contract/events'
import type { AnnotationReader } from '../annotations/annotation-reader.ts'
import type { AnswerReader } from '../annotations/answer-reader.ts'
import { correlation, kappa, mean, type Pair, partOf } from './answer-statistics.ts'

interface ComparisonNeeds {
  /** Throws ApiError CAMPAIGN_NOT_FOUND. */
  readonly getCampaign: (workspaceId: string, id: string) => Promise<Campaign>
  readonly answers: AnswerReader
  readonly annotations: Pick<AnnotationReader, 'resultsOf'>
  readonly previews: (workspaceId: string, ids: readonly string[]) => Promise<Map<string, EventPreview>>
}

interface DifferenceQuery {
  readonly this_answer?: string | undefined
  readonly other_answer?: string | undefined
  readonly tolerance: number
  readonly after?: string | undefined
  readonly limit: number
}

interface EventPair extends Pair {
  readonly eventId: string
}

/** The pair, if both are scores. */
function numeric(pair: Pair): { this: number; other: number }[] {
  return typeof pair.this === 'number' && typeof pair.other === 'number'
    ? [{ this: pair.this, other: pair.other }]
    : []
}

function cellsOf(pairs: readonly Pair[]) {
  const cells = new Map<string, Pair & { count: number }>()
  for (const pair of pairs) {
    const key = JSON.stringify([pair.this, pair.other])
    cells.set(key, { this: pair.this, other: pair.other, count: (cells.get(key)?.count ?? 0) + 1 })
  }
  return [...cells.values()]
}

/** Two campaigns held against each other, on the events that both have judged. */
export class CampaignComparisonService {
  readonly #needs: ComparisonNeeds

  constructor(needs: ComparisonNeeds) {
    this.#needs = needs
  }

  /** @throws ApiError CAMPAIGN_NOT_FOUND */
  async compare(workspaceId: string, id: string, other: string) {
    const read = await this.#read(workspaceId, id, other)
    const { pairs } = read
    const parts = pairs.map(read.toParts)
    const areScores = read.output.type === 'REGRESSION' && read.otherOutput.type === 'REGRESSION'
    const areClasses = read.output.type === 'CLASSIFICATION' && read.otherOutput.type === 'CLASSIFICATION'
    const scores = areScores ? pairs.flatMap(numeric) : []
    return {
      both: pairs.length,
      only_this: read.onlyThis,
      only_other: read.onlyOther,
      agreeing: pairs.filter((pair) => pair.this === pair.other).length,
      kappa: areClasses ? kappa(pairs) : null,
      correlation: correlation(scores),
      mean_difference: mean(scores.map((pair) => Math.abs(pair.this - pair.other))),
      cells: cellsOf(parts),
    }
  }

  /** A page of the events on which two campaigns differ, newest first. @throws ApiError CAMPAIGN_NOT_FOUND */
  async differences(workspaceId: string, id: string, other: string, query: DifferenceQuery) {
    const { pairs, toParts } = await this.#read(workspaceId, id, other)
    const isAsked = query.this_answer !== undefined || query.other_answer !== undefined
    const fits = (pair: EventPair) => {
      if (!isAsked) return differ(pair, query.tolerance)
      const parts = toParts(pair)
      return (
        (query.this_answer === undefined || String(parts.this) === query.this_answer) &&
        (query.other_answer === undefined || String(parts.other) === query.other_answer)
      )
    }
    const { after, limit } = query
    const rest = pairs.filter(
      (pair) => (after === undefined || pair.eventId < after.toLowerCase()) && fits(pair),
    )
    const page = rest.slice(0, limit)
    const ids = page.map(({ eventId }) => eventId)
    const [left, right, previews] = await Promise.all([
      this.#needs.annotations.resultsOf(workspaceId, id, ids),
      this.#needs.annotations.resultsOf(workspaceId, other, ids),
      this.#needs.previews(workspaceId, ids),
    ])
    return {
      differences: page.map((pair) => ({
        event_id: pair.eventId,
        this: { answer: pair.this, analysis: left.get(pair.eventId)?.analysis ?? null },
        other: { answer: pair.other, analysis: right.get(pair.eventId)?.analysis ?? null },
        event: previews.get(pair.eventId) ?? null,
      })),
      next: rest.length > limit ? page.at(-1)!.eventId : null,
    }
  }

  async #read(workspaceId: string, id: string, otherId: string) {
    const [campaign, otherCampaign] = await Promise.all([
      this.#needs.getCampaign(workspaceId, id),
      this.#needs.getCampaign(workspaceId, otherId),
    ])
    const [left, right] = await Promise.all([
      this.#needs.answers.ofCampaign(workspaceId, id),
      this.#needs.answers.ofCampaign(workspaceId, otherId),
    ])
    const others = new Map(right.map(({ eventId, answer }) => [eventId, answer]))
    const pairs: EventPair[] = left.flatMap(({ eventId, answer }) => {
      const other = others.get(eventId)
      return other === undefined ? [] : [{ eventId, this: answer, other }]
    })
    const [output, otherOutput] = [campaign.judge.output, otherCampaign.judge.output]
    return {
      output,
      otherOutput,
      pairs,
      onlyThis: left.length - pairs.length,
      onlyOther: right.length - pairs.length,
      toParts: (pair: Pair): Pair => ({
        this: partOf(pair.this, output),
        other: partOf(pair.other, otherOutput),
      }),
    }
  }
}

/** A class and a score are never the same. */
function differ(pair: Pair, tolerance: number): boolean {
  const [scores] = numeric(pair)
  return scores ? Math.abs(scores.this - scores.other) > tolerance : pair.this !== pair.other
}
