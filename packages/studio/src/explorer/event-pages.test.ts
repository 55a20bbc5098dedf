import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mergeNewest } from './event-pages.ts'

const page = (ids: string, cursor: string | null = 'c') => ({
  completion_events: { results: [...ids].map((event_id) => ({ event_id })), next: null, cursor },
})
const idsOf = ({ pages }: { pages: ReturnType<typeof page>[] }) =>
  pages.map(({ completion_events }) => completion_events.results.map(({ event_id }) => event_id).join(''))

describe('new events on top of known ones', () => {
  const known = { pages: [page('fec'), page('ba', null)], pageParams: [null, 'c'] }

  it('come before them, late ones where their time is', () => {
    assert.deepEqual(idsOf(mergeNewest(known, page('gfed'))), ['gfedc', 'ba'])
    assert.equal(mergeNewest(known, page('fec')), known)
  })

  it('are not those that come with a further page', () => {
    const first = { pages: [page('fed')], pageParams: [null] }
    assert.deepEqual(idsOf(mergeNewest(first, page('gfedcb'))), ['gfed'])
    assert.equal(mergeNewest(first, page('fedcb')), first)
    assert.equal(mergeNewest(first, page('cba')), first)
  })

  it('replace them if there may be others between', () => {
    assert.deepEqual(idsOf(mergeNewest(known, page('zyx'))), ['zyx'])
    assert.deepEqual(idsOf(mergeNewest({ pages: [page('', null)], pageParams: [null] }, page('a', null))), [
      'a',
    ])
  })
})
