import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const events = '/v1/observability/chat-completion-events'

describe('pages of events', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  const store = async (from: number, count: number, minutes: (n: number) => number, extra: object = {}) => {
    const records = Array.from({ length: count }, (_, index) => ({
      event_id: `e${from + index}`,
      timestamp: new Date(Date.UTC(2024, 0, 31, 23) + minutes(from + index) * 60_000).toISOString(),
      model_name: 'm',
      request_messages: [{ role: 'user', content: `question ${from + index}` }],
      ...extra,
    }))
    const answer = await server.call('POST', events, { body: { events: records } })
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return answer.body.event_ids as string[]
  }
  const page = async (query: string, filters: unknown = null) =>
    (await server.call('POST', `${events}/search?${query}`, { body: { search_params: { filters } } })).body
      .completion_events
  const idsOf = (results: { event_id: string }[]) => results.map(({ event_id }) => event_id)

  it('neither skips nor repeats while events arrive, newer and older ones, across months', async () => {
    // Several events of the same minute, and a month that ends in between.
    const stored = await store(0, 60, (n) => Math.floor(n / 3) * 10)
    for (const filters of [null, { field: 'last_user_message_preview', op: 'contains', value: 'question' }]) {
      const seen: string[] = []
      let cursor: string | null = null
      let round = 0
      do {
        const answer: { results: { event_id: string }[]; cursor: string | null; next: string | null } =
          await page(`page_size=7${cursor ? `&cursor=${cursor}` : ''}`, filters)
        seen.push(...idsOf(answer.results))
        assert.equal(answer.next === null, answer.cursor === null)
        if (answer.next)
          assert.ok(answer.next.startsWith(`${server.url}${events}/search?page_size=7&cursor=`))
        cursor = answer.cursor
        await store(1000 + 10 * round, 5, () => 100_000 + round, { metadata: { late: 'yes' } })
        await store(1005 + 10 * round, 5, () => 5 + round, { metadata: { late: 'yes' } })
        round++
      } while (cursor && round < 100)
      assert.equal(new Set(seen).size, seen.length, 'nothing twice')
      assert.deepEqual(seen, seen.toSorted().toReversed(), 'newest first')
      assert.ok(
        stored.every((id) => seen.includes(id)),
        'nothing skipped',
      )
    }
  })

  it('ends with null, and a page of nothing is one', async () => {
    const filters = { field: 'metadata.late', op: 'isnull', value: true }
    const all = await page('page_size=60', filters)
    assert.deepEqual([all.results.length, all.next, all.cursor], [60, null, null])
    assert.deepEqual(await page('page_size=0', filters), { results: [], next: null, cursor: null })
    assert.equal((await page('', filters)).results.length, 50)
    const ids = await server.call('POST', `${events}/search-ids`, { body: { search_params: { filters } } })
    assert.deepEqual(ids.body.completion_event_ids, idsOf(all.results))
    const far = await server.call('POST', `${events}/search?page_size=101`, {
      body: { search_params: { filters: null } },
    })
    assert.equal(far.status, 422)
  })

  it('puts near duplicates first among similar events', async () => {
    const ask = (event_id: string, content: string) => ({
      event_id,
      timestamp: '2024-03-01T00:00:00Z',
      model_name: 'm',
      request_messages: [{ role: 'user', content }],
    })
    const original =
      'Please write a short poem about the wind that blows over the hills of Provence in winter'
    const { body } = await server.call('POST', events, {
      body: {
        events: [
          ask('original', original),
          ask('other', 'How many litres of water does a bath tub hold?'),
          ask('reworded', original.replace('short', 'long').replace('winter', 'spring')),
          ask('the same', `${original}!`),
        ],
      },
    })
    const [id, , reworded, same] = body.event_ids
    const answer = await server.call('GET', `${events}/${id}/similar-events`)
    assert.equal(answer.status, 200)
    const { results, next, cursor } = answer.body.completion_events
    assert.deepEqual(idsOf(results), [same, reworded])
    assert.deepEqual([next, cursor], [null, null])
  })

  it('gives up on an explosive regular expression with advice', async () => {
    await store(5000, 1, () => 0, {
      request_messages: [{ role: 'user', content: `${'a'.repeat(190)}b` }],
    })
    const answer = await server.call('POST', `${events}/search`, {
      body: {
        search_params: {
          filters: {
            field: 'last_user_message_preview',
            op: 'matches',
            value: '^(a*)(a*)(a*)(a*)(a*)\\1\\2\\3\\4\\5a?b\\1$',
          },
        },
      },
    })
    assert.deepEqual([answer.status, answer.body.detail?.error_code], [408, 'DATABASE_TIMEOUT'])
  })
})
