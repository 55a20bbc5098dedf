import type { estimateCampaign } from '@tramontane/contract/campaign-analysis'
import type { Campaign, CampaignProgress } from '@tramontane/contract/campaigns'
import type { EventPreview } from '@tramontane/contract/events'
import type { FilterPayload } from '@tramontane/contract/filter'
import type { JudgeUsage } from '@tramontane/contract/judge-editing'
import type { Judge } from '@tramontane/contract/judges'
import type { ResponseOf } from '@tramontane/contract/operation'
import { ApiError } from '../../platform/http/errors.ts'
import type { AnnotationReader } from '../annotations/annotation-reader.ts'
import type { AnswerReader } from '../annotations/answer-reader.ts'
import type { EventReader } from '../events/event-reader.ts'
import type { JudgeReader } from '../judges/judge-reader.ts'
import { countAnswers, mean, summarise } from './answer-statistics.ts'
import type { CampaignOutcomeStore, OutcomeRow } from './campaign-outcome-store.ts'
import type { JudgeFunctions } from './judge-functions.ts'
import { toConversation } from './prompt-feed.ts'

interface AnalysisNeeds {
  /** Throws ApiError CAMPAIGN_NOT_FOUND. */
  readonly getCampaign: (workspaceId: string, id: string) => Promise<Campaign>
  readonly getProgress: (workspaceId: string, id: string) => Promise<CampaignProgress>
  readonly store: CampaignOutcomeStore
  readonly answers: AnswerReader
  readonly annotations: Pick<AnnotationReader, 'resultsOf'>
  readonly events: Pick<EventReader, 'selectIds' | 'getMany' | 'previews' | 'valuesOf' | 'metadataKeysOf'>
  readonly judges: Pick<JudgeReader, 'get'> & Pick<JudgeFunctions, 'writePrompts'>
}

/** Which outcomes of a campaign are asked for. */
interface OutcomeQuery {
  readonly state?: OutcomeRow['state'] | undefined
  readonly reason?: string | undefined
  readonly label?: string | undefined
  readonly min_score?: number | undefined
  readonly max_score?: number | undefined
  readonly after: number
  readonly limit: number
}

const COUNTED = 10_000
const SAMPLE = 12
const MEASURED = 200
const MAX_GROUPS = 30
const CHARACTERS_PER_TOKEN = 4
/** Tokens of an answer with its analysis, where nothing is known. */
const USUAL_OUTPUT = 120

/** Takes items from all over a list, its ends included. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items]
  return Array.from({ length: count }, (_, n) => items[Math.round((n * (items.length - 1)) / (count - 1))]!)
}

/** What campaigns will cost, and what came out of them. */
export class CampaignAnalysisService {
  readonly #needs: AnalysisNeeds

  constructor(needs: AnalysisNeeds) {
    this.#needs = needs
  }

  /**
   * What a campaign would judge, and what that would take.
   * @throws ApiError JUDGE_NOT_FOUND, or what is wrong with the filter
   */
  async estimate(
    workspaceId: string,
    wanted: { judge_id: string; search_params: FilterPayload; max_nb_events: number },
  ): Promise<ResponseOf<typeof estimateCampaign>> {
    const judge = await this.#needs.judges.get(workspaceId, wanted.judge_id)
    const ids = await this.#needs.events.selectIds(workspaceId, wanted.search_params.filters, COUNTED + 1)
    const selected = ids.slice(0, wanted.max_nb_events)
    const [cost, sample] = await Promise.all([
      this.#costOf(workspaceId, judge.id),
      this.#samplePrompts(workspaceId, judge, spread(selected, SAMPLE)),
    ])
    const tokensPerCharacter =
      cost.promptCharacters > 0 ? cost.inputTokens / cost.promptCharacters : 1 / CHARACTERS_PER_TOKEN
    const output = cost.answers > 0 ? cost.outputTokens / cost.answers : USUAL_OUTPUT
    const prompts = sample.map(({ characters, ...rest }) => ({
      ...rest,
      input_tokens: Math.ceil(characters * tokensPerCharacter),
    }))
    // Events that cannot be judged cost nothing, here and later.
    const judged =
      prompts.length === 0 ? 0 : prompts.filter(({ problem }) => problem === null).length / prompts.length
    return {
      matching: Math.min(ids.length, COUNTED),
      matching_more: ids.length > COUNTED,
      selected: selected.length,
      input_tokens: Math.ceil((mean(prompts.map(({ input_tokens }) => input_tokens)) ?? 0) * selected.length),
      output_tokens: Math.ceil(output * selected.length * judged),
      measured_answers: cost.answers,
      sample: prompts,
    }
  }

