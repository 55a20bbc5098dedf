import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JsonSchema } from './json-schema.ts'
import { check, fits } from './schema-check.ts'

const schema: JsonSchema = {
  $defs: { Item: { type: 'object', properties: { 'a/b': { type: 'number' } }, required: ['a/b'] } },
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 3 },
    count: { type: 'integer', minimum: 1, maximum: 5 },
    kind: { enum: ['a', 'b'] },
    mail: { type: 'string', format: 'email' },
    maybe: { anyOf: [{ type: 'string', maxLength: 2 }, { type: 'null' }] },
    either: { anyOf: [{ type: 'string' }, { type: 'number' }] },
    items: { type: 'array', items: { $ref: '#/$defs/Item' } },
    slow: { type: 'string', pattern: '^(a+)+$' },
  },
  required: ['name'],
  additionalProperties: false,
}

const told = (value: unknown) =>
  Object.fromEntries(check(schema, value).map(({ path, message }) => [JSON.stringify(path), message]))

describe('checking what was entered', () => {
  it('says what is wrong, and where', () => {
    assert.deepEqual(told({ name: 'abc', maybe: null, either: 1, items: [{ 'a/b': 1 }] }), {})
    assert.deepEqual(
      told({
        count: 9,
        kind: 'c',
        mail: 'nobody',
        maybe: 'long',
        either: true,
        items: [{ 'a/b': 1 }, { 'a/b': 'x' }, {}],
        other: 1,
      }),
      {
        '["name"]': 'is required',
        '["count"]': 'may be at most 5',
        '["kind"]': 'must be one of ["a","b"]',
        '["mail"]': 'is no email',
        '["maybe"]': 'may have 2 characters at most',
        '["either"]': 'fits none of the alternatives',
        '["items",1,"a/b"]': 'must be number',
        '["items",2,"a/b"]': 'is required',
        '["other"]': 'is not known here',
      },
    )
    assert.deepEqual(told({ name: 'x', count: 0 }), {
      '["name"]': 'must have at least 3 characters',
      '["count"]': 'must be at least 1',
    })
    assert.deepEqual(told([]), { '[]': 'must be object' })
  })

  it('leaves patterns to the server', () => {
    assert.deepEqual(told({ name: 'abc', slow: `${'a'.repeat(50)}!` }), {})
  })

  it('lets pass what it cannot read', () => {
    assert.deepEqual(check({ $ref: 'https://example.com/schema' }, 1), [])
    assert.equal(fits({ $ref: '#/$defs/Item' }, { 'a/b': 1 }, schema), true)
    assert.equal(fits({ $ref: '#/$defs/Item' }, {}, schema), false)
  })
})
