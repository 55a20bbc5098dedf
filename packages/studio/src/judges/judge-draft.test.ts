import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asText, definitionOf, draftOf, emptyDraft, outputProblem, problemsOf } from './judge-draft.ts'

const judge = {
  name: 'Is it polite?',
  description: '',
  model_name: 'a-model',
  instructions: 'Judge.',
  tools: [],
  output: { type: 'REGRESSION' as const, min: 0, max: 2.5, min_description: 'rude', max_description: 'kind' },
}

describe('the draft of a judge', () => {
  it('becomes the judge that it was made of', () => {
    assert.deepEqual(definitionOf(draftOf(judge)), judge)
    const classes = {
      ...judge,
      output: { type: 'CLASSIFICATION' as const, options: [{ value: 'a', description: 'b' }] },
    }
    assert.deepEqual(definitionOf(draftOf(classes)), classes)
  })

  it('says what is missing', () => {
    assert.deepEqual(Object.keys(problemsOf(emptyDraft())), ['name', 'model_name'])
    assert.deepEqual(problemsOf(draftOf(judge)), {})
    const range = { min: '', max: '1', min_description: '', max_description: '' }
    assert.match(problemsOf({ ...draftOf(judge), range }).output!, /numbers/)
    assert.match(problemsOf({ ...draftOf(judge), range: { ...range, min: '1' } }).output!, /below/)
    const twice = ['a', 'a'].map((value) => ({ value, description: '' }))
    assert.match(outputProblem({ type: 'CLASSIFICATION', options: twice })!, /of its own/)
    assert.match(outputProblem({ type: 'CLASSIFICATION', options: [] })!, /at least one/)
  })

  it('is text to be compared', () => {
    assert.match(
      asText(judge),
      /Model: a-model\nScore:\n {2}0: rude\n {2}2\.5: kind\nInstructions:\nJudge\.$/,
    )
  })
})
