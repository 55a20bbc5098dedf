import type { Command } from 'commander'
import { sessionOf } from '../session.ts'
import { watchExecution } from '../watch-execution.ts'

/** `… watch`, below `workflows`, which start executions, and below `executions`, where one looks for it. */
export function watchCommand(parent: Command): void {
  parent
    .command('watch <execution>')
    .description("Show an execution's timeline as it grows, to its end; the exit code is 0 if it completes")
    .option('--all', "also the SDK's own activities")
    .action((id: string, options: { all?: boolean }, command: Command) =>
      watchExecution(sessionOf(command), id, { all: options.all === true }),
    )
}
