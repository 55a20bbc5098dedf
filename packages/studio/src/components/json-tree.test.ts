import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { firstUnfolded, jsonPreview, jsonRows } from './json-tree.ts'

const shown = (value: unknown, unfolded: ReadonlySet<string>) =>
  jsonRows(value, unfolded).map(({ id, kind, depth }) => `${depth} ${kind} ${id}`)

describe('a JSON tree', () => {
  it('has a line for each value that is unfolded, and closes what it opens', () => {
    assert.deepEqual(shown({ a: [1, { b: null }], 'c/~': {} }, new Set(['', '/a'])), [
      '0 open ',
      '1 open /a',
      '2 value /a/0',
      '2 closed /a/1',
      '1 end /a)',
      '1 value /c~1~0',
      '0 end )',
    ])
    assert.deepEqual(shown('text', new Set()), ['0 value '])
  })

  it('begins with as many levels as fit', () => {
    const wide = { list: Array.from({ length: 500 }, (_, index) => index), small: { a: 1 } }
    assert.deepEqual([...firstUnfolded(wide)], ['', '/small'])
    assert.deepEqual([...firstUnfolded(Array.from({ length: 500 }))], [])
  })

  it('takes values that are nested deeper than the stack', () => {
    let value: unknown = 1
    for (let depth = 0; depth < 50_000; depth++) value = [value]
    assert.ok(jsonRows(value, firstUnfolded(value)).length > 10)
  })

  it('previews in one line', () => {
    assert.equal(
      jsonPreview({ a: 1, b: [1], c: 'x'.repeat(100) }, 40),
      `{a: 1, b: […], c: "${'x'.repeat(22)}…}`,
    )
    assert.equal(jsonPreview([1, {}]), '[1, {…}]')
    assert.equal(jsonPreview(undefined), 'undefined')
  })
})
