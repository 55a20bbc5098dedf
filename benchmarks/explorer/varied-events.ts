import { type EventRecordInput, eventRecord } from '@tramontane/contract/event-record'
import type { CapturedEvent } from '@tramontane/server/observability/captured-event'
import { uuidAt } from '@tramontane/server/platform/uuid'

const SYLLABLES =
  'ba be bi bo da de di do fa fe ka ke ki ko la le li lo ma me mi mo na ne no pa pe po ra re ri ro sa se so ta te ti to va ve vi'.split(
    ' ',
  )
const MODELS = [
  'mistral-medium-latest',
  'mistral-medium-latest',
  'mistral-small-latest',
  'mistral-small-latest',
  'mistral-large-latest',
  'codestral-latest',
]
const TOOLS = ['web_search', 'web_search', 'calculator', 'code_interpreter']
/** Over which time the events are spread. */
export const DAYS = 75
/** One event in so many bears the rare value of a field. */
const RARE_EVERY = 25_000

/** Numbers that look random and are the same in every run (xorshift). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

function vocabulary(random: () => number, size: number): string[] {
  return Array.from({ length: size }, () =>
    Array.from(
      { length: 1 + Math.floor(random() * 4) },
      () => SYLLABLES[Math.floor(random() * SYLLABLES.length)],
    ).join(''),
  )
}

/**
 * Makes `count` events of one workspace, oldest first: words by a skewed distribution, models and tools with common
 * and rare values, a third without system message, metadata of few and of many values. The same ones every time but for the clock.
 * @param end when the newest was made
 */
export function* variedEvents(workspaceId: string, count: number, end: Date): Generator<CapturedEvent> {
  const random = randomOf(7_444)
  const words = vocabulary(random, 20_000)
  const text = (length: number) => {
    let made = ''
    while (made.length < length) made += `${words[Math.floor(random() ** 3.5 * words.length)]} `
    return made.slice(0, length)
  }
  const systems = Array.from({ length: 12 }, () => text(400))
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!
  const endMicros = BigInt(end.getTime()) * 1000n
  const stepMicros = (BigInt(DAYS) * 86_400_000_000n) / BigInt(count)
  for (let index = 0; index < count; index++) {
    const isRare = index % RARE_EVERY === 7
    const question = `${isRare ? 'xylophonic ' : ''}${text(60 + random() ** 3 * 700)}`
    const system =
      random() < 0.35 ? [] : [{ role: 'system', content: `${isRare ? 'xylophonic ' : ''}${pick(systems)}` }]
    const input: EventRecordInput = {
      model_name: isRare ? 'rare-model' : pick(MODELS),
      correlation_id: `${isRare ? 'rare' : 'call'}-${index}`,
      request_messages: [...system, { role: 'user', content: question }],
      response_messages:
        random() < 0.03
          ? []
          : [{ role: 'assistant', content: `${isRare ? 'xylophonic ' : ''}${text(200 + random() * 500)}` }],
      invoked_tools: isRare ? ['rare_tool'] : random() < 0.7 ? [] : [pick(TOOLS)],
      input_tokens: isRare ? 900_000 : Math.floor(Math.exp(5 + random() * 3)),
      output_tokens: isRare ? 900_000 : Math.floor(Math.exp(4 + random() * 3)),
      total_time_elapsed: isRare ? 900 : Math.exp(random() * 3 - 2),
      api_agent_id: isRare ? 'rare-agent' : random() < 0.7 ? null : `agent-${Math.floor(random() ** 2 * 20)}`,
      metadata: {
        tenant: isRare ? 'rare' : `t${Math.floor(random() ** 3 * 1000)}`,
        env: random() < 0.9 ? 'prod' : 'dev',
      },
      ...(random() < 0.02
        ? { status: 'error' as const, error: isRare ? 'xylophonic failure' : `HTTP 429: ${text(30)}` }
        : {}),
    }
    const timestampMicros = endMicros - BigInt(count - index) * stepMicros
    yield {
      id: uuidAt(timestampMicros, String(index)),
      workspaceId,
      source: 'import',
      timestampMicros: String(timestampMicros),
      record: eventRecord.parse(input),
    }
  }
}
