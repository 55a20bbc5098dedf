import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { memberText, onOneLine, readItems, readMembers, without } from './json-text.ts'

describe('JSON taken apart as text', () => {
  it('finds the members that a parser finds, whatever they hold and however they are spaced', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom(undefined, 1, '\t'),
        (value, space) => {
          const text = ` ${JSON.stringify(value, null, space)}\n`
          const { members } = readMembers(text)
          assert.deepEqual(
            members.map(({ name }) => name),
            Object.keys(JSON.parse(text)),
          )
          for (const [name, member] of Object.entries(JSON.parse(text)))
            assert.deepEqual(JSON.parse(memberText(text, members, name)!), member)
          for (const name of Object.keys(value)) {
            const { [name]: _, ...rest } = JSON.parse(text)
            assert.deepEqual(JSON.parse(without(text, members, name)), rest)
          }
          assert.deepEqual(JSON.parse(onOneLine(text)), JSON.parse(text))
        },
      ),
    )
  })

  it('counts levels', () => {
    for (const [text, depth] of [
      ['{}', 1],
      ['{"a":1}', 1],
      ['{"a":[]}', 2],
      ['{"a":[{"b":"]]"}],"c":[1]}', 3],
    ] as const)
      assert.equal(readMembers(text).depth, depth, text)
  })

  it('finds the items of a list', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = ` ${JSON.stringify(value, null, space)}\n`
        assert.deepEqual(
          readItems(text).map((item) => JSON.parse(item)),
          JSON.parse(text),
        )
      }),
    )
  })
})
