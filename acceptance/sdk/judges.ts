import assert from 'node:assert/strict'
import { type AnyClient, type Context, refuses } from '../harness/context.ts'
import { ANALYSIS, BAD_WORD } from '../harness/scripted-model.ts'

/** A judge's definition that tells good from bad. */
export function verdictJudge(name: string) {
  return {
    name,
    description: 'Tells good answers from bad ones',
    modelName: 'scripted-model',
    output: {
      type: 'CLASSIFICATION' as const,
      options: [
        { value: 'good', description: 'It helps' },
        { value: 'bad', description: 'It does not' },
      ],
    },
    instructions: 'Judge the answer: {{ assistant_message }}. {{ answer_type_definition }}',
    tools: [],
  }
}

export function judgeTests({ client, mark, test }: Context<AnyClient>): void {
  const judges = () => client().beta.observability.judges

  test('judges are made, found, versioned and deleted', async () => {
    const definition = verdictJudge(`${mark} made`)
    const made = await judges().create(definition)
    assert.equal(made.name, definition.name)
    assert.equal(made.modelName, 'scripted-model')
    assert.deepEqual(made.output, definition.output)
    assert.equal(made.deletedAt, null)
    const scale = await judges().create({
      ...verdictJudge(`${mark} scale`),
      output: { type: 'REGRESSION', minDescription: 'useless', maxDescription: 'perfect' },
    })
    assert.deepEqual(scale.output, {
      type: 'REGRESSION',
      min: 0,
      minDescription: 'useless',
      max: 1,
      maxDescription: 'perfect',
    })
    await refuses(judges().create(definition), 409, 'JUDGE_NAME_ALREADY_EXISTS')

    const all = await judges().list({ q: mark, pageSize: 1 })
    assert.equal(all.judges.count, 2)
    assert.equal(all.judges.results?.length, 1)
    assert.ok(all.judges.next)
    const scales = await judges().list({
      q: mark,
      typeFilter: ['REGRESSION'],
      modelFilter: ['scripted-model'],
    })
    assert.deepEqual(
      scales.judges.results?.map(({ id }) => id),
      [scale.id],
    )

    const judgeId = made.id
    await refuses(judges().update({ judgeId, updateJudgeRequest: definition }), 409, 'JUDGE_DID_NOT_CHANGE')
    await judges().update({ judgeId, updateJudgeRequest: { ...definition, instructions: 'Be strict.' } })
    const updated = await judges().fetch({ judgeId })
    assert.equal(updated.instructions, 'Be strict.')
    const older = await judges().fetch({ judgeId: updated.downRevision! })
    assert.equal(older.instructions, definition.instructions)
    assert.equal(older.upRevision, judgeId)
    await refuses(
      judges().update({ judgeId: older.id, updateJudgeRequest: { ...definition, instructions: 'No.' } }),
      409,
      'JUDGE_ALREADY_HAS_NEW_VERSION',
    )

    await judges().delete({ judgeId })
    await refuses(judges().fetch({ judgeId }), 404, 'JUDGE_NOT_FOUND')
    await judges().delete({ judgeId: scale.id })
  })

  test('a saved judge judges a conversation at once', async () => {
    const { id: judgeId } = await judges().create(verdictJudge(`${mark} live`))
    const judge = (answer: string) =>
      judges().judgeConversation({
        judgeId,
        judgeConversationRequest: {
          messages: [
            { role: 'user', content: 'Help me.' },
            { role: 'assistant', content: answer },
          ],
          properties: { lang: 'en' },
        },
      })
    assert.deepEqual(await judge('Gladly.'), { analysis: ANALYSIS, answer: 'good' })
    assert.deepEqual(await judge(BAD_WORD), { analysis: ANALYSIS, answer: 'bad' })
    await judges().delete({ judgeId })
  })
}
