import assert from 'node:assert/strict'
import type { AnyClient, Context } from '../harness/context.ts'

export function fileTests({ client, mark, test }: Context<AnyClient>): void {
  test('files are uploaded, listed, read, linked to and deleted', async () => {
    const content = new TextEncoder().encode('{"messages":[]}\n{"messages":[]}\n')
    const fileName = `${mark}.jsonl`
    const uploaded = await client().files.upload({ file: { fileName, content }, purpose: 'batch' })
    assert.equal(uploaded.filename, fileName)
    assert.equal(uploaded.sizeBytes, content.length)
    assert.equal(uploaded.purpose, 'batch')

    const listed = await client().files.list({ search: mark })
    assert.deepEqual(
      listed.data.map(({ id }) => id),
      [uploaded.id],
    )
    assert.equal(listed.total, 1)

    const fileId = uploaded.id
    const retrieved = await client().files.retrieve({ fileId })
    assert.equal(retrieved.deleted, false)
    assert.equal(retrieved.filename, fileName)
    const downloaded = await new Response(await client().files.download({ fileId })).bytes()
    assert.deepEqual(downloaded, content)

    const { url } = await client().files.getSignedUrl({ fileId, expiry: 1 })
    const linked = await fetch(url)
    assert.equal(linked.status, 200)
    assert.deepEqual(await linked.bytes(), content)
    assert.equal((await fetch(`${url}x`)).status, 404)

    const deleted = await client().files.delete({ fileId })
    assert.deepEqual([deleted.id, deleted.deleted], [fileId, true])
    await assert.rejects(client().files.retrieve({ fileId }), { statusCode: 404 })
    assert.equal((await fetch(url)).status, 404)
  })
}
