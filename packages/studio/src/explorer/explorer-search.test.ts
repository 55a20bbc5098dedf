import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { printFilter } from '@tramontane/contract/filter-print'
import {
  DEFAULT_COLUMNS,
  readColumns,
  spanOf,
  validateSearch,
  within,
  writeColumns,
} from './explorer-search.ts'

const now = Date.parse('2026-05-08T00:00:00Z')

describe("Explorer's address", () => {
  it('is read as far as it means anything', () => {
    assert.deepEqual(
      validateSearch({ filter: 'a = 1', range: 'toString', live: 'yes', tab: 'x', from: 'soon' }),
      {
        filter: 'a = 1',
      },
    )
    assert.deepEqual(
      validateSearch({ range: '1h', event: 'e', tab: 'trace', live: true, columns: ['a:80', 3] }),
      {
        range: '1h',
        event: 'e',
        tab: 'trace',
        live: true,
        columns: ['a:80'],
      },
    )
  })

  it('names a span of time', () => {
    assert.deepEqual(spanOf({}, now), { from: '2026-05-01T00:00:00.000Z', to: null })
    assert.deepEqual(spanOf({ range: 'all' }, now), { from: null, to: null })
    assert.deepEqual(spanOf({ to: '2026-01-01T00:00:00Z' }, now), { from: null, to: '2026-01-01T00:00:00Z' })
    assert.equal(
      printFilter(within({ field: 'status', op: 'eq', value: 'ok' }, spanOf({}, now))),
      'status = "ok" AND timestamp >= "2026-05-01T00:00:00.000Z"',
    )
    assert.equal(within(null, { from: null, to: null }), null)
  })

  it('names columns in their order and width', () => {
    const columns = [
      { name: 'metadata.a:b', width: 100 },
      { name: 'status', width: 56 },
    ]
    assert.deepEqual(readColumns(writeColumns(columns)), columns)
    assert.deepEqual(readColumns(['status:1', 'status:90', 'broken']), [{ name: 'status', width: 56 }])
    assert.deepEqual(readColumns([]), DEFAULT_COLUMNS)
    assert.equal(writeColumns(DEFAULT_COLUMNS), undefined)
  })
})
