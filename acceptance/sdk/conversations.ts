import assert from 'node:assert/strict'
import type { AnyClient, Context } from '../harness/context.ts'
import { ANSWER } from '../harness/scripted-model.ts'

const model = 'scripted-model'

interface Frame {
  readonly data: { readonly type: string; readonly content?: unknown; readonly conversationId?: string }
}

/** The text of a stream, the id of its conversation, and how it ended. */
async function read(stream: AsyncIterable<unknown>): Promise<{ text: string; id: string; end: string }> {
  const seen = { text: '', id: '', end: '' }
  for await (const frame of stream) {
    const { data } = frame as Frame
    seen.text += data.content ?? ''
    seen.id = data.conversationId ?? seen.id
    seen.end = data.type
  }
  return seen
}

export function conversationTests({ client, mark, test }: Context<AnyClient>): void {
  test('conversations, whole', async () => {
    const { conversations } = client().beta
    const started = await conversations.start({
      model,
      inputs: 'Hello?',
      instructions: 'Be brief.',
      metadata: { mark },
    })
    const { conversationId } = started
    assert.equal((started.outputs[0] as { content: string }).content, ANSWER)
    await conversations.append({ conversationId, conversationAppendRequest: { inputs: 'And?' } })
    assert.equal(((await conversations.get({ conversationId })) as { model: string }).model, model)
    assert.deepEqual(
      (await conversations.list({ metadata: { mark } })).map(({ id }) => id),
      [conversationId],
    )
    const { entries } = await conversations.getHistory({ conversationId })
    assert.deepEqual(
      entries.map((entry) => (entry as { content: string }).content),
      ['Hello?', ANSWER, 'And?', ANSWER],
    )
    assert.equal((await conversations.getMessages({ conversationId })).messages.length, 4)
    const again = await conversations.restart({
      conversationId,
      conversationRestartRequest: { fromEntryId: entries[1]!.id!, inputs: 'Or?' },
    })
    const fork = await conversations.getHistory({ conversationId: again.conversationId })
    assert.deepEqual(
      fork.entries.map((entry) => (entry as { content: string }).content),
      ['Hello?', ANSWER, 'Or?', ANSWER],
    )
    await conversations.delete({ conversationId })
    await assert.rejects(conversations.get({ conversationId }), { statusCode: 404 })
  })

  test('conversations, as streams', async () => {
    const { conversations } = client().beta
    const end = 'conversation.response.done'
    const started = await read(await conversations.startStream({ model, inputs: 'Hello?' }))
    assert.deepEqual([started.text, started.end], [ANSWER, end])
    const conversationId = started.id
    const appended = await read(
      await conversations.appendStream({
        conversationId,
        conversationAppendStreamRequest: { inputs: 'And?' },
      }),
    )
    assert.deepEqual(appended, { text: ANSWER, id: conversationId, end })
    const { entries } = await conversations.getHistory({ conversationId })
    assert.equal(entries.length, 4)
    const restarted = await read(
      await conversations.restartStream({
        conversationId,
        conversationRestartStreamRequest: { fromEntryId: entries[0]!.id! },
      }),
    )
    assert.deepEqual([restarted.text, restarted.end], [ANSWER, end])
    assert.notEqual(restarted.id, conversationId)
  })
}