  /**
   * How often each answer was given, and, if asked for, by the value of a field of the events.
   * @throws ApiError CAMPAIGN_NOT_FOUND, FIELDS_BAD_REQUEST
   */
  async distribution(workspaceId: string, id: string, groupBy: string | undefined) {
    const { judge } = await this.#needs.getCampaign(workspaceId, id)
    const answered = await this.#needs.answers.ofCampaign(workspaceId, id)
    const ids = answered.map(({ eventId }) => eventId)
    const [values, metadata_keys] = await Promise.all([
      groupBy === undefined
        ? new Map<string, string | null>()
        : this.#needs.events.valuesOf(workspaceId, ids, groupBy),
      this.#needs.events.metadataKeysOf(workspaceId, ids),
    ])
    const answers = answered.map(({ answer }) => answer)
    const groups =
      groupBy === undefined
        ? []
        : [...Map.groupBy(answered, ({ eventId }) => values.get(eventId) ?? null)]
            .map(([value, members]) => ({ value, answers: members.map(({ answer }) => answer) }))
            .sort(
              (a, b) =>
                b.answers.length - a.answers.length || String(a.value).localeCompare(String(b.value), 'en'),
            )
    const others = groups.slice(MAX_GROUPS)
    return {
      answered: answers.length,
      counts: countAnswers(answers, judge.output),
      scores: summarise(answers),
      groups: groups.slice(0, MAX_GROUPS).map((group) => ({
        value: group.value,
        answered: group.answers.length,
        mean: mean(group.answers.filter((answer) => typeof answer === 'number')),
        counts: countAnswers(group.answers, judge.output),
      })),
      other_groups: others.length,
      other_answered: others.reduce((sum, group) => sum + group.answers.length, 0),
      metadata_keys,
    }
  }

