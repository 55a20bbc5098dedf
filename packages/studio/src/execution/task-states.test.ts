import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { streamedText, TaskStates } from './task-states.ts'

function states(...events: [type: string, attributes?: Record<string, unknown>][]) {
  const tasks = new TaskStates()
  for (const [index, [type, attributes = {}]] of events.entries())
    tasks.add({
      event_type: `CUSTOM_TASK_${type}`,
      event_timestamp: (1_777_629_600_000 + index) * 1e6,
      workflow_run_id: 'run',
      attributes: { custom_task_id: 't', custom_task_type: 'token', ...attributes },
    })
  return tasks.all
}
const json = (value: unknown) => ({ payload: { type: 'json', value } })
const patch = (...value: unknown[]) => ({ payload: { type: 'json_patch', value } })

describe('the state of a task', () => {
  it('grows token by token to the whole text', () => {
    const [task] = states(
      ['STARTED', json({ text: '', words: 0 })],
      [
        'IN_PROGRESS',
        patch({ op: 'append', path: '/text', value: 'Good ' }, { op: 'replace', path: '/words', value: 1 }),
      ],
      ['IN_PROGRESS', patch({ op: 'append', path: '/text', value: 'morning' })],
    )
    assert.deepEqual(task!.value, { text: 'Good morning', words: 1 })
    assert.equal(streamedText(task!.value), 'Good morning')
    assert.equal(task!.state, 'running')
  })

  it('takes lists, escapes and the whole state anew', () => {
    const [task] = states(
      ['STARTED', json({ 'a/b': [1] })],
      ['IN_PROGRESS', patch({ op: 'add', path: '/a~1b/-', value: 2 }, { op: 'remove', path: '/a~1b/0' })],
    )
    assert.deepEqual(task!.value, { 'a/b': [2] })
    const [again] = states(
      ['STARTED', json('a')],
      ['IN_PROGRESS', json('b')],
      ['IN_PROGRESS', patch({ op: 'append', path: '', value: 'c' })],
    )
    assert.equal(again!.value, 'bc')
  })

  it('is left as it is by what cannot be followed, and cannot reach the prototype', () => {
    const [task] = states(
      ['STARTED', json({ a: 1 })],
      ['IN_PROGRESS', patch({ op: 'append', path: '/nowhere/x', value: 'c' })],
      ['IN_PROGRESS', { payload: { type: 'json_patch', value: 'ciphertext' } }],
      ['IN_PROGRESS', patch({ op: 'add', path: '/__proto__/polluted', value: true })],
      ['IN_PROGRESS', patch({ op: 'add', path: '/__proto__', value: { polluted: true } })],
    )
    assert.equal(({} as { polluted?: boolean }).polluted, undefined)
    assert.equal((task!.value as { a: number }).a, 1)
  })

  it('ends, and says why', () => {
    const [task] = states(['STARTED', json({})], ['FAILED', { failure: { message: 'no model' } }])
    assert.deepEqual([task!.state, task!.message, task!.updates], ['failed', 'no model', 2])
  })

  it('has a text only where there is one', () => {
    assert.equal(streamedText({ done: 3 }), undefined)
    assert.equal(streamedText({ role: 'assistant', content: 'hello' }), 'hello')
    assert.equal(streamedText(['a']), undefined)
  })
})
