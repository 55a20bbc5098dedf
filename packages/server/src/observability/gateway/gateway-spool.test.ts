import assert from 'node:assert/strict'
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { type ScriptedProvider, startScriptedProvider } from '@tramontane/testkit/scripted-provider'
import { type StallableProxy, startStallableProxy } from '@tramontane/testkit/stallable-proxy'
import { storedEvents } from '@tramontane/testkit/stored-events'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'

describe('a database that is away', () => {
  let provider: ScriptedProvider
  let proxy: StallableProxy
  let server: TestServer
  before(async () => {
    provider = await startScriptedProvider(
      ({ body }) => `an answer to ${body.messages[0].content.slice(0, 20)}`,
    )
    server = await startTestServer(
      { providerUrl: provider.url, spoolMegabytes: '1' },
      {
        reach: async (url) => {
          proxy = await startStallableProxy(url)
          return proxy.url
        },
      },
    )
    // Also when the machine is so busy that it took its time: while anything waits, no answer waits for the database.
    await storedOnce([(await call('the first')).id])
  })
  after(async () => {
    proxy.resume()
    await server.close()
    await proxy.close()
    await provider.close()
  })

  async function call(content: string) {
    const startedAt = performance.now()
    const { status, body, headers } = await server.call('POST', '/v1/chat/completions', {
      body: { model: 'm', messages: [{ role: 'user', content }] },
    })
    assert.equal(status, 200)
    assert.equal(body.choices[0].message.content, `an answer to ${content.slice(0, 20)}`)
    return { id: headers.get('x-tramontane-event-id')!, milliseconds: performance.now() - startedAt }
  }

  const spooled = async () => {
    const files = (await readdir(path.join(server.dataDir, 'spool'))).filter((name) =>
      /^\d+\.jsonl$/.test(name),
    )
    const texts = await Promise.all(
      files.map((file) => readFile(path.join(server.dataDir, 'spool', file), 'utf8')),
    )
    return texts.join('').split('\n').filter(Boolean)
  }

  /** Resolves when each id is stored once and nothing waits any more. */
  const storedOnce = (ids: string[]) =>
    eventually(async () => {
      const stored = (await storedEvents(server.databaseUrl)).map(({ event_id }) => event_id)
      for (const id of ids) assert.equal(stored.filter((one) => one === id).length, 1, id)
      return (await spooled()).length === 0
    })

  it('costs one call half a second and the next ones nothing; events are stored when it is back, once', async () => {
    proxy.stall()
    // These two end a line in JavaScript, and none in JSON.
    const first = await call('while \u2028it\u2029 stalls')
    // Without its limit it would wait until the database is back, which is never here.
    assert.ok(first.milliseconds > 400 && first.milliseconds < 20_000, `${first.milliseconds} ms`)
    // Several in a row have waited for nothing; on a busy machine one or the other takes long for another reason.
    const next = []
    let quick = 0
    while (quick < 5 && next.length < 40) {
      const made = await call(`still stalled ${next.length}`)
      next.push(made)
      quick = made.milliseconds < 480 ? quick + 1 : 0
    }
    assert.equal(quick, 5, `${next.map(({ milliseconds }) => milliseconds)} ms`)
    const ids = [first, ...next].map(({ id }) => id)
    const lines = (await spooled()).map((line) => JSON.parse(line).id)
    for (const id of ids) assert.ok(lines.includes(id), id)
    const ready = await server.call('GET', '/readyz')
    assert.equal(ready.status, 503)
    assert.match(ready.body.detail.message, /the database does not answer/)
    // What was on its way when it stalled now arrives as well, beside what is stored from the spool.
    proxy.resume()
    await storedOnce(ids)
    const normal = await call('back to normal')
    await storedOnce([normal.id])
  })

  it('may also break every connection', async () => {
    proxy.cut()
    const calls = await Promise.all(Array.from({ length: 20 }, (_, count) => call(`cut off ${count}`)))
    proxy.resume()
    await storedOnce(calls.map(({ id }) => id))
  })

  it('delivers with a full spool too, counts, and says so until there is room', async () => {
    proxy.stall()
    const calls = []
    for (let count = 0; count < 6; count++) calls.push(await call(`${count} ${'x'.repeat(250_000)}`))
    proxy.resume()
    const ready = await server.call('GET', '/readyz')
    assert.equal(ready.status, 503)
    assert.match(ready.body.detail.message, /spool is full/)
    const metrics = await server.call('GET', '/metrics')
    const lost = Number(/tramontane_gateway_events_total\{outcome="lost"\} (\d+)/.exec(metrics.body)?.[1])
    assert.ok(lost >= 1 && lost <= 4, `${lost} lost`)
    await eventually(async () => (await server.call('GET', '/readyz')).status === 200)
    await eventually(async () => (await spooled()).length === 0)
    const stored = new Set((await storedEvents(server.databaseUrl)).map(({ event_id }) => event_id))
    const missing = calls.filter(({ id }) => !stored.has(id))
    // A call that was on its way when the database stalled may be stored although it was counted as lost.
    assert.ok(missing.length <= lost && missing.length >= 1, `${missing.length} missing, ${lost} lost`)
  })

  it('is waited for across a restart, a torn line and lines that make no sense notwithstanding', async () => {
    proxy.stall()
    const kept = await call('before the kill')
    const [line] = await eventually(async () => {
      const lines = await spooled()
      return lines.length > 0 ? lines : undefined
    })
    proxy.resume()
    await storedOnce([kept.id])
    const event = JSON.parse(line!)
    const others = ['019ab000-0000-7000-8000-000000000001', '019ab000-0000-7000-8000-000000000002']
    const lineOf = (id: string) => JSON.stringify({ ...event, id })
    const unstorable = JSON.stringify({ ...event, id: others[0], workspaceId: 'no workspace' })
    const spool = path.join(server.dataDir, 'spool')
    await writeFile(
      path.join(spool, '000000000900.jsonl'),
      `${lineOf(others[0]!)}\n${unstorable}\n${line!.slice(0, 80)}`,
    )
    await writeFile(path.join(spool, '000000000901.jsonl'), `${line}\n${lineOf(others[1]!)}\n`)
    await appendFile(path.join(spool, 'another file'), 'left alone')
    await server.restart()
    await storedOnce([kept.id, ...others])
    assert.equal(await readFile(path.join(spool, 'unstorable.jsonl'), 'utf8'), `${unstorable}\n`)
    assert.equal(await readFile(path.join(spool, 'another file'), 'utf8'), 'left alone')
  })
})
