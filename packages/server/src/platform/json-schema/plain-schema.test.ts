import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import type { JsonObject } from '../json-object.ts'
import { fitsPlainly } from './plain-schema.ts'

const type = fc.constantFrom('object', 'array', 'string', 'number', 'integer', 'boolean', 'null')
const bare = fc.record({ type, title: fc.string() }, { requiredKeys: ['type'] })
const name = fc.constantFrom('a', 'b', 'c', '__proto__', 'toString')
const { schema } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    bare,
    fc.record({ enum: fc.uniqueArray(fc.oneof(fc.integer({ min: 0, max: 5 }), name), { minLength: 1 }) }),
    fc.record({ anyOf: fc.array(bare, { minLength: 1, maxLength: 3 }) }),
    fc.record(
      { type: fc.constant('string'), minLength: fc.nat(3), maxLength: fc.nat(5) },
      { requiredKeys: ['type'] },
    ),
    fc.record({
      minimum: fc.integer({ min: -3, max: 3 }),
      exclusiveMaximum: fc.integer({ min: -3, max: 3 }),
    }),
    fc.record({ type: fc.constant('array'), items: tie('schema'), minItems: fc.nat(2), maxItems: fc.nat(3) }),
    fc.record(
      {
        type: fc.constant('object'),
        properties: fc.dictionary(name, tie('schema') as fc.Arbitrary<object>, { maxKeys: 3 }),
        required: fc.uniqueArray(name),
        additionalProperties: fc.boolean(),
      },
      { requiredKeys: ['type'] },
    ),
  ),
}))
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, 0, 1, -2, 2.5, '', 'a', 'abc', '\u{1F431}\u{1F431}'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3 }),
  ),
}))

describe('schemas of the simplest kind', () => {
  it('say that a value fits only if it does', () => {
    let fitting = 0
    fc.assert(
      fc.property(schema, value, (anySchema, anyValue) => {
        if (!fitsPlainly(anySchema as JsonObject, anyValue)) return
        fitting++
        const check = new Ajv2020({
          strict: false,
          logger: false,
          validateSchema: false,
          ownProperties: true,
        }).compile(anySchema as object)
        assert.equal(check(anyValue), true, JSON.stringify(check.errors))
      }),
      { numRuns: 2_000 },
    )
    assert.ok(fitting > 100, `${fitting} fitted`)
  })

  it('are no others', () => {
    for (const other of [
      { pattern: 'a' },
      { format: 'email' },
      { $ref: '#/$defs/x', $defs: { x: {} } },
      { properties: { a: { pattern: 'x' } } },
      { anyOf: [{ anyOf: [{}] }] },
      { type: 'nothing' },
      { minimum: '1' },
      { unknown: true },
    ])
      assert.equal(fitsPlainly(other, {}), false, JSON.stringify(other))
    let deep: JsonObject = { type: 'object' }
    for (let i = 0; i < 1_000; i++) deep = { properties: { a: deep } }
    assert.equal(fitsPlainly(deep, {}), false, 'too large')
  })
})
