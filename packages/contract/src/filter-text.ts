import type { FieldDefinition } from './fields.ts'
import type { Filter, FilterCondition, FilterOperator } from './filter.ts'
import { checkCondition, type DefinitionOf, definitionFinder, type FilterProblem } from './filter-check.ts'
import { operatorOf, printedSpellings, spellName } from './filter-spelling.ts'
import { FilterSyntaxError, type Span } from './filter-syntax-error.ts'
import { type Token, Tokenizer } from './filter-tokens.ts'
import { nearestNames } from './nearest-names.ts'

/** As deep as the JSON of a filter can be on the wire. */
const MAX_DEPTH = 128

const adviceFor: Readonly<Record<string, string>> = {
  not: 'There is no NOT: use !=, not_contains, excludes or isnull false.',
  is: 'Write isnull, or isnull false.',
  like: 'Use contains, icontains, starts_with, ends_with or matches.',
  ilike: 'Use icontains, istarts_with, iends_with or matches.',
  in: 'Write a = "x" OR a = "y"; for a list that has a value, use includes.',
  '~': 'Use matches.',
  '=~': 'Use matches.',
  '!~': 'There is no operator for this: use not_contains.',
  '&&': 'Write AND.',
  '||': 'Write OR.',
  '!': 'There is no NOT: use !=, not_contains, excludes or isnull false.',
}

/**
 * Reads the text form of a filter:
 * `model_name = "x" AND (total_time_elapsed > 5 OR invoked_tools includes "web_search")`.
 *
 * - A condition is a field, an operator and a value: text in double or single quotes (escapes: `\n \r \t \\ \" \' \uXXXX`),
 *   a number, `true` or `false`. Times are written as text. `isnull` may go without a value: true.
 * - Operators: see `operatorSpellings`. `AND` binds tighter than `OR`; keywords and operators may be in any case.
 * - A metadata key with other characters than letters, digits, `_`, `-` and `.` is quoted: `metadata."my key"`.
 *
 * @param fields if given, fields, operators and values are checked against these definitions
 * @returns the tree in the normal form of `normaliseFilter`; null for blank text: every event
 * @throws FilterSyntaxError for the first mistake; `renderFilterError` shows it
 */
export function parseFilter(text: string, fields?: readonly FieldDefinition[]): Filter | null {
  return new Parser(text, fields).filter()
}

class Parser {
  readonly #source: string
  readonly #fields: readonly FieldDefinition[] | undefined
  readonly #definitionOf: DefinitionOf
  readonly #tokens: Tokenizer
  #token: Token
  #depth = 0

  constructor(source: string, fields: readonly FieldDefinition[] | undefined) {
    this.#source = source
    this.#fields = fields
    this.#definitionOf = definitionFinder(fields ?? [])
    this.#tokens = new Tokenizer(source)
    this.#token = this.#tokens.next()
  }

  filter(): Filter | null {
    if (this.#is('end')) return null
    const filter = this.#either()
    if (this.#is('close')) throw this.#error(this.#token, 'This parenthesis closes nothing.')
    if (!this.#is('end')) throw this.#notJoined()
    return filter
  }

  #advance(): Token {
    const token = this.#token
    this.#token = this.#tokens.next()
    return token
  }

  #is(kind: Token['kind']): boolean {
    return this.#token.kind === kind
  }

  #isKeyword(keyword: string): boolean {
    return this.#token.kind === 'word' && this.#token.text.toLowerCase() === keyword
  }

