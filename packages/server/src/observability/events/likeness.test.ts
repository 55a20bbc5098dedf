import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { features, likeness, sketch } from './likeness.ts'

describe('near duplicates', () => {
  for (const [language, one, other] of [
    ['English', 'How do I return my order from last week?', 'How do I return my order from last month?'],
    ['Chinese', '如何退回我的订单?', '如何退回我的订单呢?'],
    ['Japanese', '注文を返品するにはどうすればいいですか', '注文を返品するにはどうすればよいですか'],
    ['Thai', 'ฉันจะคืนสินค้าได้อย่างไร', 'ฉันจะคืนสินค้าได้อย่างไรครับ'],
    ['Hindi', 'मैं अपना पिछले हफ़्ते का ऑर्डर कैसे वापस कर सकता हूँ', 'मैं अपना पिछले महीने का ऑर्डर कैसे वापस कर सकता हूँ'],
  ] as const)
    it(`are found in ${language}`, () => {
      assert.ok(likeness(features(one), features(other)) > 0.3)
      const bands = new Set(sketch(one))
      assert.ok(sketch(other)!.some((band) => bands.has(band)))
    })

  it('are the same however their letters are composed', () => {
    assert.deepEqual(sketch('Où est l’élève?'.normalize('NFD')), sketch('Où est l’élève?'.normalize('NFC')))
  })

  it('are no texts of which only a letter here and there is the same', () => {
    assert.equal(likeness(features('如何退回我的订单'), features('今天天气怎么样')), 0)
    assert.equal(sketch('?!… 🐘'), null)
  })
})
