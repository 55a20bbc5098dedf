import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { printFilter } from '@tramontane/contract/filter-print'
import { parseFilter } from '@tramontane/contract/filter-text'
import { chipsOf, hasChip, replaceChip, valueCondition, withChip, withoutChip } from './filter-chips.ts'

const filter = parseFilter('status = "ok" AND (a = 1 OR b = 2) AND (c = 3 AND d = 4)')
const texts = (chips: Parameters<typeof chipsOf>[0]) => chipsOf(chips).map(printFilter)

describe('a filter as chips', () => {
  it('has one for each part that must hold', () => {
    assert.deepEqual(texts(filter), ['status = "ok"', 'a = 1 OR b = 2', 'c = 3', 'd = 4'])
    assert.deepEqual(texts(null), [])
    assert.deepEqual(texts(parseFilter('a = 1 OR b = 2')), ['a = 1 OR b = 2'])
  })

  it('loses, gains and changes one', () => {
    const ok = valueCondition({ name: 'status', type: 'ENUM' }, 'ok')
    assert.ok(hasChip(filter, ok))
    assert.deepEqual(texts(withoutChip(filter, ok)), ['a = 1 OR b = 2', 'c = 3', 'd = 4'])
    assert.equal(withoutChip(ok, ok), null)
    assert.equal(texts(withChip(filter, ok)).length, 4)
    const tool = valueCondition({ name: 'invoked_tools', type: 'ARRAY' }, 'web', true)
    assert.equal(printFilter(withChip(ok, tool)), 'status = "ok" AND invoked_tools excludes "web"')
    assert.equal(
      printFilter(replaceChip(withChip(ok, tool), 0, { field: 'e', op: 'eq', value: 5 })),
      'e = 5 AND invoked_tools excludes "web"',
    )
  })
})
