import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { exportLines } from './export-lines.ts'

describe('the lines of an export', () => {
  it('are the same however the rows were cut into chunks', async () => {
    const row = fc.record({ own: fc.boolean(), payload: fc.object(), properties: fc.object() })
    await fc.assert(
      fc.asyncProperty(fc.array(row), fc.integer({ min: 1, max: 50 }), async (rows, size) => {
        const text = rows
          .map(({ own, payload, properties }) => {
            const wanted = JSON.stringify({ messages: [], ...payload })
            return `${own ? 't' : 'f'}\u0001${wanted}\u0001${JSON.stringify(properties)}\n`
          })
          .join('')
        const bytes = Buffer.from(text)
        const chunks: Buffer[] = []
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
        async function* source() {
          yield* chunks
        }
        const lines = Buffer.concat(await Array.fromAsync(exportLines(source()))).toString()
        const expected = rows.map(({ own, payload, properties }) => {
          const [body, own_] = [JSON.stringify({ messages: [], ...payload }), JSON.stringify(properties)]
          return own
            ? `{"payload":${body},"properties":${own_}}\n`
            : `${body.slice(0, -1)},"properties":${own_}}\n`
        })
        assert.equal(lines, expected.join(''))
      }),
      { numRuns: 40 },
    )
  })
})
