import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '@tramontane/testkit/eventually'
import type { Installation } from './installation.ts'
import type { Scenario } from './scenario.ts'

const SPEAKERS = 3
const AFTERWARDS_MS = 500

interface Message {
  readonly type: string
  readonly content: string
}

/** A conversation as its speaker knows it: what was said, and which of it was answered. */
interface Talk {
  readonly id: string
  readonly said: string[]
  readonly answered: string[]
}

/** Speaks in one conversation after the other: a new one whenever a turn fails, whose outcome is not known then. */
async function speak(
  installation: Installation,
  speaker: string,
  isOver: () => boolean,
): Promise<readonly Talk[]> {
  const talks: Talk[] = []
  let talk: Talk | undefined
  for (let turn = 0; !isOver(); turn++) {
    const inputs = `${speaker}:${turn}`
    const path = talk ? `/v1/conversations/${talk.id}` : '/v1/conversations'
    talk?.said.push(inputs)
    const body = { inputs, ...(talk ? {} : { model: 'scripted' }) }
    const answer = await installation.call('POST', path, body).catch(() => undefined)
    if (answer?.status !== 200) {
      talk = undefined
      await delay(50)
      continue
    }
    if (!talk) {
      talk = {
        id: (answer.body as { conversation_id: string }).conversation_id,
        said: [inputs],
        answered: [],
      }
      talks.push(talk)
    }
    talk.answered.push(inputs)
  }
  return talks
}

async function checkTalk(installation: Installation, { id, said, answered }: Talk): Promise<void> {
  const { messages } = await installation.insist<{ messages: Message[] }>(
    200,
    'GET',
    `/v1/conversations/${id}/messages`,
  )
  const inputs = messages.filter(({ type }) => type === 'message.input').map(({ content }) => content)
  const outputs = messages.filter(({ type }) => type === 'message.output').map(({ content }) => content)
  assert.deepEqual(inputs, said.slice(0, inputs.length), 'turns are missing, twice, or in another order')
  assert.ok(inputs.length >= answered.length, 'an answered turn is lost')
  assert.deepEqual(
    outputs,
    inputs.map((text) => `You said ${text}.`),
    'turns have lost their answers',
  )
}

/** The texts of the users in the events of a round. */
async function recorded(installation: Installation, round: string): Promise<string[]> {
  const texts: string[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''
    const { completion_events: events } = await installation.insist<{
      completion_events: {
        results: { extra_fields: { last_user_message_preview: string } }[]
        cursor: string | null
      }
    }>(200, 'POST', `/v1/observability/chat-completion-events/search?page_size=100${query}`, {
      search_params: {
        filters: { field: 'last_user_message_preview', op: 'startswith', value: `${round}:` },
      },
      extra_fields: ['last_user_message_preview'],
    })
    texts.push(...events.results.map(({ extra_fields }) => extra_fields.last_user_message_preview))
    cursor = events.results.length > 0 ? events.cursor : null
  } while (cursor)
  return texts
}

/** Conversations that go on while the fault strikes: each answered turn is kept, once and in order, with its event. */
export const conversationTurns: Scenario = {
  name: 'conversation turns',
  durationMs: 2_000,
  begin: async (installation, provider, { name }) => {
    provider.script(({ body }) => `You said ${body.messages.at(-1).content}.`)
    let isOver = false
    const speakers = Array.from({ length: SPEAKERS }, (_, number) =>
      speak(installation, `${name}:${number}`, () => isOver),
    )
    return async () => {
      await installation.ready()
      await delay(AFTERWARDS_MS)
      isOver = true
      const talks = (await Promise.all(speakers)).flat()
      assert.ok(talks.length > 0, 'no conversation came through at all')
      for (const talk of talks) await checkTalk(installation, talk)
      const answered = talks.flatMap((talk) => talk.answered)
      await eventually(
        async () => {
          const found = new Set(await recorded(installation, name))
          assert.deepEqual(
            answered.filter((text) => !found.has(text)),
            [],
            'answered turns have no event',
          )
          return true
        },
        { timeoutMs: 30_000, everyMs: 250 },
      )
      const found = await recorded(installation, name)
      assert.equal(found.length, new Set(found).size, 'events are stored twice')
    }
  },
}
