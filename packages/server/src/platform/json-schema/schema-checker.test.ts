import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { SchemaChecker } from './schema-checker.ts'

describe('checking values against schemas', () => {
  const checker = new SchemaChecker({ timeLimitMs: 1_000 })
  after(() => checker.stop())

  it('says what does not fit, and where', async () => {
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string' },
        kind: { enum: ['a', 'b'] },
        list: { items: { type: 'integer' } },
      },
      required: ['name'],
      additionalProperties: false,
    }
    assert.equal(await checker.mistake(schema, { name: 'x' }), undefined)
    assert.match((await checker.mistake(schema, {}))!, /it must have required property 'name'/)
    assert.match((await checker.mistake(schema, { name: 1 }))!, /`name` must be string/)
    assert.match((await checker.mistake(schema, { name: '', kind: 'c' }))!, /`kind` .*: "a", "b"/)
    assert.match((await checker.mistake(schema, { name: '', list: [1, 'two'] }))!, /`list.1` must be integer/)
    assert.match((await checker.mistake(schema, { name: '', other: 1 }))!, /additional properties: "other"/)
  })

  it('knows formats, references and both dialects', async () => {
    const email = { $defs: { mail: { type: 'string', format: 'email' } }, $ref: '#/$defs/mail' }
    assert.equal(await checker.mistake(email, 'a@example.com'), undefined)
    assert.match((await checker.mistake(email, 'nobody'))!, /email/)
    const pair = { prefixItems: [{ type: 'string' }], items: false }
    assert.match((await checker.mistake(pair, ['a', 'b']))!, /./)
    const draft7 = { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] }
    assert.match((await checker.mistake(draft7, [1]))!, /`0` must be string/)
  })

  it('lets pass what only the worker can check', async () => {
    assert.equal(await checker.mistake({}, 1), undefined)
    assert.equal(await checker.mistake({ $ref: 'https://example.com/other.json' }, 1), undefined)
    assert.equal(await checker.mistake({ type: 'no such type' }, 1), undefined)
    assert.equal(await checker.mistake({ pattern: '(' }, 'x'), undefined)
    const inherited = { properties: { toString: { type: 'string', pattern: 'x' } } }
    assert.equal(await checker.mistake(inherited, {}), undefined, 'what is there by itself is not given')
  })

  it('gives up what takes too long, and holds up nobody with it', async () => {
    const hostile = { properties: { text: { type: 'string', pattern: '^(a+)+$' } } }
    const value = { text: `${'a'.repeat(40)}!` }
    const started = performance.now()
    const [slow, ...quick] = await Promise.all([
      checker.mistake(hostile, value),
      ...Array.from({ length: 20 }, (_, i) => checker.mistake({ const: i }, i)),
    ])
    assert.match(slow!, /too costly/)
    assert.deepEqual(new Set(quick), new Set([undefined]))
    const again = performance.now()
    assert.match((await checker.mistake(hostile, value))!, /too costly/)
    assert.ok(performance.now() - again < 900, 'what was too costly is not tried again at once')
    assert.ok(again - started < 20_000)
  })

  it('survives references that go round, and depth', async () => {
    assert.equal(await checker.mistake({ $ref: '#' }, 1), undefined)
    let deep: object = { type: 'string' }
    for (let i = 0; i < 250; i++) deep = { anyOf: [deep] }
    await checker.mistake(deep as never, 1)
    assert.match((await checker.mistake({ type: 'string' }, 1))!, /must be string/)
  })
})
