import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { ApiCallError } from '../api-client.ts'
import { importLog, type SendRecords } from './import-log.ts'
import { openLog } from './log-lines.ts'

const rules = { mappings: [], model: undefined, timestamp: undefined }
const line = (text: string) => JSON.stringify({ model: 'm', messages: [{ role: 'user', content: text }] })
const textOf = (record: string) => JSON.parse(record).request_messages[0].content as string

describe('importing a log', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tramontane-import-'))
  })
  after(() => rm(folder, { recursive: true }))

  async function run(content: string | Buffer, send: SendRecords) {
    const file = path.join(folder, 'log.jsonl')
    await writeFile(file, content)
    const bad: number[] = []
    const { lines } = await openLog(file)
    const counts = await importLog(lines, rules, send, {
      onBadLine: (number) => bad.push(number),
      onProgress: () => {},
    })
    return { ...counts, badLines: bad.sort((a, b) => a - b) }
  }

  it('sends every line once, in batches of at most 1,000 records and 6 MB, a few at a time', async () => {
    const texts = Array.from(
      { length: 5_500 },
      (_, index) => `${index} ${'é'.repeat(index % 100 === 0 ? 100_000 : 10)}`,
    )
    for (const content of [texts.map(line).join('\n'), gzipSync(`${texts.map(line).join('\r\n')}\n`)]) {
      const seen: string[] = []
      let flying = 0
      let most = 0
      const second = Promise.withResolvers<void>()
      const counts = await run(content, async (records) => {
        most = Math.max(most, ++flying)
        if (flying === 2) second.resolve()
        await Promise.race([second.promise, delay(10_000, undefined, { ref: false })])
        assert.ok(records.length <= 1_000)
        assert.ok(Buffer.byteLength(records.join()) <= 6.1 * 1024 * 1024)
        seen.push(...records.map(textOf))
        flying--
        return records.length - 1
      })
      assert.deepEqual(seen.sort(), texts.toSorted())
      assert.ok(most > 1 && most <= 4, `${most} at a time`)
      assert.equal(counts.lines, 5_500)
      assert.equal(counts.added + counts.known, 5_500)
      assert.ok(counts.known > 0)
    }
  })

  it('counts blank lines, and tells bad ones by their number', async () => {
    const content = Buffer.concat([
      Buffer.from(`\ufeff${line('a')}\n\n  \nbroken\n`),
      Buffer.from([0xff, 0xfe, 0x0a]),
      Buffer.from(`"${'x'.repeat(17 * 1024 * 1024)}"\n${line('b')}`),
    ])
    const sent: string[] = []
    const counts = await run(content, async (records) => {
      sent.push(...records.map(textOf))
      return records.length
    })
    assert.deepEqual(sent, ['a', 'b'])
    assert.deepEqual(counts, { lines: 7, added: 2, known: 0, bad: 3, badLines: [4, 5, 6] })
  })

  it('halves a batch that is refused until the lines at fault are found', async () => {
    const texts = Array.from({ length: 200 }, (_, index) => `${index}`)
    const stored: string[] = []
    const counts = await run(texts.map(line).join('\n'), async (records) => {
      const found = records.map(textOf)
      if (found.some((text) => text === '17' || text === '150'))
        throw new ApiCallError('timestamp', { status: 422, code: 'VALIDATION_ERROR' })
      stored.push(...found)
      return records.length
    })
    assert.deepEqual(counts.badLines, [18, 151])
    assert.equal(counts.added, 198)
    assert.equal(stored.length, 198)
  })

  it('tries again what may pass, and gives up at once on what will not', async () => {
    let calls = 0
    const counts = await run(line('a'), async () => {
      if (++calls < 3) throw new ApiCallError('busy', { status: calls === 1 ? 503 : 0 })
      return 1
    })
    assert.equal(counts.added, 1)
    let refused = 0
    const many = Array.from({ length: 20_000 }, (_, index) => line(`${index}`)).join('\n')
    await assert.rejects(
      run(many, async () => {
        refused++
        throw new ApiCallError('no key', { status: 401 })
      }),
      { status: 401 },
    )
    assert.ok(refused <= 4, `${refused} calls`)
  })

  it('says where a broken file ends', async () => {
    const whole = gzipSync(
      Array.from({ length: 1_000 }, (_, index) => line(`${Math.random()} ${index}`)).join('\n'),
    )
    const half = whole.subarray(0, whole.length / 2)
    await assert.rejects(
      run(half, async (records) => records.length),
      /cannot be read after line \d+: unexpected end of file/,
    )
    await assert.rejects(openLog(path.join(folder, 'none')), { exitCode: 2 })
    await assert.rejects(openLog(folder), { exitCode: 2 })
  })

  it('reads an empty file as nothing', async () => {
    assert.equal((await run('', async () => 0)).lines, 0)
  })
})
