import { once } from 'node:events'
import { commandName } from '@tramontane/server/platform/command-name'
import type { Command } from 'commander'
import { ApiClient } from './api-client.ts'
import { flagNames } from './flag-names.ts'
import { type ServerOptions, serverAddress } from './server-address.ts'
import { type Column, table } from './table.ts'
import { oneLine } from './terminal-text.ts'

interface GlobalOptions extends ServerOptions {
  readonly json?: boolean
}

/** What a command works with: the server, and the way to show things. */
export interface Session {
  readonly api: ApiClient
  /** Whether somebody named the server, or it is the one that this machine's settings start. */
  readonly isServerNamed: boolean
  /** Whether scripts read the output: JSON, nothing else. */
  readonly json: boolean
  /** A command as it is to be typed to reach the same server, for sentences that name one. */
  hint(command: string): string
  /** Writes a line to standard output. */
  print(text: string): void
  /** Writes a line to standard error: remarks that are no result. */
  remark(text: string): void
  /** Shows one thing: as JSON, or as `text` says. */
  show(value: unknown, text: string | (() => string)): void
  /** Shows a list: as JSON, or as a table; `empty` is said if there is nothing. */
  list<T>(rows: readonly T[], columns: readonly Column<T>[], empty: string): void
  /** Shows a list of any length as its pages come: one JSON list, or a table for each page. */
  listPages<T>(
    pages: AsyncIterable<readonly T[]>,
    columns: (rows: readonly T[]) => readonly Column<T>[],
    empty: string,
  ): Promise<void>
}

/** Waits until the reader of our output has taken what was written. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

async function writeJsonPages(pages: AsyncIterable<readonly unknown[]>): Promise<void> {
  let separator = '[\n'
  for await (const rows of pages) {
    for (const row of rows) {
      await write(separator + JSON.stringify(row))
      separator = ',\n'
    }
  }
  await write(separator === '[\n' ? '[]\n' : '\n]\n')
}

/** The session of a command, from its global options. */
export function sessionOf(command: Command): Session {
  const { json = false, ...options } = command.optsWithGlobals<GlobalOptions>()
  const { url, key, isNamed } = serverAddress(options)
  const remark = (text: string) =>
    // A progress bar may stand in the line.
    void process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}\n` : `${text}\n`)
  const leftOutBefore = new Set<string>()
  const writeTable = async <T>(rows: readonly T[], columns: readonly Column<T>[]) => {
    const { text, leftOut } = table(rows, columns, process.stdout.columns)
    await write(`${text}\n`)
    if (leftOut.every((title) => leftOutBefore.has(title))) return
    for (const title of leftOut) leftOutBefore.add(title)
    remark(`No room for ${leftOut.join(', ')}: a wider terminal shows more, --json everything.`)
  }
  const print = (text: string) => void process.stdout.write(`${text}\n`)
  return {
    api: new ApiClient(url, key, flagNames(command)),
    isServerNamed: isNamed,
    json,
    hint: (command) =>
      `${commandName} ${options.url === undefined ? '' : `--url ${options.url} `}${oneLine(command)}`,
    print,
    remark,
    show: (value, text) =>
      print(json ? JSON.stringify(value, null, 2) : typeof text === 'string' ? text : text()),
    list: (rows, columns, empty) => {
      if (json) print(JSON.stringify(rows, null, 2))
      else if (rows.length === 0) print(empty)
      else void writeTable(rows, columns)
    },
    listPages: async (pages, columns, empty) => {
      if (json) return writeJsonPages(pages)
      let isEmpty = true
      for await (const rows of pages) {
        if (rows.length === 0) continue
        isEmpty = false
        await writeTable(rows, columns(rows))
      }
      if (isEmpty) print(empty)
    },
  }
}
