import assert from 'node:assert/strict'
import type { Mistral } from 'mistralai-2.6.4'
import type { Context } from '../harness/context.ts'
import { ANALYSIS, ANSWER, BAD_WORD } from '../harness/scripted-model.ts'
import { verdictJudge } from './judges.ts'

/** A filter on one field. */
export function where(field: string, op: 'eq' | 'contains' | 'includes' | 'gt' | 'isnull', value: unknown) {
  return { field, op, value }
}

/** Sends one chat completion for each text, one after the other; metadata carries the mark. */
export async function sendTraffic(client: Mistral, mark: string, texts: readonly string[]): Promise<void> {
  for (const content of texts) {
    await client.chat.complete({
      model: 'scripted-model',
      messages: [
        { role: 'system', content: 'You are scripted.' },
        { role: 'user', content },
      ],
      metadata: { mark },
    })
  }
}

export function explorerTests({ client, mark, test }: Context<Mistral>): void {
  const events = () => client().beta.observability.chatCompletionEvents
  const mine = { filters: where('metadata.mark', 'eq', `${mark} explorer`) }

  test('traffic becomes events that are searched and read', async () => {
    await sendTraffic(client(), `${mark} explorer`, ['The first?', 'The second?', `An ${BAD_WORD} third?`])
    const first = await events().search({
      pageSize: 2,
      searchChatCompletionEventsRequest: { searchParams: mine },
    })
    const page = first.completionEvents
    assert.deepEqual(
      page.results?.map(({ extraFields }) => extraFields.last_user_message_preview),
      [`An ${BAD_WORD} third?`, 'The second?'],
    )
    assert.ok(page.cursor)
    const second = await events().search({
      pageSize: 2,
      cursor: page.cursor,
      searchChatCompletionEventsRequest: { searchParams: mine, extraFields: ['model_name'] },
    })
    assert.deepEqual(
      second.completionEvents.results?.map(({ extraFields }) => extraFields),
      [{ model_name: 'scripted-model' }],
    )
    const group = {
      filters: { and: [mine.filters, { or: [where('last_user_message_preview', 'contains', 'second')] }] },
    }
    const narrowed = await events().searchIds({ searchParams: group })
    assert.deepEqual(narrowed.completionEventIds, [page.results?.[1]?.eventId])

    const eventId = narrowed.completionEventIds[0]!
    const event = await events().fetch({ eventId })
    assert.deepEqual(event.requestMessages.at(-1), { role: 'user', content: 'The second?' })
    assert.equal(event.responseMessages[0]?.content, ANSWER)
    assert.equal(event.extraFields.first_system_message, 'You are scripted.')
    assert.ok(event.nbInputTokens > 0 && event.nbOutputTokens > 0)
    assert.equal(event.nbMessages, event.requestMessages.length + event.responseMessages.length)

    await sendTraffic(client(), `${mark} twin`, ['The second?'])
    const twins = await events().searchIds({
      searchParams: { filters: where('metadata.mark', 'eq', `${mark} twin`) },
    })
    const similar = await events().fetchSimilarEvents({ eventId })
    assert.equal(similar.completionEvents.results?.[0]?.eventId, twins.completionEventIds[0])
    assert.ok(similar.completionEvents.results?.every((item) => item.eventId !== eventId))
  })

  test('fields, their options and counts', async () => {
    const { fieldDefinitions, fieldGroups } = await events().fields.list()
    const types = new Map(fieldDefinitions.map(({ name, type }) => [name, type]))
    assert.equal(types.get('model_name'), 'ENUM')
    assert.equal(types.get('total_time_elapsed'), 'FLOAT')
    assert.ok(
      fieldDefinitions.find(({ name }) => name === 'invoked_tools')?.supportedOperators.includes('len_eq'),
    )
    assert.ok(fieldGroups.length > 0)
    const { options } = await events().fields.fetchOptions({ fieldName: 'model_name', operator: 'eq' })
    assert.ok(options?.includes('scripted-model'))
    const { counts } = await events().fields.fetchOptionCounts({
      fieldName: 'model_name',
      fetchFieldOptionCountsRequest: { filterParams: mine },
    })
    assert.deepEqual(counts, [{ value: 'scripted-model', count: 3 }])
  })

  test('an unsaved judge judges an event at once', async () => {
    const { completionEventIds } = await events().searchIds({ searchParams: mine })
    const judge = (eventId: string) =>
      events().judge({
        eventId,
        judgeChatCompletionEventRequest: {
          judgeDefinition: {
            ...verdictJudge('never saved'),
            instructions: 'Judge the answer to: {{ user_message }}',
          },
        },
      })
    assert.deepEqual(await judge(completionEventIds[0]!), { analysis: ANALYSIS, answer: 'bad' })
    assert.deepEqual(await judge(completionEventIds[1]!), { analysis: ANALYSIS, answer: 'good' })
  })
}
