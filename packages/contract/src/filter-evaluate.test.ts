import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventFields, judgeField } from './fields.ts'
import type { Filter, FilterOperator } from './filter.ts'
import { canonicalInstant, checkCondition, checkFilter, definitionFinder } from './filter-check.ts'
import { evaluateFilter, type FieldValue } from './filter-evaluate.ts'

const definitionOf = definitionFinder([...eventFields, judgeField('a1-b2', 'Politeness', 'FLOAT')])

const event: Record<string, FieldValue> = {
  timestamp: '2026-05-01T10:00:00.5Z',
  model_name: 'Mistral-ÉTÉ',
  error: null,
  total_time_elapsed: 2.5,
  input_tokens: 10,
  invoked_tools: ['web_search', 'web_search', 'code'],
  'metadata.team': 'İstanbul Σ',
}
const passes = (filter: Filter | null) => evaluateFilter(filter, (name) => event[name], definitionOf)
const is = (field: string, op: FilterOperator, value?: unknown) => passes({ field, op, value })

describe('what a filter means', () => {
  it('compares text by characters, and ignores the case of every letter when asked to', () => {
    assert.ok(is('model_name', 'eq', 'Mistral-ÉTÉ'))
    assert.ok(!is('model_name', 'eq', 'mistral-été'))
    assert.ok(!is('model_name', 'contains', 'été'))
    assert.ok(is('model_name', 'icontains', 'été'))
    assert.ok(is('model_name', 'istartswith', 'MISTRAL-é'))
    assert.ok(!is('model_name', 'startswith', 'mistral'))
    assert.ok(is('model_name', 'iendswith', 'TÉ'))
    assert.ok(!is('model_name', 'inotcontains', 'été'))
    assert.ok(is('model_name', 'notcontains', 'été'))
    assert.ok(is('model_name', 'matches', '^Mistral.(É|x)T'))
    assert.ok(is('metadata.team', 'istartswith', 'istanbul'))
    assert.ok(is('metadata.team', 'icontains', 'σ'))
  })

  it('lets null pass only what denies, and isnull', () => {
    for (const op of ['eq', 'contains', 'icontains', 'startswith', 'iendswith', 'matches'] as const)
      assert.ok(!is('error', op, ''), op)
    for (const op of ['neq', 'notcontains', 'inotcontains'] as const) assert.ok(is('error', op, 'x'), op)
    assert.ok(is('error', 'isnull', true))
    assert.ok(is('error', 'isnull'))
    assert.ok(!is('error', 'isnull', 'false'))
    assert.ok(is('metadata.absent', 'isnull', 'true'))
    assert.ok(!is('__judge_a1b2', 'lt', 1e9))
    assert.ok(is('__judge_a1b2', 'neq', 1))
  })

  it('compares numbers, times and lists', () => {
    assert.ok(is('total_time_elapsed', 'gt', '2.49'))
    assert.ok(is('input_tokens', 'lte', '10'))
    assert.ok(!is('input_tokens', 'lt', 10))
    assert.ok(is('timestamp', 'eq', '2026-05-01T12:00:00.500+02:00'))
    assert.ok(is('timestamp', 'gt', '2026-05-01'))
    assert.ok(is('timestamp', 'lt', '2026-05-01T10:00:00.500001Z'))
    assert.ok(is('invoked_tools', 'includes', 'code'))
    assert.ok(!is('invoked_tools', 'includes', 'cod'))
    assert.ok(is('invoked_tools', 'excludes', 'cod'))
    assert.ok(is('invoked_tools', 'len_eq', '3'))
  })

  it('needs all of AND and one of OR; what is empty asks nothing', () => {
    const yes: Filter = { field: 'input_tokens', op: 'eq', value: 10 }
    const no: Filter = { field: 'input_tokens', op: 'eq', value: 11 }
    for (const nothing of [null, {}, { AND: [] }, { OR: [] }, { AND: null, OR: null }, { OR: [{}, no] }])
      assert.ok(passes(nothing))
    assert.ok(passes({ AND: [yes], OR: [no, yes] }))
    assert.ok(!passes({ AND: [yes], OR: [no] }))
    assert.ok(!passes({ AND: [no], OR: [yes] }))
    assert.ok(passes({ OR: [no, { AND: [yes, { OR: [no, yes] }] }] }))
  })
})

