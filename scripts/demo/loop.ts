import { setTimeout as delay } from 'node:timers/promises'
import type { Filter } from '@tramontane/contract/filter'
import { isCondition } from '@tramontane/contract/filter-node'
import { parseFilter } from '@tramontane/contract/filter-text'
import type { Mistral } from 'mistralai-2.6.4'
import type { DemoConversation } from './conversations.ts'
import { progress } from './progress.ts'

const CONCURRENCY = 8
const MAX_JUDGED = 1_000

function say(line = ''): void {
  process.stdout.write(`${line}\n`)
}

/** Sends the conversations through the gateway, every third one streaming. */
async function sendTraffic(client: Mistral, conversations: readonly DemoConversation[]): Promise<number> {
  const bar = progress('sending conversations', conversations.length)
  const queue = conversations.entries()
  let failed = 0
  const sender = async () => {
    for (const [index, { model, messages, topic, language, tools }] of queue) {
      const request = {
        model,
        messages,
        metadata: { topic, language },
        tools: tools.map((name) => ({
          type: 'function' as const,
          function: { name, parameters: { type: 'object', properties: {} } },
        })),
      }
      try {
        if (index % 3 === 0)
          for await (const _ of await client.chat.stream(request, { retries: { strategy: 'none' } }));
        else await client.chat.complete(request, { retries: { strategy: 'none' } })
      } catch {
        failed++
      }
      bar.advance()
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, sender))
  bar.done()
  return failed
}

/** A filter written as text, in the client's spelling of the tree: `and` for `AND`. */
function clientFilter(text: string): never {
  const translate = (node: Filter): unknown =>
    isCondition(node) ? node : { and: node.AND?.map(translate), or: node.OR?.map(translate) }
  return translate(parseFilter(text)!) as never
}

/** How many events a filter selects. */
async function count(client: Mistral, filter: string): Promise<number> {
  const { completionEventIds } = await client.beta.observability.chatCompletionEvents.searchIds({
    searchParams: { filters: clientFilter(filter) },
  })
  return completionEventIds.length
}

async function judgeAll(client: Mistral, name: string): Promise<{ judgeId: string; campaignId: string }> {
  const { observability } = client.beta
  const judge = await observability.judges.create({
    name,
    description: 'Does the answer help the user?',
    modelName: 'scripted-judge',
    instructions:
      'Does this answer help the user?\n\nQuestion: {{ user_message }}\n\nAnswer: {{ assistant_message }}\n\n{{ answer_type_definition }}',
    output: {
      type: 'CLASSIFICATION',
      options: [
        { value: 'helpful', description: 'It says what to do.' },
        { value: 'unhelpful', description: 'It leaves the user where they were.' },
      ],
    },
    tools: [],
  })
  const campaign = await observability.campaigns.create({
    name,
    description: 'Every answer that came through',
    judgeId: judge.id,
    searchParams: { filters: clientFilter('status = "ok"') },
    maxNbEvents: MAX_JUDGED,
  })
  const total = (await observability.campaigns.listEvents({ campaignId: campaign.id, pageSize: 1 }))
    .completionEvents.count
  const bar = progress('judging', total)
  for (;;) {
    const { status } = await observability.campaigns.fetchStatus({ campaignId: campaign.id })
    const field = `__judge_${judge.id.replaceAll('-', '')}`
    bar.set(await count(client, `${field} isnull false`).catch(() => 0))
    if (status !== 'RUNNING') break
    await delay(100)
  }
  bar.done()
  return { judgeId: judge.id, campaignId: campaign.id }
}

async function buildDataset(
  client: Mistral,
  name: string,
  campaignId: string,
): Promise<{ id: string; records: number; exported: string }> {
  const { datasets } = client.beta.observability
  const dataset = await datasets.create({ name, description: 'The judged conversations of the demo' })
  const task = await datasets.importFromCampaign({
    datasetId: dataset.id,
    importDatasetFromCampaignRequest: { campaignId },
  })
  const bar = progress('building a dataset', 100)
  for (;;) {
    const {
      status,
      progress: percent,
      message,
    } = await datasets.fetchTask({ datasetId: dataset.id, taskId: task.id })
    bar.set(percent ?? 0)
    if (status === 'COMPLETED') break
    if (status !== 'RUNNING') throw new Error(`the import ended as ${status}: ${message}`)
    await delay(100)
  }
  bar.set(100)
  bar.done()
  const { records } = await datasets.listRecords({ datasetId: dataset.id, pageSize: 1 })
  const { fileUrl } = await datasets.exportToJsonl({ datasetId: dataset.id })
  const exported = await (await fetch(fileUrl)).text()
  return { id: dataset.id, records: records.count, exported }
}

/**
 * The whole loop with the official client: traffic, a judge, a campaign, a dataset and its export. Says what was found.
 * @returns the words behind `npm run tramontane --` that show more of it
 */
export async function runLoop(
  client: Mistral,
  conversations: readonly DemoConversation[],
): Promise<readonly string[]> {
  const began = performance.now()
  // Names are unique in a workspace, and the demo may run again on the same data.
  const name = `Demo ${new Date().toISOString().slice(0, 19).replace('T', ' ')}`
  const failed = await sendTraffic(client, conversations)
  const { judgeId, campaignId } = await judgeAll(client, name)
  const dataset = await buildDataset(client, name, campaignId)
  const field = `__judge_${judgeId.replaceAll('-', '')}`
  say()
  say('What was found:')
  for (const model of ['scripted-small', 'scripted-medium', 'scripted-large']) {
    const all = await count(client, `model_name = "${model}" AND ${field} isnull false`)
    const poor = await count(client, `model_name = "${model}" AND ${field} = "unhelpful"`)
    say(
      `  ${model.padEnd(16)} ${String(all).padStart(4)} answers judged, ${String(poor).padStart(3)} unhelpful (${Math.round((100 * poor) / Math.max(all, 1))} %)`,
    )
  }
  say(`  ${failed} calls failed (the script breaks some on purpose): status = "error" finds them`)
  say(`  ${dataset.records} records in the dataset ${dataset.id}`)
  say(
    `  ${dataset.exported.trimEnd().split('\n').length} lines in its export, read through a link that needs no key`,
  )
  say(`  The whole loop took ${((performance.now() - began) / 1000).toFixed(1)} s.`)
  return [
    `events search '${field} = "unhelpful" AND metadata.topic = "code"'`,
    `events search 'status = "error" OR invoked_tools includes "web_search"'`,
    `campaigns status ${campaignId}`,
    `datasets records ${dataset.id}`,
    `datasets export ${dataset.id} demo.jsonl`,
  ]
}
