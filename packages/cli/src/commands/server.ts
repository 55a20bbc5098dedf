import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'

// The server's modules are loaded by the commands that need them: the others stay quick, and work without a database.

/** `tramontane serve` and `tramontane migrate`: what runs on this machine, from the settings in its environment. */
export function serverCommands(program: Command): void {
  program
    .command('serve')
    .description('Start the server (settings: TRAMONTANE_… variables, see example.env)')
    .action(async () => {
      const { runUntilStopped } = await import('@tramontane/server/run-until-stopped')
      await runUntilStopped()
    })

  program
    .command('migrate')
    .description("Bring the database's schema up to date, without starting the server")
    .action(async () => {
      const { withLocalDatabase } = await import('../local-database.ts')
      const { prepareDatabase } = await import('@tramontane/server/prepare-database')
      await withLocalDatabase((connection, logger) => prepareDatabase(connection, logger))
      process.stdout.write('The database schema is up to date.\n')
    })
}

/** Errors that the server's parts mean for the user's eyes, as this command line's own. */
export function fromServer(error: unknown): unknown {
  const isExpected =
    error instanceof Error && ['ConfigError', 'NewerSchemaError', 'MaintenanceError'].includes(error.name)
  return isExpected ? new CliError(error.message, { cause: error }) : error
}
