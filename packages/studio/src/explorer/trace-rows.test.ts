import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { traceRows } from './trace-rows.ts'

const span = (span_id: string, parent_span_id: string | null, start: number, end: number) => ({
  span_id,
  parent_span_id,
  start_unix_ms: start,
  end_unix_ms: end,
})

describe('the lines of a trace', () => {
  it('stand under their parents, with bars to scale', () => {
    const rows = traceRows([
      span('a', null, 100, 200),
      span('b', 'a', 125, 150),
      span('c', 'lost', 150, 200),
      span('d', 'b', 130, 140),
    ])
    assert.deepEqual(
      rows.map(({ span: { span_id }, depth, offset, share }) => [span_id, depth, offset, share]),
      [
        ['a', 0, 0, 1],
        ['b', 1, 0.25, 0.25],
        ['d', 2, 0.3, 0.1],
        ['c', 0, 0.5, 0.5],
      ],
    )
  })

  it('are all there, also of circles', () => {
    assert.equal(traceRows([span('a', 'b', 0, 1), span('b', 'a', 0, 1), span('c', 'c', 0, 0)]).length, 3)
    assert.deepEqual(traceRows([]), [])
  })
})
