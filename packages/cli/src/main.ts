#!/usr/bin/env node
import { CommanderError } from 'commander'
import { CliError } from './cli-error.ts'
import { fromServer } from './commands/server.ts'
import { createProgram } from './program.ts'
import { printable } from './terminal-text.ts'

// `… | head` closes our output early, which is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

try {
  await createProgram().parseAsync()
} catch (thrown) {
  const error = fromServer(thrown)
  if (error instanceof CommanderError) {
    // Help and version are no mistakes; what else Commander refuses, it has told already.
    process.exitCode = error.exitCode === 0 ? 0 : 2
  } else if (error instanceof CliError) {
    process.stderr.write(`tramontane: ${printable(error.message)}\n`)
    process.exitCode = error.exitCode
  } else {
    process.stderr.write(`tramontane: ${(error as Error).stack}\n`)
    process.exitCode = 1
  }
}
