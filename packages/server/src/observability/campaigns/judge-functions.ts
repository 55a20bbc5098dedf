import type { JudgeDefinition, JudgeOutput } from '@tramontane/contract/judges'

type JsonObject = Readonly<Record<string, unknown>>

/** A conversation that is to be judged; its answer is its last message. */
export interface JudgedConversation {
  readonly messages: readonly JsonObject[]
  readonly properties: JsonObject
  readonly enabledTools: readonly JsonObject[]
}

/** What a judge's model is asked. */
export interface Prompt {
  readonly system: string
  readonly user: string
}

/** What the model answered; `output` is null if none of its answers fitted, and `problem` says why. */
export interface Verdict {
  readonly output: JudgeOutput | null
  readonly problem: string | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly seconds: number
}

/** What campaigns need done by judges. */
export interface JudgeFunctions {
  /** Each conversation's prompt, in their order, or the ApiError that says why it has none. */
  writePrompts(
    definition: JudgeDefinition,
    conversations: readonly JudgedConversation[],
  ): Promise<(Prompt | Error)[]>
  /** @throws ModelError, ApiError PROVIDER_NOT_CONFIGURED, or the signal's reason */
  ask(definition: JudgeDefinition, prompt: Prompt, signal: AbortSignal): Promise<Verdict>
}
