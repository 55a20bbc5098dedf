import type { CompletionArgs, FunctionTool } from '@tramontane/contract/conversations'
import type { ChatRequest } from '../../platform/models/model-clients.ts'
import type { ChatMessage } from './conversation-messages.ts'

/** Whether a provider's base URL is Mistral's own, which refuses the two parameters that OpenAI names differently. */
function isMistral(providerUrl: string): boolean {
  return /(^|\.)mistral\.ai$/.test(new URL(providerUrl).hostname)
}

/** The parts of completion_args that go to the provider; what is null was not asked for. */
function parameters(args: CompletionArgs, seedName: 'seed' | 'random_seed'): Record<string, unknown> {
  const { random_seed, tool_choice: _, response_format, ...same } = args
  const all = {
    ...same,
    [seedName]: random_seed,
    response_format: response_format && {
      type: response_format.type,
      ...(response_format.json_schema ? { json_schema: response_format.json_schema } : {}),
    },
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== undefined))
}

/**
 * The chat completion that a turn of a conversation asks for.
 * @param turn.stream whether the answer shall come in pieces; then the provider is asked for the usage too
 */
export function chatRequest(turn: {
  providerUrl: string
  messages: readonly ChatMessage[]
  tools: readonly FunctionTool[]
  args: CompletionArgs
  stream: boolean
}): ChatRequest {
  const mistral = isMistral(turn.providerUrl)
  const choice = turn.args.tool_choice === 'any' ? 'required' : turn.args.tool_choice
  const request = {
    messages: turn.messages,
    ...parameters(turn.args, mistral ? 'random_seed' : 'seed'),
    ...(turn.tools.length > 0
      ? { tools: turn.tools, ...(choice === undefined ? {} : { tool_choice: choice }) }
      : {}),
    ...(turn.stream && !mistral ? { stream_options: { include_usage: true } } : {}),
  }
  // The messages are wider than the client's types: Mistral's `prefix`, documents and thoughts go as they are.
  return request as unknown as ChatRequest
}