  /** A page of what became of a campaign's events. @throws ApiError CAMPAIGN_NOT_FOUND */
  async outcomes(workspaceId: string, id: string, query: OutcomeQuery) {
    const { judge } = await this.#needs.getCampaign(workspaceId, id)
    const { state, reason, after, limit } = query
    const eventIds = await this.#answeredWith(workspaceId, id, query, judge)
    const rows = await this.#needs.store.outcomes(
      workspaceId,
      id,
      { state, reason, eventIds },
      { after, limit: limit + 1 },
    )
    const page = rows.slice(0, limit)
    const ids = page.map(({ event_id }) => event_id)
    const [results, previews] = await Promise.all([
      this.#needs.annotations.resultsOf(workspaceId, id, ids),
      this.previews(workspaceId, ids),
    ])
    return {
      outcomes: page.map(({ error, ...row }) => ({
        ...row,
        reason: error,
        answer: results.get(row.event_id)?.answer ?? null,
        analysis: results.get(row.event_id)?.analysis ?? null,
        event: previews.get(row.event_id) ?? null,
      })),
      next: rows.length > limit ? page.at(-1)!.position : null,
    }
  }

  /** @throws ApiError CAMPAIGN_NOT_FOUND */
  async failures(workspaceId: string, id: string, { page, page_size }: { page: number; page_size: number }) {
    await this.#needs.getCampaign(workspaceId, id)
    return this.#needs.store.failures(workspaceId, id, { limit: page_size, offset: (page - 1) * page_size })
  }

  /** @throws ApiError CAMPAIGN_NOT_FOUND, CAMPAIGN_RUNNING, CAMPAIGN_NOTHING_TO_RETRY */
  async retry(workspaceId: string, id: string, reason: string | undefined): Promise<CampaignProgress> {
    await this.#needs.getCampaign(workspaceId, id)
    const retried = await this.#needs.store.retry(workspaceId, id, reason)
    if (retried === 'running')
      throw new ApiError(
        'CAMPAIGN_RUNNING',
        'The campaign runs: what failed can be tried again when it has ended, or is cancelled.',
      )
    if (retried === 'nothing')
      throw new ApiError(
        'CAMPAIGN_NOTHING_TO_RETRY',
        reason === undefined
          ? 'No event of the campaign has failed.'
          : 'No event of the campaign has failed for this reason, which must be given exactly as it is told.',
      )
    return this.#needs.getProgress(workspaceId, id)
  }

  /** Where judges are used, in the order of their ids. */
  async usage(workspaceId: string, judgeIds: readonly string[]): Promise<JudgeUsage[]> {
    const [campaigns, answers] = await Promise.all([
      this.#needs.store.ofJudges(workspaceId, judgeIds),
      this.#needs.answers.countsOf(workspaceId, judgeIds),
    ])
    const byJudge = new Map(campaigns.map((row) => [row.judge_id, row]))
    return judgeIds.map((judge_id) => {
      const used = byJudge.get(judge_id)
      return {
        judge_id,
        campaigns: used?.campaigns ?? 0,
        running: used?.running ?? 0,
        newest_campaigns: (used?.newest ?? []).map((campaign) => ({
          ...campaign,
          created_at: campaign.created_at.toISOString(),
        })),
        answers: answers.get(judge_id) ?? 0,
      }
    })
  }

  /** Events as they stand in lists, by id. */
  async previews(workspaceId: string, ids: readonly string[]): Promise<Map<string, EventPreview>> {
    const events = await this.#needs.events.previews(workspaceId, ids)
    return new Map(events.map((event) => [event.event_id, event]))
  }

  async #answeredWith(
    workspaceId: string,
    id: string,
    { label, min_score, max_score }: OutcomeQuery,
    { output }: Judge,
  ): Promise<string[] | undefined> {
    if (label === undefined && min_score === undefined && max_score === undefined) return undefined
    const top = output.type === 'REGRESSION' ? output.max : 0
    const fits = (answer: string | number) => {
      if (label !== undefined && answer !== label) return false
      if (min_score !== undefined && !(Number(answer) >= min_score)) return false
      // The uppermost part of the range has its end.
      return (
        max_score === undefined || Number(answer) < max_score || (max_score >= top && Number(answer) === top)
      )
    }
    const answers = await this.#needs.answers.ofCampaign(workspaceId, id)
    return answers.filter(({ answer }) => fits(answer)).map(({ eventId }) => eventId)
  }

  async #costOf(workspaceId: string, judgeId: string) {
    const campaign = await this.#needs.store.newestJudgedOf(workspaceId, judgeId)
    if (campaign !== undefined) return this.#needs.answers.costOf(workspaceId, campaign, MEASURED)
    return { answers: 0, promptCharacters: 0, inputTokens: 0, outputTokens: 0 }
  }

  async #samplePrompts(workspaceId: string, judge: Judge, ids: readonly string[]) {
    const [events, previews] = await Promise.all([
      this.#needs.events.getMany(workspaceId, ids),
      this.previews(workspaceId, ids),
    ])
    const prompts = await this.#needs.judges.writePrompts(judge, events.map(toConversation))
    return events.flatMap((event, index) => {
      const prompt = prompts[index]!
      const preview = previews.get(event.id)
      if (!preview) return []
      const isProblem = prompt instanceof Error
      return {
        event: preview,
        characters: isProblem ? 0 : promptCharacters(prompt),
        problem: isProblem ? prompt.message : null,
      }
    })
  }
}

/** The length of a prompt as it is kept with results. */
function promptCharacters({ system, user }: { system: string; user: string }): number {
  return JSON.stringify([
    { role: 'system', content: system },
    { role: 'user', content: user },
  ]).length
}
