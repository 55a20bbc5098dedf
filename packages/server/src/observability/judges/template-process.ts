import vm from 'node:vm'
import { Template } from '@huggingface/jinja'
import type { Rendered, RenderRequest } from './template-renderer.ts'

// The process in which users' templates run, started by `template-renderer.ts`. It has no environment and knows no
// more than the variables of a request. It is a process and no thread, because a template that allocates without end
// aborts the process that it runs in, and a thread's memory limit does not prevent that.

const MAX_CACHED = 50

interface Parsed {
  readonly template: Template
  readonly names: readonly string[]
}
const cache = new Map<string, Parsed>()

/** The variables that a template reads, found by walking its syntax tree. */
function namesIn(node: unknown, names: Set<string>): Set<string> {
  if (Array.isArray(node)) for (const child of node) namesIn(child, names)
  else if (node instanceof Map) for (const [key, value] of node) namesIn([key, value], names)
  else if (node !== null && typeof node === 'object') {
    const { type, value, object, computed } = node as Partial<Record<string, unknown>>
    if (type === 'Identifier' && typeof value === 'string') names.add(value)
    // `properties.user_message` reads `properties` alone.
    if (type === 'MemberExpression' && !computed) namesIn(object, names)
    else for (const child of Object.values(node)) namesIn(child, names)
  }
  return names
}

function parse(source: string): Parsed {
  const known = cache.get(source)
  if (known) return known
  const template = new Template(source)
  const parsed = { template, names: [...namesIn(template.parsed, new Set())] }
  if (cache.size >= MAX_CACHED) cache.clear()
  cache.set(source, parsed)
  return parsed
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 500) : 'unknown error'
}

/** Runs `work`, and breaks off whatever JavaScript it is in when the time is over. */
function withinTime(milliseconds: number, work: () => void): boolean {
  Object.assign(globalThis, { work })
  try {
    vm.runInThisContext('work()', { timeout: milliseconds })
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false
    throw error
  }
}

function renderOne({ template, names }: Parsed, variables: object, maxLength: number): Rendered {
  try {
    const text = template.render(variables as Record<string, unknown>)
    if (text.length <= maxLength) return { kind: 'text', text, names }
    return { kind: 'failed', message: `the text has ${text.length} characters; ${maxLength} are allowed` }
  } catch (error) {
    return { kind: 'failed', message: messageOf(error) }
  }
}

function answer({ template, variables, maxLength, timeLimitMs }: RenderRequest): Rendered[] {
  const overrun: Rendered = { kind: 'failed', message: `it takes longer than ${timeLimitMs} ms` }
  const answers: Rendered[] = []
  try {
    let parsed: Parsed | undefined
    if (!withinTime(timeLimitMs, () => (parsed = parse(template)))) return [overrun]
    const rest = variables.values()
    const one = (values: object) => answers.push(renderOne(parsed!, values, maxLength))
    // All in one go; from where that takes too long, each with the limit for itself.
    withinTime(timeLimitMs, () => variables.forEach(one))
    for (const values of rest.drop(answers.length))
      if (!withinTime(timeLimitMs, () => one(values))) answers.push(overrun)
  } catch (error) {
    // The library's parser runs over the end.
    const message = error instanceof TypeError ? 'it ends within a block or an expression' : messageOf(error)
    return [{ kind: 'syntax', message }]
  }
  return answers
}

process.on('message', (request: RenderRequest) => process.send!(answer(request)))
process.on('disconnect', () => process.exit())
// The time limit of the first request begins here: loading is not the template's fault.
process.send!('ready')
