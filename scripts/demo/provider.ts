import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import type { DemoConversation } from './conversations.ts'

/** What the scripted judge says: no model, only a rule on the length and the words of the answer. */
function judge(prompt: string): { analysis: string; answer: string } {
  const isPoor =
    /I do not know\.|As a language model|see the documentation|"Yes\."|It depends\./.test(prompt) ||
    /(^|\n)[^\n]*Yes\.\s*$/.test(prompt)
  return isPoor
    ? { analysis: 'Scripted: the answer leaves the user where they were.', answer: 'unhelpful' }
    : { analysis: 'Scripted: the answer says what to do.', answer: 'helpful' }
}

/**
 * Starts a provider that plays the models of the demo: it knows the answer of each conversation beforehand, fails one
 * call in fifty, and grades by a fixed rule. It is a script, and its model names and answers say so.
 */
export async function startDemoProvider(
  conversations: readonly DemoConversation[],
): Promise<ScriptedProvider> {
  const byQuestion = new Map(
    conversations.map((conversation) => [conversation.messages.at(-1)!.content, conversation]),
  )
  let calls = 0
  return startScriptedProvider(({ body }) => {
    if (body.response_format) return JSON.stringify(judge(JSON.stringify(body.messages)))
    if (++calls % 50 === 0)
      return {
        status: 503,
        body: {
          object: 'error',
          message: 'Scripted outage: the model is overloaded.',
          type: 'service_unavailable',
          code: '3505',
        },
      }
    const conversation = byQuestion.get(body.messages.at(-1).content)
    if (!conversation) return 'Scripted: this question is not in the script.'
    if (conversation.calls && !body.stream) {
      return {
        status: 200,
        body: {
          id: `scripted-call-${calls}`,
          object: 'chat.completion',
          created: Math.floor(Date.now() / 1000),
          model: body.model,
          choices: [
            {
              index: 0,
              finish_reason: 'tool_calls',
              message: {
                role: 'assistant',
                content: conversation.answer,
                tool_calls: [
                  {
                    id: `call${calls}`,
                    type: 'function',
                    function: { name: conversation.calls, arguments: '{"scripted":true}' },
                  },
                ],
              },
            },
          ],
          usage: {
            prompt_tokens: 60 + (calls % 40),
            completion_tokens: 25 + (calls % 20),
            total_tokens: 85 + (calls % 40) + (calls % 20),
          },
        },
      }
    }
    return conversation.answer
  })
}
