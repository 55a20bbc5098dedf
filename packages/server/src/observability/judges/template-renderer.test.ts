import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { TemplateRenderer } from './template-renderer.ts'

const DOUBLED = (times: number) =>
  `{% set ns = namespace(x='a') %}{% for i in range(${times}) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}`
const ENDLESS = '{% for i in range(30000) %}{% for j in range(30000) %}{% endfor %}{% endfor %}'

describe('the templates of users', () => {
  const renderer = new TemplateRenderer()
  after(() => renderer.stop())

  async function render(template: string, variables: Record<string, unknown> = {}) {
    return (await renderer.render(template, [variables]))[0]!
  }

  it('are rendered with their variables, and say which they read', async () => {
    const template = '{{ a.b }}{% for c in d %}{{ c }}{% endfor %}{{ properties.user_message }}'
    const done = await render(template, { a: { b: 1 }, d: ['x', 'y'], properties: { user_message: '!' } })
    assert.ok(done.kind === 'text')
    assert.equal(done.text, '1xy!')
    assert.ok(done.names.includes('a') && done.names.includes('d') && done.names.includes('properties'))
    assert.ok(!done.names.includes('user_message'))
  })

  it('cannot reach what is behind an object', async () => {
    const variables = { x: {}, s: 'text', p: JSON.parse('{"__proto__": {"own": 1}, "constructor": "mine"}') }
    const blank = await render(
      '{{ x.constructor }}{{ x.__proto__ }}{{ s.constructor }}{{ x["toString"] }}',
      variables,
    )
    assert.deepEqual({ ...blank, names: [] }, { kind: 'text', text: '', names: [] })
    for (const attack of [
      "{{ x.constructor.constructor('return process')() }}",
      "{{ range.constructor('return process')() }}",
      "{{ [].map.constructor('return process')() }}",
      "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    ])
      assert.equal((await render(attack, variables)).kind, 'failed', attack)
    const own = await render('{{ p.constructor }} {{ p.__proto__.own }}', variables)
    assert.ok(own.kind === 'text')
    assert.equal(own.text, 'mine 1')
  })

  it('end when they run too long, take too much memory, or write too much', async () => {
    for (const attack of [
      ENDLESS,
      '{% for i in range(3000000) %}{{ i }}{% endfor %}',
      `${DOUBLED(28)}{{ ns.x|upper|length }}`,
      "{% set ns = namespace(x=['a']) %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
      `${DOUBLED(22)}{{ ns.x }}`,
      DOUBLED(40),
    ])
      assert.equal((await render(attack)).kind, 'failed', attack)
    const after = await render('still {{ x }}', { x: 'here' })
    assert.ok(after.kind === 'text')
    assert.equal(after.text, 'still here')
  })

  it('that fail for some variables leave the others alone', async () => {
    const template = `{% if n == 1 %}${ENDLESS}{% endif %}{% if n == 2 %}${DOUBLED(28)}{{ ns.x|upper }}{% endif %}{{ n }}`
    const sets = Array.from({ length: 4 }, (_, n) => ({ n }))
    const answers = await renderer.render(template, sets)
    assert.deepEqual(
      answers.map((answer) => (answer.kind === 'text' ? answer.text : answer.kind)),
      ['0', 'failed', 'failed', '3'],
    )
  })

  it('that do not parse are told from those that do', async () => {
    assert.equal(await renderer.check('{{ fine }} {% if a %}b{% endif %}'), undefined)
    assert.match((await renderer.check('{% if %}'))!, /\w/)
    assert.ok(await renderer.check(`{{ ${'('.repeat(4_000)}1${')'.repeat(4_000)} }}`))
    for (const open of ['{{ open', '{{', '{% for x in y %}', '{% if x %}', '{% set x %}']) {
      const told = await render(open)
      assert.ok(told.kind === 'syntax')
      assert.doesNotMatch(told.message, /undefined/, open)
    }
  })

  it('are answered as failed when the renderer stops', async () => {
    const stopping = new TemplateRenderer()
    const waiting = stopping.render(ENDLESS, [{}])
    stopping.stop()
    assert.equal((await waiting)[0]!.kind, 'failed')
  })
})
