import type { Random } from './random.ts'

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { AND: value }
  return value
}

/** Text that has broken programs before: storage, templates, paths, patterns, dates, numbers. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'x\udfffy',
  '\u202e\ufeff\u0000\uffff',
  '🫠'.repeat(300),
  'x'.repeat(3_000),
  'x'.repeat(100_000),
  '%s%n%x %00 %ff',
  `'; drop table events; --`,
  '\\',
  '\\u0000',
  '$1 $$ {{7*7}} {% for x in range(10**9) %}',
  '{{ ""|attr("__class__") }} {{ constructor.constructor("return process")() }}',
  '../../../../etc/passwd',
  '(a+)+$',
  '[',
  '(?<',
  '*',
  '__proto__',
  'constructor',
  'metadata.',
  'metadata.__proto__',
  '__judge_',
  '__judge_00000000000000000000000000000000',
  'NaN',
  '-0',
  '1e999',
  '99999999999999999999',
  '0x10',
  'null',
  'true',
  '0000-00-00T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '+275760-09-13T00:00:00Z',
  '2025-02-30T00:00:00Z',
  '01920000-0000-7000-8000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'eyJhIjoxfQ',
]

const HOSTILE_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  0.1,
  1e308,
  -1e308,
  5e-324,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e22,
  [],
  {},
  [null],
  [[]],
  [{}],
  { '': '' },
  { field: 'model_name', op: 'eq', value: 'x' },
  { AND: [] },
  { OR: [{ AND: [{ field: 'timestamp', op: 'gt', value: 'never' }] }] },
  Array.from({ length: 1_500 }, (_, index) => index),
  Array.from({ length: 600 }, () => 'x'),
  nested(100),
  nested(1_000),
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
]

/** Some value that the schema did not ask for, or one at the edge of what it did. */
export function hostileValue(random: Random): unknown {
  return random.chance(0.6) ? random.pick(HOSTILE_TEXTS) : random.pick(HOSTILE_VALUES)
}

/** Filters that fit the schema and ask for the impossible, or for a lot. */
export function hostileFilter(random: Random): unknown {
  const fields = [
    'timestamp',
    'model_name',
    'last_user_message_preview',
    'invoked_tools',
    'total_time_elapsed',
    'input_tokens',
    'api_agent_id',
    'event_id',
    'correlation_id',
    'metadata.a',
    'nothing',
    random.pick(HOSTILE_TEXTS),
  ]
  const operators = [
    ...[
      'lt',
      'lte',
      'gt',
      'gte',
      'eq',
      'neq',
      'isnull',
      'startswith',
      'istartswith',
      'endswith',
      'iendswith',
    ],
    ...['contains', 'icontains', 'matches', 'notcontains', 'inotcontains', 'includes', 'excludes', 'len_eq'],
  ]
  const condition = { field: random.pick(fields), op: random.pick(operators), value: hostileValue(random) }
  if (random.chance(0.5)) return condition
  return { [random.pick(['AND', 'OR'])]: [condition, hostileFilter(random)] }
}

/** A copy of a JSON value in which one place, anywhere, holds something hostile. */
export function mutate(value: unknown, random: Random): unknown {
  if (value === null || typeof value !== 'object' || random.chance(0.15)) return hostileValue(random)
  if (Array.isArray(value)) {
    if (value.length === 0 || random.chance(0.2)) return [...value, hostileValue(random)]
    const at = random.below(value.length)
    return value.map((item, index) => (index === at ? mutate(item, random) : item))
  }
  const entries = Object.entries(value)
  if (entries.length === 0 || random.chance(0.1))
    return Object.fromEntries([...entries, [random.pick(HOSTILE_TEXTS), hostileValue(random)]])
  const at = random.below(entries.length)
  if (random.chance(0.1)) return Object.fromEntries(entries.filter((_, index) => index !== at))
  return Object.fromEntries(
    entries.map(([key, item], index) => [
      key,
      index !== at ? item : key === 'filters' ? hostileFilter(random) : mutate(item, random),
    ]),
  )
}

/** Bodies that are no JSON, or JSON of the wrong kind. */
export const RAW_BODIES: readonly (string | Buffer)[] = [
  '',
  '{',
  'null',
  '0',
  '"text"',
  '[]',
  '{}',
  '{"a":1,}',
  '{"a":NaN}',
  '\ufeff{}',
  '{"__proto__":{"polluted":true}}',
  '{"a":1,"a":2}',
  '['.repeat(100_000),
  `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  Buffer.from([0xff, 0xfe, 0x00, 0x7b]),
  Buffer.from('{"name":"\xff\xfe"}', 'latin1'),
  Buffer.from([0x1f, 0x8b, 0x08, 0x00]),
]

/** Path segments and query values as they stand in the URL. */
export const RAW_URL_PARTS: readonly string[] = [
  '%00',
  '%ff',
  '%',
  '%E0%A4%A',
  '%2e%2e%2f%2e%2e',
  '%F0%9F%AB%A0',
  "'%20or%20'1'='1",
  'x'.repeat(450),
  'x'.repeat(2_000),
  '01920000-0000-7000-8000-000000000000',
  '01920000-0000-7000-8000-00000000000',
  '{}',
  '-1',
  '0',
  '1e9',
  '99999999999999999999',
  'NaN',
  'true',
  '__proto__',
  'metadata.%00',
  'metadata.a',
  'model_name',
  'timestamp',
]
