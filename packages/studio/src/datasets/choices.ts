import { queryOptions } from '@tanstack/react-query'
import { call, type Output } from '../api/call.ts'
import { counted } from '../formats/numbers.ts'
import { CHOICES, type NamedThing } from './named-choice.tsx'

export type Judge = Output<'getJudge'>

const page = { page: 1, page_size: CHOICES }
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })

/** Datasets by name, without one. */
export function datasetChoices(except?: string) {
  return (q: string | undefined) =>
    queryOptions<{ results: readonly NamedThing[]; count: number }, Error>({
      queryKey: ['listDatasets', { choices: q ?? '', except: except ?? '' }],
      queryFn: async ({ signal }) => {
        const { datasets } = await call('listDatasets', { query: { ...page, q } }, { signal })
        return {
          count: datasets.count,
          results: datasets.results
            .filter(({ id }) => id !== except)
            .map(({ id, name, record_count }) => ({ id, name, note: counted(record_count, 'record') })),
        }
      },
    })
}

/** Campaigns by name. */
export function campaignChoices(q: string | undefined) {
  return queryOptions<{ results: readonly NamedThing[]; count: number }, Error>({
    queryKey: ['listCampaigns', { choices: q ?? '' }],
    queryFn: async ({ signal }) => {
      const { campaigns } = await call('listCampaigns', { query: { ...page, q } }, { signal })
      return {
        count: campaigns.count,
        results: campaigns.results.map(({ id, name, judge, created_at }) => ({
          id,
          name,
          note: `${judge.name}, ${date.format(new Date(created_at))}`,
        })),
      }
    },
  })
}

/** A judge to be chosen, with all that it is. */
export interface JudgeThing extends NamedThing {
  readonly judge: Judge
}

/** Judges by name. */
export function judgeChoices(q: string | undefined) {
  return queryOptions<{ results: readonly JudgeThing[]; count: number }, Error>({
    queryKey: ['listJudges', { choices: q ?? '' }],
    queryFn: async ({ signal }) => {
      const { judges } = await call('listJudges', { query: { ...page, q } }, { signal })
      return {
        count: judges.count,
        results: judges.results.map((judge) => ({
          id: judge.id,
          name: judge.name,
          note: judge.model_name,
          judge,
        })),
      }
    },
  })
}
