import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { matches } from './matching.ts'

describe('what the palette finds', () => {
  const action = { label: 'Theme: dark', words: 'appearance' }

  it('has a word that begins with each word', () => {
    for (const text of ['', 'dark', 'the da', 'APPEAR dark', 'theme: dark'])
      assert.ok(matches(action, text), text)
    for (const text of ['light', 'ark', 'dark blue']) assert.ok(!matches(action, text), text)
  })
})
