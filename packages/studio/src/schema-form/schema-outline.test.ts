import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { schemaOutline, typeText } from './schema-outline.ts'

describe('the outline of a schema', () => {
  it('names properties, theirs, and what they hold', () => {
    const rows = schemaOutline({
      type: 'object',
      required: ['id', 'items'],
      properties: {
        id: { type: 'string', format: 'uuid', description: 'Of the order.' },
        items: { type: 'array', items: { $ref: '#/$defs/Item' } },
        note: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
        any: true,
      },
      $defs: {
        Item: { type: 'object', properties: { kind: { enum: ['a', 'b'] }, part: { $ref: '#/$defs/Item' } } },
      },
    })
    assert.deepEqual(
      rows.map(({ name, depth, type, isRequired }) => [name, depth, type, isRequired]),
      [
        ['id', 0, 'string (uuid)', true],
        ['items', 0, 'list of object', true],
        ['kind', 1, '"a" | "b"', false],
        ['part', 1, 'object', false],
        ['note', 0, 'string | null', false],
        ['any', 0, 'any', false],
      ],
    )
    assert.equal(rows[0]!.description, 'Of the order.')
    assert.equal(rows[4]!.default, 'null')
  })

  it('ends, whatever the schema is', () => {
    const self = { $ref: '#/$defs/A', $defs: { A: { anyOf: [{ $ref: '#/$defs/A' }, { type: 'null' }] } } }
    assert.ok(typeText(self, self).length < 1_000)
    assert.deepEqual(schemaOutline({ type: 'string' }), [])
    assert.deepEqual(schemaOutline({ properties: 'nonsense' }), [])
  })
})
