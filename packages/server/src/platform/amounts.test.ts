import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { byteSize, counted } from './amounts.ts'

describe('amounts', () => {
  it('say one as one', () => {
    assert.deepEqual(
      [0, 1, 2].map((count) => counted(count, 'event')),
      ['0 events', '1 event', '2 events'],
    )
    assert.equal(counted(2, 'child', 'children'), '2 children')
  })

  it('say sizes so that something of them is seen', () => {
    assert.deepEqual([0, 1, 999, 1_000, 14_934, 999_949, 999_950, 3_200_000, 7.1e12, 5e15].map(byteSize), [
      '0 bytes',
      '1 byte',
      '999 bytes',
      '1.0 KB',
      '14.9 KB',
      '999.9 KB',
      '1.0 MB',
      '3.2 MB',
      '7.1 TB',
      '5000.0 TB',
    ])
  })
})
