import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { errorCodes } from '@tramontane/contract/errors'

/** The paragraphs of the page, by code. */
function readPage(): Map<string, string> {
  const sections = readFileSync('docs/errors.md', 'utf8').split(/^### /m).slice(1)
  const entries = sections.map((section): [string, string] => {
    const [heading, ...lines] = section.split(/^## /m)[0]!.split('\n')
    return [heading!.replaceAll('`', '').trim(), lines.join('\n').trim()]
  })
  assert.equal(new Set(entries.map(([code]) => code)).size, entries.length, 'each code has one paragraph')
  return new Map(entries)
}

describe('docs/errors.md', () => {
  const page = readPage()

  it('has a paragraph for each code, and no code that does not exist', () => {
    assert.deepEqual([...page.keys()].sort(), Object.keys(errorCodes).sort())
  })

  for (const [code, { status }] of Object.entries(errorCodes)) {
    it(`says status, cause and way out of ${code}`, () => {
      const paragraph = page.get(code) ?? ''
      assert.ok(paragraph.startsWith(`**${status}.** `), `it begins with **${status}.**`)
      assert.match(paragraph, /^Way out: \S.{10,}/m)
    })
  }
})
