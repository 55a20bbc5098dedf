import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { HeldBody, HeldStream } from './held-answer.ts'

const STREAM = 'data: {"text":"data: [DONE]"}\n\ndata: [DO\n\ndata: {"a":1}\r\n\r\ndata: [DONE]\n\n: bye\n'
const END = STREAM.lastIndexOf('data: [DONE]')

it('lets a stream flow up to its end line, however it is cut into chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: STREAM.length - 1 }), { maxLength: 12 }), (cuts) => {
      const places = [...new Set([0, ...cuts, STREAM.length])].sort((a, b) => a - b)
      const held = new HeldStream()
      let released = ''
      for (let index = 1; index < places.length; index++) {
        const chunk = STREAM.slice(places[index - 1], places[index])
        released += held.pass(Buffer.from(chunk)) ?? ''
        const isEndSeen = places[index]! >= END + 'data: [DONE]'.length
        // Only what may become the end line is ever held back.
        const withheld = STREAM.slice(released.length, places[index])
        assert.ok(isEndSeen || 'data: [DONE]'.startsWith(withheld), withheld)
        assert.ok(released.length <= END)
        assert.equal(held.isComplete, isEndSeen)
      }
      assert.equal(released, STREAM.slice(0, END))
      assert.equal(released + held.release()?.toString(), STREAM)
    }),
  )
})

it('holds nothing of a stream any more once its end was released', () => {
  const held = new HeldStream()
  assert.equal(held.pass(Buffer.from('data: [DONE]')), undefined)
  assert.equal(held.release()?.toString(), 'data: [DONE]')
  assert.equal(held.pass(Buffer.from('\n\n'))?.toString(), '\n\n')
})

it('gives all of a stream that has no end line', () => {
  const held = new HeldStream()
  assert.equal(held.pass(Buffer.from('data: 1\n\ndata: [DO'))?.toString(), 'data: 1\n\n')
  assert.equal(held.release()?.toString(), 'data: [DO')
  assert.equal(held.release(), undefined)
})

it('holds the newest chunk of a whole answer', () => {
  const held = new HeldBody()
  assert.equal(held.pass(Buffer.from('one')), undefined)
  assert.equal(held.pass(Buffer.from('two'))?.toString(), 'one')
  assert.equal(held.release()?.toString(), 'two')
})
