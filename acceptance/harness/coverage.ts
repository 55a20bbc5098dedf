import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { operationOf, sdkOperations } from './sdk-operations.ts'

const FILE = path.resolve(import.meta.dirname, '../COVERAGE.md')

/** Which operations were called through a version of the official client, and in which tests. */
export class Coverage {
  readonly version: string
  readonly #operations: readonly string[]
  readonly #passed = new Set<string>()
  readonly #failed = new Set<string>()
  readonly #calls: Set<string>[] = []

  constructor(version: string) {
    this.version = version
    this.#operations = sdkOperations(version)
  }

  /** Notes a call of this version of the client, which its user agent tells. */
  note(request: Request): void {
    if (request.headers.get('user-agent') !== `mistral-client-typescript/${this.version}`) return
    // Fragments are not sent, so a call for a stream is told by what it accepts.
    const fragment = request.headers.get('accept') === 'text/event-stream' ? '#stream' : ''
    const operation = operationOf(request.method, `${request.url}${fragment}`, this.#operations)
    if (operation) this.#calls.at(-1)?.add(operation)
  }

  /** Runs a test; the operations that it calls have passed if it does. */
  async during(test: () => Promise<void>): Promise<void> {
    const calls = new Set<string>()
    this.#calls.push(calls)
    try {
      await test()
      for (const operation of calls) this.#passed.add(operation)
    } catch (error) {
      for (const operation of calls) this.#failed.add(operation)
      throw error
    } finally {
      this.#calls.splice(this.#calls.indexOf(calls), 1)
    }
  }

  /** Operations that no passing test has called. */
  get missing(): string[] {
    return this.#operations.filter((operation) => this.stateOf(operation) !== 'passed')
  }

  stateOf(operation: string): string {
    if (!this.#operations.includes(operation)) return '–'
    if (this.#failed.has(operation)) return 'failed'
    return this.#passed.has(operation) ? 'passed' : 'not called'
  }

  get operations(): readonly string[] {
    return this.#operations
  }
}

/** Lets coverages see every call that a client makes in this process. */
export function watchCalls(coverages: readonly Coverage[]): void {
  const { fetch } = globalThis
  globalThis.fetch = (input, init) => {
    if (input instanceof Request) for (const coverage of coverages) coverage.note(input)
    return fetch(input, init)
  }
}

/** Writes the table of what passed. The file changes only when what it says does. */
export function writeCoverage(coverages: readonly Coverage[]): void {
  const operations = [...new Set(coverages.flatMap((coverage) => coverage.operations))].sort((a, b) =>
    sortKey(a).localeCompare(sortKey(b), 'en'),
  )
  const rows = operations.map(
    (operation) =>
      `| \`${operation}\` | ${coverages.map((coverage) => coverage.stateOf(operation)).join(' | ')} |`,
  )
  const text = `# Operations through the official clients

Made by \`npm test\` (\`acceptance/sdk.test.ts\`): each operation that a version of the official client
\`@mistralai/mistralai\` calls and this server serves, and whether the tests that call it passed. \`–\`: this version of the
client does not have it. \`#stream\`: the answer is a stream. Operations that only the vendor has are called too, and pass when
they answer \`FEATURE_NOT_SUPPORTED\`.

| operation | ${coverages.map(({ version }) => version).join(' | ')} |
|---|${'---|'.repeat(coverages.length)}
${rows.join('\n')}
`
  if (read() !== text) writeFileSync(FILE, text)
}

function sortKey(operation: string): string {
  const [method, template] = operation.split(' ')
  return `${template} ${method}`
}

function read(): string {
  try {
    return readFileSync(FILE, 'utf8')
  } catch {
    return ''
  }
}