  #either(): Filter {
    const parts = this.#list('or', () => this.#all())
    return parts.length === 1 ? parts[0]! : { OR: parts }
  }

  #all(): Filter {
    const parts = this.#list('and', () => this.#part())
    return parts.length === 1 ? parts[0]! : { AND: parts }
  }

  #list(keyword: string, part: () => Filter): Filter[] {
    const parts = [part()]
    while (this.#isKeyword(keyword)) {
      this.#advance()
      parts.push(part())
    }
    return parts
  }

  #part(): Filter {
    if (!this.#is('open')) return this.#condition()
    const open = this.#advance()
    if (++this.#depth > MAX_DEPTH)
      throw this.#error(open, `Parentheses are nested deeper than ${MAX_DEPTH} levels.`)
    const inner = this.#either()
    if (this.#is('end')) throw this.#error(open, 'This parenthesis is not closed.')
    if (!this.#is('close')) throw this.#notJoined()
    this.#advance()
    this.#depth--
    return inner
  }

  #condition(): FilterCondition {
    const field = this.#field()
    const operatorToken = this.#token
    const op = this.#operator()
    const valueToken = this.#token
    const condition = { field: field.text, op, value: this.#value(op) }
    this.#check(condition, { field, operator: operatorToken, value: valueToken })
    return condition
  }

  #field(): Span & { text: string } {
    const token = this.#token
    if (token.kind === 'word' && token.text.toLowerCase() === 'not')
      throw this.#error(token, 'NOT is not supported.', adviceFor.not)
    if (token.kind === 'word' && /^(and|or)$/i.test(token.text))
      throw this.#error(token, `A condition is missing before ${token.text}.`)
    if ((token.kind === 'word' || token.kind === 'string') && token.text !== '') {
      this.#advance()
      return token
    }
    const isMissing = token.kind === 'end' || token.kind === 'close'
    throw this.#error(
      token,
      isMissing ? 'A condition is missing here.' : 'A condition begins with a field.',
      'A condition is a field, an operator and a value: model_name = "x".',
    )
  }

  #operator(): FilterOperator {
    const token = this.#token
    const example = 'Write an operator such as = or contains: model_name = "x".'
    if (token.kind !== 'word' && token.kind !== 'symbol')
      throw this.#error(token, 'An operator is missing here.', example)
    const op = operatorOf(token.text)
    if (op === undefined) {
      const known = adviceFor[token.text.toLowerCase()]
      throw this.#error(
        token,
        `There is no operator ${token.text}.`,
        known ?? didYouMean(nearestNames(token.text, printedSpellings)) ?? example,
      )
    }
    this.#advance()
    return op
  }

  #value(op: FilterOperator): string | number | boolean {
    const token = this.#token
    const isLast =
      token.kind === 'end' || token.kind === 'close' || this.#isKeyword('and') || this.#isKeyword('or')
    if (isLast && op === 'isnull') return true
    if (isLast) throw this.#error(token, 'A value is missing here.')
    if (token.kind === 'string' || token.kind === 'number') {
      this.#advance()
      return token.kind === 'string' ? token.text : token.value
    }
    if (this.#isKeyword('true') || this.#isKeyword('false')) {
      const isTrue = this.#isKeyword('true')
      this.#advance()
      return isTrue
    }
    if (token.kind !== 'word') throw this.#error(token, 'A value is text in quotes, a number, true or false.')
    const advice = this.#isKeyword('null')
      ? 'To ask for fields without a value, use isnull.'
      : `Text is written in quotes: "${token.text}".`
    throw this.#error(token, `${token.text} is not a value.`, advice)
  }

  #check(condition: FilterCondition, places: { field: Span; operator: Span; value: Span }): void {
    if (!this.#fields) return
    const checked = checkCondition(condition, this.#definitionOf(condition.field))
    if (checked.kind === 'condition') return
    throw this.#error(placeOf(checked, places), checked.message, this.#adviceOn(checked, condition))
  }

  #adviceOn({ code }: FilterProblem, { field }: FilterCondition): string | undefined {
    const names = this.#fields!.map(({ name }) => name)
    return code === 'FIELDS_NOT_FOUND' ? didYouMean(nearestNames(field, names).map(spellName)) : undefined
  }

  #notJoined(): FilterSyntaxError {
    const token = this.#token
    const text = 'text' in token ? token.text.toLowerCase() : ''
    return this.#error(
      token,
      'AND or OR is missing here.',
      adviceFor[text] ?? (token.kind === 'word' ? didYouMean(nearestNames(text, ['AND', 'OR'])) : undefined),
    )
  }

  #error({ start, end }: Span, message: string, advice?: string): FilterSyntaxError {
    return new FilterSyntaxError(message, { source: this.#source, span: { start, end }, advice })
  }
}

function placeOf({ code }: FilterProblem, places: { field: Span; operator: Span; value: Span }): Span {
  if (code === 'FIELDS_NOT_FOUND') return places.field
  return code === 'FIELDS_BAD_REQUEST' ? places.operator : places.value
}

function didYouMean(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `Did you mean ${names.join(' or ')}?`
}
