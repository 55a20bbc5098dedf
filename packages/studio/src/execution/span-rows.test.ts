import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SpanNode } from '@tramontane/contract/execution-traces'
import { isFailed, spanRows } from './span-rows.ts'

const span = (span_id: string, ...children: SpanNode[]): SpanNode => ({
  span_id,
  name: span_id,
  start_time_unix_nano: 1_500_000,
  end_time_unix_nano: null,
  attributes: {},
  events: [],
  children,
})

describe('the lines of a waterfall', () => {
  it('stand under what they belong to, without what is folded', () => {
    const tree = span('a', span('b', span('c')), span('d'))
    const shown = (folded: string[]) =>
      spanRows(tree, new Set(folded)).map(
        ({ span, depth, isFolded }) => `${depth}${span.name}${isFolded ?? ''}`,
      )
    assert.deepEqual(shown([]), ['0afalse', '1bfalse', '2c', '1d'])
    assert.deepEqual(shown(['b']), ['0afalse', '1btrue', '1d'])
    assert.equal(spanRows(tree, new Set())[0]!.startedAt, 1.5)
  })

  it('may be nested deeper than the stack', () => {
    let tree = span('leaf')
    for (let depth = 0; depth < 20_000; depth++) tree = span(String(depth), tree)
    assert.equal(spanRows(tree, new Set()).length, 20_001)
  })

  it('tell what failed', () => {
    assert.equal(isFailed({ ...span('a'), attributes: { status: 'FAILED' } }), true)
    assert.equal(isFailed({ ...span('a'), attributes: { error: false } }), false)
  })
})
