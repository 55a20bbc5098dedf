import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually } from '@tramontane/testkit/eventually'
import { startTestServer, type TestServer } from '@tramontane/testkit/test-server'
import { Mistral } from 'mistralai-2.6.4'
import { Mistral as NewerMistral } from 'mistralai-2.7.0'
import pg from 'pg'

function form(content: string | Blob, name: string, fields: Record<string, string> = {}): FormData {
  const made = new FormData()
  made.append('file', content instanceof Blob ? content : new Blob([content]), name)
  for (const [field, value] of Object.entries(fields)) made.append(field, value)
  return made
}

describe('files', () => {
  let server: TestServer
  let database: pg.Client
  before(async () => {
    server = await startTestServer()
    database = new pg.Client({ connectionString: server.databaseUrl })
    await database.connect()
  })
  after(async () => {
    await database.end()
    await server.close()
  })

  const upload = (
    content: string | Blob,
    name = 'a.jsonl',
    fields: Record<string, string> = {},
    key?: string,
  ) => server.call('POST', '/v1/files', { body: form(content, name, fields), ...(key ? { key } : {}) })

  const storedObjects = async () =>
    (await readdir(path.join(server.dataDir, 'files'), { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile(),
    ).length

  for (const [version, client] of [
    ['2.6.4', () => new Mistral({ apiKey: server.key, serverURL: server.url })],
    ['2.7.0', () => new NewerMistral({ apiKey: server.key, serverURL: server.url })],
  ] as const) {
    it(`goes round through the official client ${version}`, async () => {
      const { files } = client()
      const name = `${version}.jsonl`
      const content = '{"messages":[]}\n{"messages":[]}'
      const made = await files.upload({
        file: { fileName: name, content: new TextEncoder().encode(content) },
        purpose: 'batch',
        visibility: 'workspace',
        expiry: 2,
      })
      assert.equal(made.filename, name)
      assert.equal(made.sizeBytes, content.length)
      assert.equal(made.numLines, 2)
      assert.equal(made.purpose, 'batch')
      assert.equal(made.sampleType, 'batch_request')
      assert.equal(made.source, 'upload')
      assert.equal(made.visibility, 'workspace')
      assert.ok(Math.abs(made.expiresAt! - Date.now() / 1000 - 7200) < 60)

      const read = await files.retrieve({ fileId: made.id })
      assert.equal(read.deleted, false)
      assert.equal(read.createdAt, made.createdAt)

      const listed = await files.list({ search: version, purpose: 'batch', source: ['upload'], pageSize: 10 })
      assert.deepEqual(
        listed.data.map(({ id }) => id),
        [made.id],
      )
      assert.equal(listed.total, 1)

      const downloaded = await new Response(await files.download({ fileId: made.id })).text()
      assert.equal(downloaded, content)

      const { url } = await files.getSignedUrl({ fileId: made.id, expiry: 1 })
      assert.equal(await (await fetch(url)).text(), content)

      const gone = await files.delete({ fileId: made.id })
      assert.deepEqual(gone, { id: made.id, object: 'file', deleted: true })
      await assert.rejects(files.retrieve({ fileId: made.id }), /404/)
      assert.equal((await fetch(url)).status, 404)
    })
  }

  it('pages and filters the list', async () => {
    const key = await server.makeKey('member', 'a team that lists')
    for (const [name, fields, type] of [
      ['first_100%.csv', { purpose: 'evaluation' }, 'text/csv'],
      ['second.jsonl', { purpose: 'batch' }, 'application/jsonl'],
      ['third.jsonl', {}, 'application/jsonl'],
    ] as const) {
      const body = new FormData()
      for (const [field, value] of Object.entries(fields)) body.append(field, value)
      body.append('file', new Blob(['x'], { type }), name)
      assert.equal((await server.call('POST', '/v1/files', { body, key })).status, 200)
    }
    const names = async (query: string) => {
      const { body } = await server.call('GET', `/v1/files?${query}`, { key })
      return [body.data.map(({ filename }: { filename: string }) => filename), body.total]
    }
    assert.deepEqual(await names(''), [['third.jsonl', 'second.jsonl', 'first_100%.csv'], 3])
    assert.deepEqual(await names('page=1&page_size=2'), [['first_100%.csv'], 3])
    assert.deepEqual(await names('page_size=0&include_total=false'), [[], null])
    assert.deepEqual(await names('search=D.JSON'), [['third.jsonl', 'second.jsonl'], 2])
    assert.deepEqual(await names('search=0%25'), [['first_100%.csv'], 1])
    assert.deepEqual(await names('search=t__'), [[], 0])
    assert.deepEqual(await names('purpose=fine-tune'), [['third.jsonl'], 1])
    assert.deepEqual(await names('sample_type=batch_request&sample_type=pretrain'), [['second.jsonl'], 1])
    assert.deepEqual(await names('mimetypes=text/csv'), [['first_100%.csv'], 1])
    assert.deepEqual(await names('source=mistral'), [[], 0])
    assert.equal((await server.call('GET', '/v1/files?search=%00', { key })).status, 422)
    assert.equal((await server.call('GET', '/v1/files?page=-1', { key })).status, 422)
  })

  it('keeps names as metadata, cleaned of paths and control characters', async () => {
    for (const [given, kept] of [
      ['../../etc/passwd', 'passwd'],
      ['C:\\secret\\a.txt', 'a.txt'],
      ['..', 'file'],
      ['a\u202etxt.exe', 'atxt.exe'],
      [`${'x'.repeat(300)}`, 'x'.repeat(255)],
      ['Überblick 2.jsonl', 'Überblick 2.jsonl'],
    ] as const) {
      const { body } = await upload('x', given)
      assert.equal(body.filename, kept)
    }
    const { body } = await upload('x', "Überblick '2';\r\nx-evil: 1.html")
    const content = await server.call('GET', `/v1/files/${body.id}/content`)
    assert.equal(content.headers.get('x-evil'), null)
    assert.equal(content.headers.get('content-type'), 'application/octet-stream')
    assert.equal(content.headers.get('x-content-type-options'), 'nosniff')
    assert.match(content.headers.get('content-disposition')!, /^attachment; filename="_berblick '2';/)
  })

  it('gives signed links that end when they expire, and that no one can change', async () => {
    const { body } = await upload('secret')
    const { url } = (await server.call('GET', `/v1/files/${body.id}/url?expiry=1`)).body
    const status = async (change: (link: URL) => void) => {
      const link = new URL(url)
      change(link)
      const answer = await fetch(link)
      if (answer.status !== 200)
        assert.match(await answer.text(), /FILE_NOT_FOUND/, 'the answer tells nothing more')
      return answer.status
    }
    const set = (name: string, value: string) => (link: URL) => link.searchParams.set(name, value)
    assert.equal(await status(() => {}), 200)
    assert.equal(await status(set('expires', String(Math.floor(Date.now() / 1000) + 9_999))), 404)
    assert.equal(await status(set('signature', 'AAAA')), 404)
    assert.equal(await status(set('signature', `${new URL(url).searchParams.get('signature')}=`)), 404)
    assert.equal(await status(set('workspace', crypto.randomUUID())), 404)
    assert.equal(await status((link) => link.searchParams.delete('signature')), 404)
    const other = (await upload('another')).body.id
    assert.equal(
      await status((link) => {
        link.pathname = `/v1/files/${other}/download`
      }),
      404,
    )
    await server.restart()
    const moved = new URL(url)
    moved.port = new URL(server.url).port
    assert.equal((await fetch(moved)).status, 200, 'the secret survives a restart')
  })

  it('refuses a link that has expired', async (t) => {
    const { body } = await upload('secret')
    const { url } = (await server.call('GET', `/v1/files/${body.id}/url?expiry=1`)).body
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 3_601_000 })
    assert.equal((await fetch(url)).status, 404)
    t.mock.timers.reset()
    assert.equal((await fetch(url)).status, 200)
  })

  it("hides files from other workspaces, and a user's files from other keys", async () => {
    const { body } = await upload('mine', 'a.txt')
    const foreign = await server.makeKey('admin', 'another team with files')
    for (const [method, target] of [
      ['GET', ''],
      ['GET', '/content'],
      ['GET', '/url'],
      ['DELETE', ''],
    ] as const) {
      const answer = await server.call(method, `/v1/files/${body.id}${target}`, { key: foreign })
      assert.equal(answer.status, 404, `${method} ${target}`)
      assert.equal(answer.body.detail.error_code, 'FILE_NOT_FOUND')
    }
    assert.equal((await server.call('GET', '/v1/files/no-uuid')).status, 404)

    const [one, two] = [await server.makeKey('member'), await server.makeKey('member')]
    const own = (await upload('own', 'own.txt', { visibility: 'user' }, one)).body.id
    assert.equal((await server.call('GET', `/v1/files/${own}`, { key: one })).status, 200)
    assert.equal((await server.call('GET', `/v1/files/${own}`, { key: two })).status, 404)
    assert.equal((await server.call('GET', `/v1/files/${own}`)).status, 200, 'an admin sees all')
    assert.equal(
      (await server.call('POST', '/v1/files', { body: form('x', 'x'), key: await server.makeKey('read') }))
        .status,
      403,
    )
  })

  it('refuses what is no upload, and keeps nothing of it', async () => {
    const before = await storedObjects()
    const post = (body: unknown, headers: Record<string, string> = {}) =>
      server.call('POST', '/v1/files', { body, headers })
    assert.equal((await post({})).status, 415)
    assert.equal((await post('x', { 'content-type': 'multipart/form-data' })).status, 422)
    assert.equal(
      (await post('--b\r\nrubbish', { 'content-type': 'multipart/form-data; boundary=b' })).status,
      422,
    )
    const broken = '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf a fi'
    assert.equal((await post(broken, { 'content-type': 'multipart/form-data; boundary=b' })).status, 422)
    const none = new FormData()
    none.append('purpose', 'batch')
    assert.equal((await post(none)).status, 422)
    const two = form('a', 'a')
    two.append('file', new Blob(['b']), 'b')
    assert.equal((await post(two)).status, 422)
    const wrong: Record<string, string>[] = [
      { purpose: 'A b' },
      { visibility: 'all' },
      { expiry: '0' },
      { expiry: 'soon' },
    ]
    for (const fields of wrong)
      assert.equal((await upload('x', 'x', fields)).status, 422, JSON.stringify(fields))
    assert.equal(await storedObjects(), before)
    assert.equal((await database.query('select from file_leftovers')).rowCount, 0)
  })

  it('refuses more than 512 MB before it is sent, and in the middle of it', async () => {
    const before = await storedObjects()
    const sized = await fetch(`${server.url}/v1/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}` },
      body: form(new Blob(Array(33).fill(new Uint8Array(16 << 20))), 'big'),
    })
    assert.equal(sized.status, 413)

    async function* endless() {
      yield Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n')
      for (let sent = 0; sent < 33; sent++) yield Buffer.alloc(16 << 20, 'x')
      yield Buffer.from('\r\n--b--\r\n')
    }
    const streamed = await fetch(`${server.url}/v1/files`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${server.key}`,
        'content-type': 'multipart/form-data; boundary=b',
      },
      body: ReadableStream.from(endless()),
      duplex: 'half',
    })
    assert.equal(streamed.status, 413)
    assert.match(await streamed.text(), /512 MB/)
    await eventually(async () => (await storedObjects()) === before)
    assert.equal((await server.call('GET', '/readyz', { key: null })).status, 200)
  })

  it('says so when the bytes of a file are not there', async () => {
    const { body } = await upload('x')
    const { workspace_id } = (await database.query('select workspace_id from files where id = $1', [body.id]))
      .rows[0]
    await rm(path.join(server.dataDir, 'files', workspace_id, body.id))
    const answer = await server.call('GET', `/v1/files/${body.id}/content`)
    assert.equal(answer.status, 404)
    assert.match(answer.body.detail.message, /bytes/)
  })

  it('deletes the bytes too, however the id is spelt', async () => {
    const before = await storedObjects()
    const { body } = await upload('{}')
    assert.equal(await storedObjects(), before + 1)
    const deleted = await server.call('DELETE', `/v1/files/${body.id.toUpperCase()}`)
    assert.equal(deleted.status, 200)
    assert.equal(await storedObjects(), before)
  })

  it('sweeps what a killed upload left behind, and files that have expired', async () => {
    const { rows } = await database.query(
      'select id as workspace_id from workspaces order by created_at limit 1',
    )
    const { workspace_id } = rows[0]
    const id = crypto.randomUUID()
    const left = path.join(server.dataDir, 'files', workspace_id, id)
    await writeFile(left, 'half')
    await database.query('insert into file_leftovers values ($1, $2, now())', [workspace_id, id])
    const expired = (await upload('old', 'old.txt', { expiry: '1' })).body.id
    await database.query("update files set expires_at = now() - interval '1 second' where id = $1", [expired])
    assert.equal((await server.call('GET', `/v1/files/${expired}`)).status, 404)
    await database.query("select graphile_worker.add_job('sweep-files')")
    await eventually(async () => !existsSync(left))
    await eventually(() => !existsSync(path.join(server.dataDir, 'files', workspace_id, expired)))
    assert.equal((await database.query('select from files where id = $1', [expired])).rowCount, 0)
  })
})
