import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventFields } from '@tramontane/contract/fields'
import { expectedAt, operatorSuggestions, valueSuggestions } from './filter-completion.ts'

/** The place is where `|` stands. */
const at = (marked: string) => expectedAt(marked.replace('|', ''), marked.indexOf('|'))

describe('what may stand at a place of a filter', () => {
  it('is a field at the beginning, after AND and OR, and in parentheses', () => {
    assert.deepEqual(at('|'), { kind: 'field', from: 0 })
    assert.deepEqual(at('mod|'), { kind: 'field', from: 0 })
    assert.deepEqual(at('a = 1 AND |'), { kind: 'field', from: 10 })
    assert.deepEqual(at('a = 1 or mo|'), { kind: 'field', from: 9 })
    assert.deepEqual(at('(|'), { kind: 'field', from: 1 })
    assert.deepEqual(at('a = 1 AND ((mo|'), { kind: 'field', from: 12 })
  })

  it('is an operator after a field, also after a quoted one', () => {
    assert.deepEqual(at('model_name |'), { kind: 'operator', from: 11, field: 'model_name' })
    assert.deepEqual(at('model_name con|'), { kind: 'operator', from: 11, field: 'model_name' })
    assert.deepEqual(at('metadata."my key" |'), { kind: 'operator', from: 18, field: 'metadata.my key' })
  })

  it('is a value after an operator, also while a string has no end', () => {
    assert.deepEqual(at('status = |'), { kind: 'value', from: 9, field: 'status', op: 'eq' })
    assert.deepEqual(at('status = "o|'), { kind: 'value', from: 9, field: 'status', op: 'eq' })
    assert.deepEqual(at('status != "o|" AND a = 1'), { kind: 'value', from: 10, field: 'status', op: 'neq' })
  })

  it('is AND or OR after a condition', () => {
    assert.deepEqual(at('status = "ok" |'), { kind: 'joiner', from: 14, isNested: false })
    assert.deepEqual(at('status = "ok" A|'), { kind: 'joiner', from: 14, isNested: false })
    assert.deepEqual(at('(a = 1 |'), { kind: 'joiner', from: 7, isNested: true })
    assert.deepEqual(at('(a = 1) |'), { kind: 'joiner', from: 8, isNested: false })
    assert.deepEqual(at('error isnull AND |'), { kind: 'field', from: 17 })
    assert.deepEqual(at('(error isnull) |'), { kind: 'joiner', from: 15, isNested: false })
  })

  it('never fails, whatever stands before', () => {
    for (const text of ['= = =', '"', '((("', 'a @ b', '1 2 3', 'a = 5x AND ', ')))', 'and and', 'a = "\\'])
      for (let position = 0; position <= text.length; position++) expectedAt(text, position)
  })
})

describe('suggestions', () => {
  it('are the operators that the field has', () => {
    const texts = (field: string) => operatorSuggestions(field, eventFields).map(({ text }) => text)
    assert.ok(texts('invoked_tools').includes('includes'))
    assert.ok(!texts('invoked_tools').includes('='))
    assert.ok(texts('metadata.anything').includes('contains'))
    assert.deepEqual(texts('nothing'), [])
  })

  it('write values so that they can be read', () => {
    assert.deepEqual(
      valueSuggestions(['a "b"', true, null]).map(({ text }) => text),
      ['"a \\"b\\""', 'true'],
    )
  })
})
