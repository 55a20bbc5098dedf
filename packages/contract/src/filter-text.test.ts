import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { eventFields, metadataField } from './fields.ts'
import { type Filter, filterOperators } from './filter.ts'
import { normaliseFilter, printFilter } from './filter-print.ts'
import { operatorSpellings } from './filter-spelling.ts'
import { FilterSyntaxError, renderFilterError } from './filter-syntax-error.ts'
import { parseFilter } from './filter-text.ts'

const condition = (field: string, op: (typeof filterOperators)[number], value: unknown): Filter => ({
  field,
  op,
  value,
})

function mistake(text: string, fields?: Parameters<typeof parseFilter>[1]): FilterSyntaxError {
  try {
    parseFilter(text, fields)
  } catch (error) {
    assert.ok(error instanceof FilterSyntaxError, String(error))
    return error
  }
  throw new Error(`no mistake was found in ${text}`)
}

describe('the text form of filters', () => {
  it('reads the documented example', () => {
    const tree = parseFilter(
      'model_name = "x" AND (total_time_elapsed > 5 OR invoked_tools includes "web_search")',
      eventFields,
    )
    assert.deepEqual(tree, {
      AND: [
        condition('model_name', 'eq', 'x'),
        {
          OR: [
            condition('total_time_elapsed', 'gt', 5),
            condition('invoked_tools', 'includes', 'web_search'),
          ],
        },
      ],
    })
  })

  it('binds AND tighter than OR, in any case', () => {
    assert.deepEqual(parseFilter('a=1 or b=2 AND c=3'), {
      OR: [condition('a', 'eq', 1), { AND: [condition('b', 'eq', 2), condition('c', 'eq', 3)] }],
    })
    assert.deepEqual(parseFilter('((a = 1))'), condition('a', 'eq', 1))
    assert.equal(parseFilter(' \n'), null)
  })

  it('reads every spelling of every operator', () => {
    for (const op of filterOperators)
      for (const spelling of operatorSpellings[op])
        for (const written of [spelling, spelling.toUpperCase()])
          assert.deepEqual(parseFilter(`f ${written} "v"`), condition('f', op, 'v'), written)
  })

  it('reads values and names', () => {
    assert.deepEqual(parseFilter('error isnull AND error isnull false'), {
      AND: [condition('error', 'isnull', true), condition('error', 'isnull', false)],
    })
    assert.deepEqual(parseFilter(String.raw`a = 'it\'s\n\u00e9"\\d'`), condition('a', 'eq', 'it\'s\né"\\d'))
    for (const [text, value] of [
      ['-5', -5],
      ['1.5e-3', 0.0015],
      ['.5', 0.5],
      ['TRUE', true],
      ['"2026-05-01"', '2026-05-01'],
    ] as const)
      assert.deepEqual(parseFilter(`a>=${text}`), condition('a', 'gte', value))
    for (const [name, field] of [
      ['metadata.user-id.x', 'metadata.user-id.x'],
      ['metadata."my key"', 'metadata.my key'],
      ["metadata.'and'", 'metadata.and'],
      ['__judge_0198', '__judge_0198'],
      ['"a field"', 'a field'],
      ['größe', 'größe'],
    ] as const)
      assert.deepEqual(parseFilter(`${name} = 1`), condition(field, 'eq', 1))
  })

  it('says where a mistake is, and what may have been meant', () => {
    const fields = [...eventFields, metadataField('team')]
    for (const [text, marked, message, advice] of [
      ['modelname = "x"', 'modelname', /no field "modelname"/, 'Did you mean model_name?'],
      ['error isnull AND tokens > 5', 'tokens', /no field/, 'Did you mean input_tokens or output_tokens?'],
      ['team = "a"', 'team', /no field/, 'Did you mean metadata.team?'],
      ['model_name contians "x"', 'contians', /no operator contians/, 'Did you mean contains?'],
      ['model_name start_with "x"', 'start_with', /no operator/, 'Did you mean starts_with?'],
      ['model_name > "x"', '>', /does not support/, undefined],
      ['input_tokens > "many"', '"many"', /must be a whole number/, undefined],
      ['timestamp > 2026-05-01T10:00Z', '2026-05-01T10:00Z', /not a number/, /quotes: "2026-05-01T10:00Z"/],
      ['model_name = mistral', 'mistral', /not a value/, 'Text is written in quotes: "mistral".'],
      ['model_name = null', 'null', /not a value/, /isnull/],
      ['model_name =', '', /value is missing/, undefined],
      ['NOT model_name = "x"', 'NOT', /not supported/, /not_contains/],
      ['(model_name = "x"', '(', /not closed/, undefined],
      ['model_name = "x")', ')', /closes nothing/, undefined],
      ['model_name = "x', '"x', /no closing quote/, undefined],
      ['model_name matches "\\d"', '\\d', /no escape/, /written \\\\/],
      ['model_name = "x" adn error isnull', 'adn', /AND or OR is missing/, 'Did you mean AND?'],
      ['model_name = "x" && error isnull', '&&', /AND or OR is missing/, 'Write AND.'],
      ['model_name = "x" AND', '', /condition is missing/, /model_name = "x"/],
      ['AND model_name = "x"', 'AND', /missing before AND/, undefined],
      ['()', ')', /condition is missing/, /./],
      ['error is null', 'is', /no operator is/, /isnull/],
      ['metadata. = 1', 'metadata.', /name follows the dot/, /metadata\."my key"/],
      ['model_name = [1]', '[', /cannot stand here/, undefined],
    ] as const) {
      const found = mistake(text, fields)
      assert.equal(text.slice(found.span.start, found.span.end), marked, text)
      assert.match(found.message, message, text)
      if (typeof advice === 'string' || advice === undefined) assert.equal(found.advice, advice, text)
      else assert.match(found.advice ?? '', advice, text)
    }
  })

  it('draws a caret under the mistake', () => {
    assert.equal(
      renderFilterError(mistake('error isnull AND\n  modelname = "x"', eventFields)),
      [
        'There is no field "modelname". (line 2, column 3)',
        '',
        '    modelname = "x"',
        '    ^^^^^^^^^',
        'Did you mean model_name?',
      ].join('\n'),
    )
    const long = renderFilterError(mistake(`${'error isnull OR '.repeat(50)}x ? 1`)).split('\n')
    assert.ok(long[2]!.length < 130, long[2])
    assert.equal(long[2]![long[3]!.indexOf('^')], '?')
  })

  it('bounds the nesting', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}a = 1${')'.repeat(depth)}`
    assert.deepEqual(parseFilter(nested(128)), condition('a', 'eq', 1))
    assert.match(mistake(nested(100_000)).message, /deeper than 128/)
  })
})

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.constantFrom('', '"', "'", '\\', '\\u', '\n', 'AND', 'null', '\ud800', '\u2028', '1', 'a.b'),
)
const field = fc.oneof(
  fc.constantFrom(
    ...eventFields.map(({ name }) => name),
    'and',
    'OR',
    'not',
    'metadata.',
    '5',
    'a-',
    '-a',
    'a..b',
  ),
  text.filter((name) => name !== ''),
  text.map((key) => `metadata.${key}`),
)
const value = fc.oneof(
  text,
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  fc.integer(),
)
const conditions = fc.record({ field, op: fc.constantFrom(...filterOperators), value })
const trees = fc.letrec<{ filter: Filter }>((tie) => {
  const parts = fc.option(fc.array(tie('filter'), { maxLength: 4 }))
  const group = fc.record({ AND: parts, OR: parts }, { requiredKeys: [] })
  return { filter: fc.oneof({ maxDepth: 5, depthSize: 'medium' }, conditions, group) }
}).filter

describe('printing a filter', () => {
  it('needs no more parentheses than the tree', () => {
    for (const written of [
      'a = 1 OR b = 2 AND c = 3',
      '(a = 1 OR b = 2) AND c = 3',
      '(a = 1 AND b = 2) AND c = 3',
      'metadata."my key" != "x" AND error isnull AND error isnull false',
    ])
      assert.equal(printFilter(parseFilter(written)), written)
    assert.equal(printFilter({ AND: [], OR: [{ AND: [condition('a', 'len_eq', 2)] }] }), 'a length_equals 2')
    assert.equal(printFilter(null), '')
    assert.throws(() => printFilter(condition('a', 'eq', null)), TypeError)
  })

  it('gives text that reads back to the same tree, whatever its strings and keys', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const normal = normaliseFilter(tree)
        const printed = printFilter(tree)
        assert.deepEqual(parseFilter(printed), normal)
        assert.equal(printFilter(normal), printed)
      }),
      { numRuns: 2_000 },
    )
  })

  it('answers any text with a tree or with a mistake inside it', () => {
    const word = fc.constantFrom(
      'a',
      '=',
      '(',
      ')',
      'AND',
      'or',
      '"x"',
      '5',
      'isnull',
      'contains',
      '.',
      '-',
      '\n',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          fc.array(word).map((words) => words.join(' ')),
        ),
        (source) => {
          try {
            parseFilter(source, eventFields)
          } catch (error) {
            assert.ok(error instanceof FilterSyntaxError, String(error))
            assert.ok(error.span.start <= error.span.end && error.span.end <= source.length)
            renderFilterError(error)
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
