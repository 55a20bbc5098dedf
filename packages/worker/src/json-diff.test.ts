import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { jsonCopy, jsonDiff, type PatchOperation } from './json-diff.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** What a reader of the stream does with the operations. */
function apply(value: unknown, operations: PatchOperation[]): unknown {
  // biome-ignore lint/suspicious/noExplicitAny: a patch goes anywhere
  const root: any = { '': structuredClone(value) }
  for (const { op, path, value: operand } of operations) {
    const keys = path.split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = keys.pop() ?? ''
    const target = keys.reduce((at, key) => at[key], path === '' ? root : root)
    const place = path === '' ? root : target
    const key = path === '' ? '' : last
    if (op === 'remove') Array.isArray(place) ? place.splice(Number(key), 1) : delete place[key]
    else if (op === 'append') place[key] += operand
    else
      Object.defineProperty(place, key, {
        value: operand,
        writable: true,
        enumerable: true,
        configurable: true,
      })
  }
  return root['']
}

describe('the difference of two JSON values', () => {
  it('is nothing where nothing is different', () => {
    assert.deepEqual(jsonDiff({ a: [1, { b: null }] }, { a: [1, { b: null }] }), [])
  })

  it('appends to a text that grew', () => {
    assert.deepEqual(jsonDiff({ text: 'ab', n: 1 }, { text: 'abc', n: 2 }), [
      { op: 'append', path: '/text', value: 'c' },
      { op: 'replace', path: '/n', value: 2 },
    ])
    assert.deepEqual(jsonDiff({ text: 'ab' }, { text: 'b' }), [{ op: 'replace', path: '/text', value: 'b' }])
  })

  it('lengthens and shortens lists at their end, and names members in full', () => {
    assert.deepEqual(jsonDiff({ 'a/b': [1, 2, 3] }, { 'a/b': [1] }), [
      { op: 'remove', path: '/a~1b/2', value: null },
      { op: 'remove', path: '/a~1b/1', value: null },
    ])
    assert.deepEqual(jsonDiff({ '~': [] }, { '~': ['x'] }), [{ op: 'add', path: '/~0/0', value: 'x' }])
  })

  it('leads from any value to any other', () => {
    const { value } = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom(null, true, 0, 1, 'a', 'ab', 'abc', ''),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'c/d', '~', ''), tie('value')),
      ),
    }))
    fc.assert(
      fc.property(value, value, (before, after) => {
        const plain = JSON.parse(JSON.stringify(after))
        assert.deepEqual(JSON.parse(JSON.stringify(apply(before, jsonDiff(before, after)))), plain)
      }),
      { numRuns: 500 },
    )
  })

  it('is made of copies: what JSON makes of a value', () => {
    const draft = {
      when: new Date(0),
      none: undefined,
      fn() {},
      list: [undefined, Number.NaN],
      inner: { a: 1 },
    }
    const copy = jsonCopy(draft) as typeof draft
    assert.deepEqual(copy, JSON.parse(JSON.stringify(draft)))
    draft.inner.a = 2
    assert.equal(copy.inner.a, 1)
  })
})