describe('what a condition may say', () => {
  const problem = (field: string, op: FilterOperator, value?: unknown) => {
    const checked = checkCondition({ field, op, value }, definitionOf(field))
    return checked.kind === 'problem' ? checked.code : checked
  }

  it('names the field, the operator or the value that does not fit', () => {
    assert.equal(problem('modelname', 'eq', 'x'), 'FIELDS_NOT_FOUND')
    assert.equal(problem('metadata.', 'eq', 'x'), 'FIELDS_NOT_FOUND')
    assert.equal(problem('model_name', 'gt', 'x'), 'FIELDS_BAD_REQUEST')
    assert.equal(problem('invoked_tools', 'eq', 'x'), 'FIELDS_BAD_REQUEST')
    for (const [field, op, value] of [
      ['input_tokens', 'eq', 'ten'],
      ['input_tokens', 'eq', 2.5],
      ['input_tokens', 'eq', ''],
      ['input_tokens', 'eq', Number.NaN],
      ['input_tokens', 'eq', 2 ** 60],
      ['total_time_elapsed', 'gt', '1e999'],
      ['total_time_elapsed', 'gt', [1]],
      ['timestamp', 'gt', 'yesterday'],
      ['timestamp', 'gt', 1_700_000_000],
      ['model_name', 'eq', null],
      ['model_name', 'eq', 5],
      ['model_name', 'contains', 'x'.repeat(10_001)],
      ['model_name', 'matches', 'x'.repeat(1_001)],
      ['invoked_tools', 'len_eq', -1],
      ['invoked_tools', 'includes', ['code']],
      ['error', 'isnull', 'yes'],
    ] as const)
      assert.equal(
        problem(field, op, value),
        'SEARCH_BAD_REQUEST',
        `${field} ${op} ${String(value).slice(0, 9)}`,
      )
    const advised = checkCondition({ field: 'error', op: 'eq', value: null }, definitionOf('error'))
    assert.match(advised.kind === 'problem' ? advised.message : '', /isnull/)
  })

  it('gives values the type of the field', () => {
    const value = (field: string, op: FilterOperator, given: unknown) => {
      const checked = checkCondition({ field, op, value: given }, definitionOf(field))
      return checked.kind === 'condition' ? checked.value : checked.message
    }
    assert.equal(value('input_tokens', 'gt', ' 1e3 '), 1000)
    assert.equal(value('model_name', 'eq', 'a\0b\ud800'), 'a\uFFFDb\uFFFD')
    assert.equal(value('timestamp', 'gt', '2026-05-01 12:30'), '2026-05-01T12:30:00.000000Z')
  })

  it('refuses a filter of too many conditions', () => {
    const condition: Filter = { field: 'input_tokens', op: 'gt', value: 1 }
    const many: Filter = { OR: Array.from({ length: 2 }, () => ({ AND: Array(501).fill(condition) })) }
    assert.equal(checkFilter(many, definitionOf)?.code, 'SEARCH_BAD_REQUEST')
    assert.equal(checkFilter({ AND: [condition, {}] }, definitionOf), undefined)
  })

  it('reads times', () => {
    assert.equal(canonicalInstant('2024-02-29T23:00:00.1234567-0130'), '2024-03-01T00:30:00.123456Z')
    assert.equal(canonicalInstant('2024-02-29T01:00+02'), '2024-02-28T23:00:00.000000Z')
    for (const wrong of [
      '2023-02-29',
      '2024-13-01',
      '2024-01-01T25:00',
      '0000-01-01',
      '9999-12-31T23:59-12',
      '',
    ])
      assert.equal(canonicalInstant(wrong), null, wrong)
  })
})
