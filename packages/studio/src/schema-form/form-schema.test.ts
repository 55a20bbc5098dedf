import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { completed, formSchema, hasForm, initialValue, takesNothing } from './form-schema.ts'
import type { JsonSchema } from './json-schema.ts'

/** As Python's workers send them: optional values are choices with null, parts are definitions. */
const order: JsonSchema = {
  $defs: {
    Item: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      },
      required: ['name', 'note'],
    },
  },
  type: 'object',
  title: 'Order',
  properties: {
    id: { type: 'string', title: 'Id' },
    coupon: { anyOf: [{ type: 'string', maxLength: 10 }, { type: 'null' }], default: null, title: 'Coupon' },
    limit: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    item: { $ref: '#/$defs/Item' },
    items: { type: 'array', items: { $ref: '#/$defs/Item' } },
    extra: {},
    anything: { type: 'object', additionalProperties: true },
    pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
    kind: { enum: ['a', 'b', null] },
    currency: { type: 'string', default: 'EUR' },
  },
  required: ['id', 'limit', 'items'],
}

describe('a form for a schema', () => {
  it('lets out what may be null, and need not be filled in', () => {
    const { properties, required } = formSchema(order) as {
      properties: Record<string, JsonSchema>
      required: string[]
    }
    assert.deepEqual(properties.coupon, { type: 'string', maxLength: 10, title: 'Coupon' })
    assert.deepEqual(properties.kind, { enum: ['a', 'b'] })
    assert.deepEqual(required, ['id', 'items'])
  })

  it('shows what it has no controls for, as JSON', () => {
    const { properties } = formSchema(order) as { properties: Record<string, JsonSchema> }
    for (const name of ['extra', 'anything', 'pair'])
      assert.deepEqual(properties[name], { $comment: 'JSON' }, name)
  })

  it('is there for objects with known properties only', () => {
    assert.ok(hasForm(order))
    assert.ok(hasForm({ $ref: '#/$defs/a', $defs: { a: { type: 'object', properties: { x: {} } } } }))
    for (const other of [
      {},
      { type: 'object' },
      { type: 'array', items: {} },
      { $ref: '#' },
      { $ref: '#/nowhere' },
    ])
      assert.ok(!hasForm(other), JSON.stringify(other))
    assert.ok(takesNothing({ type: 'object', properties: {}, additionalProperties: false }))
    assert.ok(!takesNothing({ type: 'object', additionalProperties: true }))
    assert.ok(!takesNothing({}))
  })

  it('begins with the defaults', () => {
    assert.deepEqual(initialValue(order), { currency: 'EUR' })
  })

  it('sends null for what is required and was left empty, wherever it is', () => {
    assert.deepEqual(completed({ id: '1', items: [{ name: 'chair' }], item: undefined }, order), {
      id: '1',
      limit: null,
      items: [{ name: 'chair', note: null }],
    })
    assert.deepEqual(completed({ id: '1', limit: 3, items: [] }, order), { id: '1', limit: 3, items: [] })
    const choice: JsonSchema = {
      type: 'object',
      properties: { item: { anyOf: [{ $ref: '#/$defs/Item' }, { type: 'null' }] } },
      $defs: order.$defs,
    }
    assert.deepEqual(completed({ item: { name: 'a' } }, choice), { item: { name: 'a', note: null } })
  })

  it('holds itself without end', () => {
    const tree: JsonSchema = {
      $ref: '#/$defs/Node',
      $defs: {
        Node: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            next: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }] },
          },
          required: ['name', 'next'],
        },
      },
    }
    assert.ok(hasForm(tree))
    assert.ok(formSchema(tree))
    assert.deepEqual(completed({ name: 'a', next: { name: 'b' } }, tree), {
      name: 'a',
      next: { name: 'b', next: null },
    })
  })
})
