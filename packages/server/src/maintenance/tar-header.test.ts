import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { it } from 'node:test'
import { header, parseHeader } from './tar-header.ts'

const NAMES = ['SHA256SUMS', `files/${'a'.repeat(120)}/${'b'.repeat(90)}`]

for (const size of [0, 8 ** 11 - 1, 8 ** 11, 20 * 1024 ** 4])
  it(`says that a file has ${size} bytes, to us and to tar`, () => {
    for (const name of NAMES) {
      const block = header(name, size)
      assert.deepEqual(parseHeader(block), { name, size })
      // It lists the entry, and then misses its content.
      const listed = spawnSync('tar', ['-tvf', '-'], { input: block, encoding: 'utf8' })
      assert.match(listed.stdout, new RegExp(` ${size} .* ${name}\n`))
    }
  })

it('takes nothing else for a header', () => {
  assert.throws(() => parseHeader(Buffer.alloc(512)), /no tar archive/)
})
