import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openapiDocument } from './openapi-document.ts'

/** Every object within a value. */
function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Record<string, unknown>
  for (const item of Object.values(value)) yield* objectsIn(item)
}

describe('the OpenAPI document', () => {
  const document = openapiDocument('1.2.3')

  it('has no reference that leads nowhere, and no definition that none can reach', () => {
    const { schemas } = document.components as { schemas: Record<string, unknown> }
    const references = new Set<string>()
    for (const object of objectsIn(document)) {
      assert.ok(!('$defs' in object))
      if (typeof object.$ref === 'string') references.add(object.$ref)
    }
    assert.deepEqual(
      [...references].sort(),
      Object.keys(schemas)
        .map((name) => `#/components/schemas/${name}`)
        .sort(),
    )
  })

  it('names each operation once', () => {
    const ids = [...objectsIn(document.paths)].flatMap(({ operationId }) => operationId ?? [])
    assert.equal(new Set(ids).size, ids.length)
  })
})
