import assert from 'node:assert/strict'
import { eventually } from '@tramontane/testkit/eventually'
import type { Mistral } from 'mistralai-2.6.4'
import { type Context, refuses } from '../harness/context.ts'
import { BAD_WORD } from '../harness/scripted-model.ts'
import { sendTraffic, where } from './explorer.ts'
import { verdictJudge } from './judges.ts'

/** Runs a campaign over events with a mark, to its end. Gives its id and its judge's. */
export async function runCampaign(client: Mistral, mark: string): Promise<{ id: string; judgeId: string }> {
  const { judges, campaigns } = client.beta.observability
  const judge = await judges.create({
    ...verdictJudge(mark),
    instructions: 'Judge the answer to: {{ user_message }}',
  })
  const campaign = await campaigns.create({
    name: mark,
    description: 'Over the events of the test',
    judgeId: judge.id,
    searchParams: { filters: where('metadata.mark', 'eq', mark) },
    maxNbEvents: 10,
  })
  assert.equal(campaign.judge.id, judge.id)
  const { status } = await eventually(async () => {
    const answer = await campaigns.fetchStatus({ campaignId: campaign.id })
    return answer.status === 'RUNNING' ? undefined : answer
  })
  assert.equal(status, 'COMPLETED')
  return { id: campaign.id, judgeId: judge.id }
}

export function campaignTests({ client, mark, test }: Context<Mistral>): void {
  const observability = () => client().beta.observability

  test('a campaign judges the events that it selects, and its answers are searched', async () => {
    const name = `${mark} campaign`
    await sendTraffic(client(), name, ['A question', `An ${BAD_WORD} question`])
    const { id: campaignId, judgeId } = await runCampaign(client(), name)

    const fetched = await observability().campaigns.fetch({ campaignId })
    assert.equal(fetched.name, name)
    assert.equal(fetched.maxNbEvents, 10)
    const listed = await observability().campaigns.list({ q: name, pageSize: 5, page: 1 })
    assert.deepEqual(
      listed.campaigns.results?.map(({ id }) => id),
      [campaignId],
    )

    const field = `__judge_${judgeId.replaceAll('-', '')}`
    const selected = await observability().campaigns.listEvents({ campaignId, pageSize: 10, page: 1 })
    assert.equal(selected.completionEvents.count, 2)
    assert.deepEqual(selected.completionEvents.results?.map(({ extraFields }) => extraFields[field]).sort(), [
      'bad',
      'good',
    ])
    const bad = await observability().chatCompletionEvents.search({
      searchChatCompletionEventsRequest: { searchParams: { filters: where(field, 'eq', 'bad') } },
    })
    assert.deepEqual(
      bad.completionEvents.results?.map(({ extraFields }) => extraFields.last_user_message_preview),
      [`An ${BAD_WORD} question`],
    )

    await observability().campaigns.delete({ campaignId })
    await refuses(observability().campaigns.fetch({ campaignId }), 404, 'CAMPAIGN_NOT_FOUND')
    const kept = await observability().chatCompletionEvents.searchIds({
      searchParams: { filters: where(field, 'eq', 'bad') },
    })
    assert.equal(kept.completionEventIds.length, 1)
  })

  test('a campaign without events is not made', async () => {
    const judge = await observability().judges.create(verdictJudge(`${mark} idle`))
    const refused = observability().campaigns.create({
      name: `${mark} empty`,
      description: 'Nothing to judge',
      judgeId: judge.id,
      searchParams: { filters: where('metadata.mark', 'eq', 'nobody has this') },
      maxNbEvents: 10,
    })
    await refuses(refused, 400, 'CAMPAIGN_NO_MATCHING_EVENTS')
    const { campaigns } = await observability().campaigns.list({ q: `${mark} empty` })
    assert.equal(campaigns.count, 0)
  })
}
