import assert from 'node:assert/strict'
import type { AnyClient, Context } from '../harness/context.ts'
import { ANSWER } from '../harness/scripted-model.ts'

const model = 'scripted-model'
const messages = [{ role: 'user' as const, content: 'What is the tramontane?' }]

interface Chunk {
  readonly data: { readonly choices: readonly { readonly delta: { readonly content?: unknown } }[] }
}

async function textOf(stream: AsyncIterable<Chunk>): Promise<string> {
  let text = ''
  for await (const { data } of stream) text += data.choices[0]?.delta.content ?? ''
  return text
}

/** What is passed on to the provider. */
export function gatewayTests({ client, test, provider }: Context<AnyClient>): void {
  test('chat, whole and as a stream', async () => {
    const whole = await client().chat.complete({ model, messages, temperature: 0.5 })
    assert.equal(whole.choices[0]?.message?.content, ANSWER)
    assert.equal(whole.usage.totalTokens, whole.usage.promptTokens! + whole.usage.completionTokens!)
    assert.equal(provider().requests.at(-1)!.body.temperature, 0.5)
    assert.equal(await textOf(await client().chat.stream({ model, messages })), ANSWER)
  })

  test('agents, whole and as a stream', async () => {
    const whole = await client().agents.complete({ agentId: 'ag_scripted', messages })
    assert.equal(whole.choices[0]?.message?.content, ANSWER)
    assert.equal(await textOf(await client().agents.stream({ agentId: 'ag_scripted', messages })), ANSWER)
    assert.equal(provider().requests.at(-1)!.body.agent_id, 'ag_scripted')
  })

  test('fill in the middle, whole and as a stream', async () => {
    const whole = await client().fim.complete({ model, prompt: 'def', suffix: 'return' })
    assert.equal(whole.choices[0]?.message?.content, ANSWER)
    assert.equal(await textOf(await client().fim.stream({ model, prompt: 'def' })), ANSWER)
    assert.equal(provider().requests.at(-1)!.body.prompt, 'def')
  })

  test('embeddings', async () => {
    const made = await client().embeddings.create({ model, inputs: ['one', 'three'] })
    assert.deepEqual(
      made.data.map(({ embedding }) => embedding),
      [
        [3, 0, 0.5],
        [5, 1, 0.5],
      ],
    )
  })

  test('models', async () => {
    const listed = await client().models.list()
    assert.deepEqual(
      listed.data?.map((card) => 'id' in card && card.id),
      ['scripted-model'],
    )
    const retrieved = await client().models.retrieve({ modelId: 'scripted-model' })
    assert.equal('id' in retrieved && retrieved.id, 'scripted-model')
    await assert.rejects(client().models.delete({ modelId: 'scripted-model' }), { statusCode: 400 })
  })

  test('moderation, classification, documents and speech', async () => {
    const { classifiers, ocr, audio } = client()
    assert.equal((await classifiers.moderate({ model, inputs: 'x' })).results[0]?.categoryScores?.law, 0.25)
    const chat = await classifiers.moderateChat({ model, inputs: messages })
    assert.equal(chat.results[0]?.categories?.law, true)
    const text = await classifiers.classify({ model, inputs: 'x' })
    assert.equal(text.results[0]?.mood?.scores.calm, 0.5)
    const talk = await classifiers.classifyChat({ model, input: { messages } })
    assert.equal(talk.results[0]?.mood?.scores.calm, 1)
    const document = { type: 'document_url' as const, documentUrl: 'https://example.com/a.pdf' }
    assert.equal((await ocr.process({ model, document })).pages[0]?.markdown, '# Scripted')
    const file = { fileName: 'a.wav', content: new Uint8Array([1, 2, 3]) }
    assert.equal((await audio.transcriptions.complete({ model, file })).text, 'scripted speech')
    const heard: string[] = []
    for await (const { data } of await audio.transcriptions.stream({ model, file }))
      if (data.type === 'transcription.done') heard.push(data.text)
    assert.deepEqual(heard, ['scripted speech'])
  })
}
