import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

const path = '/v1/observability/datasets'

describe('previews and ids of records', () => {
  let server: TestServer
  let dataset: string
  const ids: string[] = []
  const payloads = [
    {
      messages: [
        { role: 'user', content: 'First?' },
        { role: 'assistant', content: 'Yes.' },
        { role: 'user', content: [{ type: 'text', text: 'And' }, { type: 'image_url' }, { text: 'then?' }] },
        { role: 'assistant', content: '', tool_calls: [{ function: { name: 'look_up' } }, null, 'x'] },
      ],
    },
    // At the place where the text is cut, a pair of surrogates; and what no text column would take.
    {
      messages: [
        { role: 'user', content: `${'a'.repeat(299)}😀` },
        { role: 'assistant', content: '\0\ud800' },
      ],
    },
    { messages: [{ role: 3, content: { text: 'no' } }] },
    { messages: [] },
  ]
  before(async () => {
    server = await startTestServer()
    dataset = (await server.call('POST', path, { body: { name: 'previews', description: '' } })).body.id
    for (const payload of payloads) {
      const { body } = await server.call('POST', `${path}/${dataset}/records`, {
        body: {
          payload,
          properties: payload.messages.length === 0 ? { a: 'b'.repeat(400) } : { good: true },
        },
      })
      ids.push(body.id)
    }
  })
  after(() => server.close())

  it('say what a record is about, whatever it holds', async () => {
    const { status, body } = await server.call('GET', `${path}/${dataset}/record-previews`)
    assert.equal(status, 200)
    assert.equal(body.count, 4)
    assert.deepEqual(
      body.previews.map((preview: Record<string, unknown>) => [
        preview.nb_messages,
        preview.last_user_text,
        preview.answer_text,
        preview.invoked_tools,
      ]),
      [
        [4, 'And then?', null, ['look_up']],
        [2, `${'a'.repeat(299)}…`, '\0\ud800', []],
        [1, null, null, []],
        [0, null, null, []],
      ],
    )
    assert.equal(body.previews[0].properties_text, '{"good":true}')
    assert.ok(body.previews[3].properties_text.length < 310)
    assert.equal(body.previews[0].source, 'DIRECT_INPUT')
    assert.equal(
      body.previews[0].bytes,
      Buffer.byteLength(JSON.stringify(payloads[0]) + JSON.stringify({ good: true })),
    )
  })

  it('come in pages, in the order in which the records were added', async () => {
    const { body } = await server.call('GET', `${path}/${dataset}/record-previews?page=2&page_size=3`)
    assert.deepEqual(
      body.previews.map(({ id }: { id: string }) => id),
      ids.slice(3),
    )
    const all = await server.call('GET', `${path}/${dataset}/record-ids`)
    assert.deepEqual(all.body.dataset_record_ids, ids)
    const some = await server.call('GET', `${path}/${dataset}/record-ids?limit=2&after=${ids[0]}`)
    assert.deepEqual(some.body.dataset_record_ids, ids.slice(1, 3))
  })

  it('count the records of a dataset where it is listed', async () => {
    const { body } = await server.call('GET', path)
    assert.equal(body.datasets.results[0].record_count, 4)
  })

  it('are of the own workspace only', async () => {
    const key = await server.makeKey('admin', 'another')
    for (const list of ['record-previews', 'record-ids']) {
      const { status, body } = await server.call('GET', `${path}/${dataset}/${list}`, { key })
      assert.equal(status, 404)
      assert.equal(body.detail.error_code, 'DATASET_NOT_FOUND')
    }
  })
})
