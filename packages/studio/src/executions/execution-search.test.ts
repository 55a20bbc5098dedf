import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chipsOf, isFiltered, readExecutionSearch, runFilterOf, viewStateOf } from './execution-search.ts'

const set = (value: object) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined))

describe('the address of the list of executions', () => {
  it('is read, and what makes no sense is left out', () => {
    assert.deepEqual(
      set(
        readExecutionSearch({
          q: 42,
          status: ['RUNNING', 'NOPE', 'FAILED'],
          range: '24h',
          started_after: 'yesterday',
          ended_after: '2026-01-02T03:04:05Z',
          mine: true,
          keys: ['order.id:7', 'nonsense'],
          sort: 'start_time',
          order: 'asc',
          other: 'x',
        }),
      ),
      {
        q: '42',
        status: ['RUNNING', 'FAILED'],
        range: '24h',
        ended_after: '2026-01-02T03:04:05.000Z',
        mine: true,
        keys: ['order.id:7'],
        order: 'asc',
      },
    )
    assert.deepEqual(set(readExecutionSearch({ status: {}, range: 3, page: null })), {})
  })

  it('means a filter of the API, the same one for a minute', () => {
    const now = Date.UTC(2026, 0, 2, 3, 4, 59)
    const filter = runFilterOf({ range: '1h', started_before: '2020-01-01T00:00:00.000Z', mine: true }, now)
    assert.deepEqual(set(filter), {
      user_id: 'current',
      include_internal: false,
      start_time_after: '2026-01-02T02:04:00.000Z',
    })
    assert.deepEqual(filter, runFilterOf({ range: '1h', mine: true }, now - 58_000))
  })

  it('is kept by a saved view, but for the page', () => {
    const search = readExecutionSearch({ order: 'asc', q: 'x', page: 'token', view: 'id', status: 'FAILED' })
    assert.deepEqual(viewStateOf(search), { q: 'x', status: ['FAILED'], order: 'asc' })
    assert.deepEqual(viewStateOf(readExecutionSearch(viewStateOf(search))), viewStateOf(search))
  })

  it('is told in chips, each of which can be taken away', () => {
    const search = { q: 'x', tags: ['a', 'b'], keys: ['order.id:7'], root: 'r', page: 'token' }
    const chips = chipsOf(search, (instant) => instant)
    assert.deepEqual(
      chips.map(({ text }) => text),
      ['in the tree of r', 'tag a', 'tag b', 'order.id contains 7'],
    )
    assert.deepEqual(set(chips[1]!.without), { q: 'x', tags: ['b'], keys: ['order.id:7'], root: 'r' })
    assert.ok(isFiltered(search))
    assert.ok(!isFiltered({ sort: 'end_time', order: 'asc', internal: true, page: 'x' }))
  })
})
