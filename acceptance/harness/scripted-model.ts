import type { ProviderRequest, ScriptedAnswer } from '@tramontane/testkit/scripted-provider'

/** What the scripted model says to everything that is no judgement. */
export const ANSWER = 'This answer is scripted.'
export const ANALYSIS = 'This analysis is scripted.'
/** A conversation with this word is judged with the last option, or the lowest number; others with the first, or highest. */
export const BAD_WORD = 'unhelpful'

const results = { id: 'scripted', model: 'scripted-model' }
const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }

/** Answers of what is neither chat nor a judgement, by path. */
const OTHERS: Readonly<Record<string, unknown>> = {
  '/v1/moderations': {
    ...results,
    results: [{ categories: { law: false }, category_scores: { law: 0.25 } }],
  },
  '/v1/chat/moderations': {
    ...results,
    results: [{ categories: { law: true }, category_scores: { law: 0.75 } }],
  },
  '/v1/classifications': { ...results, results: [{ mood: { scores: { calm: 0.5 } } }] },
  '/v1/chat/classifications': { ...results, results: [{ mood: { scores: { calm: 1 } } }] },
  '/v1/ocr': {
    model: 'scripted-model',
    usage_info: { pages_processed: 1 },
    pages: [{ index: 0, markdown: '# Scripted', images: [], dimensions: null }],
  },
  '/v1/audio/transcriptions': { model: 'scripted-model', text: 'scripted speech', language: 'en', usage },
}

function judgement(request: ProviderRequest): string {
  const { answer } = request.body.response_format.json_schema.schema.properties
  const isBad = JSON.stringify(request.body.messages).includes(BAD_WORD)
  const values: unknown[] = answer.enum ?? [answer.maximum, answer.minimum]
  return JSON.stringify({ analysis: ANALYSIS, answer: values.at(isBad ? -1 : 0) })
}

function transcriptStream(): ScriptedAnswer {
  const done = { ...(OTHERS['/v1/audio/transcriptions'] as object), type: 'transcription.done' }
  return (reply) =>
    reply.type('text/event-stream').send(`event: transcription.done\ndata: ${JSON.stringify(done)}\n\n`)
}

/** The script of the provider behind the acceptance tests. */
export function scriptedModel(request: ProviderRequest): ScriptedAnswer {
  const isUpload = Buffer.isBuffer(request.body)
  if (isUpload && /name="stream"\r\n\r\ntrue/.test(String(request.body))) return transcriptStream()
  const other = OTHERS[request.path]
  if (other) return { status: 200, body: other }
  if (request.body.response_format?.type === 'json_schema') return judgement(request)
  return ANSWER
}
