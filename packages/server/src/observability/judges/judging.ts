import type { JudgeAnswerDefinition, JudgeDefinition, JudgeOutput } from '@tramontane/contract/judges'
import { ApiError } from '../../platform/http/errors.ts'
import type { ModelClients } from '../../platform/models/model-clients.ts'
import { ModelError } from '../../platform/models/model-error.ts'
import { answerSchema, readAnswer } from './answer-definition.ts'
import type { JudgePrompt } from './judge-prompt.ts'

/** What asking cost, all attempts together. */
export interface JudgingCost {
  inputTokens: number
  outputTokens: number
}

/** A judgement that fits the definition; or, with `output` null, what was wrong with every answer that came. */
export type Verdict = JudgingCost & { readonly seconds: number } & (
    | { readonly output: JudgeOutput; readonly problem: null }
    | { readonly output: null; readonly problem: string }
  )

interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

const ATTEMPTS = 3
/** How providers word that they do not know, or do not take, our `response_format`. */
const REFUSES_FORMAT =
  /response.?format|json.?schema|structured|unsupported|not supported|unrecognized|extra/i

/** The text of an answer; some providers answer in chunks, of which those with a text count. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((chunk) => (typeof chunk?.text === 'string' ? chunk.text : '')).join('')
}

/** Asks judges' models, and takes no answer but one that fits. */
export class Judging {
  readonly #models: ModelClients
  /** Models whose provider refused structured output: they are asked in plain words. */
  readonly #plain = new Set<string>()

  constructor(models: ModelClients) {
    this.#models = models
  }

  /**
   * Asks a judge's model about one conversation; again, up to twice, if the answer does not fit.
   * @throws ModelError if a call failed, ApiError PROVIDER_NOT_CONFIGURED, or the signal's reason
   */
  async ask(definition: JudgeDefinition, prompt: JudgePrompt, signal?: AbortSignal): Promise<Verdict> {
    const started = performance.now()
    const seconds = () => (performance.now() - started) / 1_000
    const cost = { inputTokens: 0, outputTokens: 0 }
    const messages: Message[] = [
      { role: 'system', content: prompt.system },
      { role: 'user', content: prompt.user },
    ]
    let problem = ''
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const text = await this.#call(definition, messages, cost, signal)
      const read = readAnswer(text, definition.output)
      if ('output' in read) return { output: read.output, problem: null, ...cost, seconds: seconds() }
      problem = read.problem
      messages.push(
        { role: 'assistant', content: text === '' ? '(nothing)' : text.slice(0, 20_000) },
        {
          role: 'user',
          content: `${problem}\nAnswer again, with one JSON object {"analysis": …, "answer": …}.`,
        },
      )
    }
    problem = `None of the model's ${ATTEMPTS} answers fitted. ${problem}`
    return { output: null, problem, ...cost, seconds: seconds() }
  }

  async #call(
    { model_name, output }: JudgeDefinition,
    messages: Message[],
    cost: JudgingCost,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const answer = await this.#structured(model_name, output, messages, signal)
    cost.inputTokens += answer.usage?.prompt_tokens ?? 0
    cost.outputTokens += answer.usage?.completion_tokens ?? 0
    return textOf(answer.choices[0]?.message?.content)
  }

  /** Asks with `response_format`; without it where the provider refuses that, which is remembered. */
  async #structured(model: string, output: JudgeAnswerDefinition, messages: Message[], signal?: AbortSignal) {
    const options = { signal }
    if (this.#plain.has(model)) return this.#models.chat(model, { messages }, options)
    const schema = answerSchema(output)
    try {
      const response_format = {
        type: 'json_schema' as const,
        json_schema: { name: 'judgement', strict: true, schema },
      }
      return await this.#models.chat(model, { messages, response_format }, options)
    } catch (error) {
      if (
        !(error instanceof ModelError && error.kind === 'bad-request' && REFUSES_FORMAT.test(error.message))
      )
        throw error
      const answer = await this.#models.chat(model, { messages }, options)
      this.#plain.add(model)
      return answer
    }
  }
}

/** What a caller of live judging is told when asking the model failed. */
export function toApiError(error: unknown): unknown {
  if (error instanceof ModelError)
    return new ApiError(
      error.kind === 'timeout' ? 'JUDGE_MISTRAL_API_TIMEOUT' : 'JUDGE_MISTRAL_API_ERROR',
      error.message,
      { cause: error, retryAfter: error.retryAfter },
    )
  return error
}
