import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judgeAnswerDefinition } from '@tramontane/contract/judges'
import { readAnswer } from './answer-definition.ts'

const labels = judgeAnswerDefinition.parse({
  options: [
    { value: 'good', description: 'It helps.' },
    { value: 'bad', description: 'It does not.' },
  ],
})
const scores = judgeAnswerDefinition.parse({
  min: '0',
  max: '5',
  min_description: 'bad',
  max_description: 'good',
})

function answerOf(text: string, definition = labels) {
  const read = readAnswer(text, definition)
  return 'output' in read ? read.output.answer : undefined
}

describe("a model's answer", () => {
  it('is found as JSON, in a code fence, or inside a text', () => {
    assert.equal(answerOf('{"analysis":"ok","answer":"good"}'), 'good')
    assert.equal(answerOf('Sure!\n```json\n{"analysis": "ok", "answer": "bad"}\n```\nBye.'), 'bad')
    assert.equal(
      answerOf('<think>\nMaybe {"answer": "bad"}?\n</think>\n{"analysis":"ok","answer":"good"}'),
      'good',
    )
    assert.equal(answerOf('The verdict is {"analysis": "a {brace}", "answer": "good"}.'), 'good')
  })

  it('must be a label of the definition, letter for letter', () => {
    for (const text of [
      '{"answer":"Good"}',
      '{"answer":"good "}',
      '{"answer":1}',
      '{"analysis":"x"}',
      'good',
      '[]',
      '',
    ])
      assert.equal(answerOf(text), undefined, text)
  })

  it('must be a number within the range, also as a string', () => {
    assert.equal(answerOf('{"answer": 0}', scores), 0)
    assert.equal(answerOf('{"answer": "4.5"}', scores), 4.5)
    for (const text of [
      '{"answer": 5.01}',
      '{"answer": -1}',
      '{"answer": "five"}',
      '{"answer": null}',
      '{"answer": ""}',
    ])
      assert.equal(answerOf(text, scores), undefined, text)
  })
})

describe('the definition of an answer', () => {
  it('is told by its fields', () => {
    assert.equal(labels.type, 'CLASSIFICATION')
    assert.deepEqual(judgeAnswerDefinition.parse({ min_description: 'a', max_description: 'b' }), {
      type: 'REGRESSION',
      min: 0,
      max: 1,
      min_description: 'a',
      max_description: 'b',
    })
  })

  it('has limits', () => {
    const regression = { min_description: '', max_description: '' }
    const option = { value: 'a', description: '' }
    for (const bad of [
      { ...regression, min: -1 },
      { ...regression, max: 1e9 },
      { ...regression, min: 2, max: 2 },
      { ...regression, max: 0 },
      { options: [] },
      { options: [option, option] },
      { options: [{ value: 'a\0', description: '' }] },
      { type: 'OTHER', options: [option] },
      {},
      null,
      [],
    ])
      assert.equal(judgeAnswerDefinition.safeParse(bad).success, false, JSON.stringify(bad))
  })
})
