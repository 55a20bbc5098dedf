import { heartbeat, task } from '@tramontane/worker/activity'

/** Asks the model through the gateway, and lets everybody who watches read along. */
export async function answer(model: string, messages: { role: string; content: string }[]): Promise<string> {
  return task('answer', { text: '' }, async (answering) => {
    for await (const token of tokens(model, messages)) {
      heartbeat()
      await answering.update((state) => {
        state.text += token
      })
    }
    return answering.state.text
  })
}

async function* tokens(model: string, messages: unknown): AsyncGenerator<string> {
  const response = await fetch(`${process.env.SERVER_URL ?? 'http://127.0.0.1:7444'}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${process.env.MISTRAL_API_KEY}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ model, messages, stream: true }),
  })
  if (!response.ok) throw new Error(`the model does not answer: ${response.status} ${await response.text()}`)
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const lines = text.split('\n')
    text = lines.pop()!
    for (const line of lines) {
      if (!line.startsWith('data: {')) continue
      const token = JSON.parse(line.slice('data: '.length)).choices[0]?.delta?.content
      if (token) yield token
    }
  }
}
