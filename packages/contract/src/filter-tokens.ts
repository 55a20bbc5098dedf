import { bareSegment, escapes } from './filter-spelling.ts'
import { FilterSyntaxError, type Span } from './filter-syntax-error.ts'

/** A piece of the text form. A `word` is a name, a keyword or an operator; which one, its place decides. */
export type Token = Span &
  (
    | { readonly kind: 'word'; readonly text: string }
    | { readonly kind: 'string'; readonly text: string }
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'symbol'; readonly text: string }
    | { readonly kind: 'open' | 'close' | 'end' }
  )

const space = /\s*/uy
const number = /[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y
const symbol = /[=!<>~&|^%*:]+/y
const glued = /[\p{L}\p{N}_.:+-]*/uy

/** Reads the text form piece by piece. */
export class Tokenizer {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  /** @throws FilterSyntaxError */
  next(): Token {
    this.#take(space)
    const start = this.#at
    const character = this.#source[start]
    if (character === undefined) return { kind: 'end', start, end: start }
    if (character === '(' || character === ')') {
      this.#at++
      return { kind: character === '(' ? 'open' : 'close', start, end: this.#at }
    }
    if (character === '"' || character === "'") {
      const text = this.#string()
      return { kind: 'string', text, start, end: this.#at }
    }
    if (/[\d.+-]/.test(character)) return this.#number()
    const operator = this.#take(symbol)
    if (operator !== '') return { kind: 'symbol', text: operator, start, end: this.#at }
    return this.#name()
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const [found = ''] = pattern.exec(this.#source) ?? []
    this.#at += found.length
    return found
  }

  #number(): Token {
    const start = this.#at
    const digits = this.#take(number)
    const rest = this.#take(glued)
    const whole = digits + rest
    if (digits === '' || rest !== '') {
      const isTime = /^\d{4}-\d/.test(whole)
      throw this.#error(
        start,
        `${whole === '' ? this.#source[start] : whole} is not a number.`,
        isTime ? `A time is written in quotes: "${whole}".` : 'Text is written in quotes.',
      )
    }
    return { kind: 'number', value: Number(digits), start, end: this.#at }
  }

  #name(): Token {
    const start = this.#at
    let text = this.#take(bareSegment)
    if (text === '') {
      this.#at += this.#source.codePointAt(start)! > 0xffff ? 2 : 1
      throw this.#error(start, `${this.#source.slice(start, this.#at)} cannot stand here.`)
    }
    while (this.#source[this.#at] === '.') {
      this.#at++
      const isQuoted = this.#source[this.#at] === '"' || this.#source[this.#at] === "'"
      const segment = isQuoted ? this.#string() : this.#take(bareSegment)
      if (segment === '')
        throw this.#error(
          start,
          'A name follows the dot.',
          'A key with other characters is quoted: metadata."my key".',
        )
      text += `.${segment}`
    }
    return { kind: 'word', text, start, end: this.#at }
  }

  #string(): string {
    const start = this.#at
    const mark = this.#source[this.#at++]!
    let text = ''
    for (;;) {
      const character = this.#source[this.#at++]
      if (character === undefined) {
        this.#at = this.#source.length
        throw this.#error(start, 'This text has no closing quote.')
      }
      if (character === mark) return text
      text += character === '\\' ? this.#escape() : character
    }
  }

  #escape(): string {
    const start = this.#at - 1
    const letter = this.#source[this.#at++]
    if (letter === undefined) return ''
    if (letter === 'u') {
      const digits = /^[0-9a-fA-F]{4}$/.exec(this.#source.slice(this.#at, this.#at + 4))?.[0]
      if (digits) {
        this.#at += 4
        return String.fromCharCode(Number.parseInt(digits, 16))
      }
    }
    const known = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
    if (known === undefined)
      throw this.#error(start, `\\${letter} is no escape.`, 'A backslash itself is written \\\\.')
    return known
  }

  #error(start: number, message: string, advice?: string): FilterSyntaxError {
    return new FilterSyntaxError(message, { source: this.#source, span: { start, end: this.#at }, advice })
  }
}
